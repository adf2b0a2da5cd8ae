import Linux
import Simulator

/// `sabotages`: after how many random seeds each planted mistake is found, and by which rule, as the rows of a table.
struct SabotagesCommand {
    private var kinds = Sabotage.allCases
    private var ranges = 5
    private var limit: UInt64 = 5000
    private var outcomeLimit: UInt64 = 500
    private var jobs = Options.cores
    private var isHelpWanted = false

    static let usage = """
        usage: vip-switch-simulate sabotages [--kind NAME] [--ranges N] [--limit SEEDS] [--alone SEEDS] [--jobs N]

        Plants each mistake into clusters of 3 to 5 nodes that live for 20 s, and counts the seeds until a rule of safety is
        broken: the first rule that is, and then exclusivity alone, as if nobody looked at any other.

          --ranges N       as many disjoint ranges of seeds (default 5); the median and the worst are printed
          --limit SEEDS    gives a range up after so many (default 5000),
          --alone SEEDS    and where only exclusivity is looked at, after so many (default 500)

        Ends with 0; with 1 when a mistake was not found in each of the ranges; with 2 when the command line is wrong.
        """

    init(_ words: [String]) throws(UsageError) {
        var arguments = Arguments(words)
        while let option = arguments.next() {
            switch option {
            case "--help", "-h": isHelpWanted = true
            case "--kind": kinds = [try arguments.choice(of: option)]
            case "--ranges": ranges = try arguments.count(of: option, in: 1...1000)
            case "--limit": limit = UInt64(try arguments.count(of: option, in: 1...Int(Self.rangeLength)))
            case "--alone": outcomeLimit = UInt64(try arguments.count(of: option, in: 1...Int(Self.rangeLength)))
            case "--jobs": jobs = try arguments.count(of: option, in: 1...256)
            default: throw UsageError("unknown option \(option)")
            }
        }
    }

    private static let rangeLength: UInt64 = 1_000_000

    func run() throws(Errno) -> Int32 {
        if isHelpWanted {
            try StandardStream.output.write(Self.usage + "\n")
            return 0
        }
        var missed = 0
        try StandardStream.output.write(PlantedBugRow.head + "\n")
        for kind in kinds {
            let row = PlantedBugRow(kind, found: try hunts(kind, nil), outcome: try hunts(kind, .exclusivity))
            missed += row.isFound ? 0 : 1
            try StandardStream.output.write(row.text + "\n")
        }
        return missed == 0 ? 0 : 1
    }

    private func hunts(_ kind: Sabotage, _ rule: Violation.Rule?) throws(Errno) -> [PlantedBugRow.Find?] {
        var finds: [PlantedBugRow.Find?] = []
        for range in 0..<UInt64(ranges) { finds.append(try hunt(kind, rule, from: range * Self.rangeLength + 1)) }
        return finds
    }

    /// Nil: nothing was found.
    private func hunt(
        _ kind: Sabotage,
        _ rule: Violation.Rule?,
        from first: UInt64
    ) throws(Errno) -> PlantedBugRow.Find? {
        let swarm = Swarm(nodes: 3...5, seconds: 20, exclusivity: kind.exclusivity, sabotage: kind)
        let count = rule == nil ? limit : outcomeLimit
        var crew = try Crew(first...(first + count - 1), jobs: jobs) { seed in
            var plan = Plan.random(seed: seed, swarm)
            plan.rule = rule
            let violation = Simulation(plan).run().violation
            return violation.flatMap { $0.rule.isSafety ? "\($0.rule)" : nil } ?? ""
        }
        var find: PlantedBugRow.Find?
        while find == nil, let (seed, word) = try crew.next() {
            // A run that goes on behind a broken rule may die of it: then it has found nothing.
            if case .told(let rule) = word, !rule.isEmpty { find = .init(seeds: seed - first + 1, rule: rule) }
        }
        try crew.end()
        return find
    }
}

/// What was found of one mistake.
struct PlantedBugRow {
    struct Find {
        /// How many it took.
        let seeds: UInt64
        let rule: String
    }

    private let kind: Sabotage
    private let found: [Find?]
    private let outcome: [Find?]

    init(_ kind: Sabotage, found: [Find?], outcome: [Find?]) {
        self.kind = kind
        self.found = found
        self.outcome = outcome
    }

    var isFound: Bool { found.allSatisfy { $0 != nil } }

    static let head = """
        | mistake | `--sabotage` | faults | found by | median | worst | exclusivity alone: median | worst |
        |---|---|---|---|--:|--:|--:|--:|
        """

    var text: String {
        let faults = kind.exclusivity == .spared ? "" : "`--\(kind.exclusivity.rawValue)`"
        let rules = Set(found.compactMap { $0?.rule }).sorted().map { "`\($0)`" }.joined(separator: ", ")
        let cells = [kind.summary, "`\(kind.rawValue)`", faults, rules] + Self.spread(found) + Self.spread(outcome)
        return "| " + cells.joined(separator: " | ") + " |"
    }

    /// The median and the worst; a range in which nothing was found is worse than all others.
    private static func spread(_ finds: [Find?]) -> [String] {
        let seeds = finds.map { $0?.seeds ?? .max }.sorted()
        return [seeds[(seeds.count - 1) / 2], seeds[seeds.count - 1]].map { $0 == .max ? "–" : "\($0)" }
    }
}
