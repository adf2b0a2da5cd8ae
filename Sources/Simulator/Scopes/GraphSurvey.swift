/// Many link graphs of one size, and what became of the clusters on them.
package struct GraphSurvey: Sendable {
    package let nodes: Int
    /// Every graph, if it is small enough to be told so; otherwise one of each class, and then others by chance.
    private var queue: [LinkGraph]
    private let isEveryGraph: Bool
    private var dice: Dice
    private var next = 0

    private var tallies: [GraphRun.Start: Tally] = [:]
    package private(set) var failures: [String] = []
    /// After so many lines only the count goes on.
    private static let failureLimit = 300
    private static let traceLimit = 60
    package private(set) var failureCount = 0

    private struct Tally: Sendable {
        var runs = 0
        var held = 0
        var changes = 0
        /// Nobody holds, for every hub is behind one that it needs.
        var blocked = 0
        var blockedOn: LinkGraph?
        var worst: (settled: Nanoseconds, graph: LinkGraph)?

        mutating func note(_ outcome: GraphRun.Outcome, on graph: LinkGraph) {
            runs += 1
            changes = max(changes, outcome.changes)
            if outcome.holder == nil, graph.hasHub {
                blocked += 1
                blockedOn = blockedOn ?? graph
            }
            guard outcome.holder != nil else { return }
            held += 1
            if outcome.settled > worst?.settled ?? -1 { worst = (outcome.settled, graph) }
        }
    }

    package init(nodes: Int, seed: UInt64) {
        self.nodes = nodes
        isEveryGraph = nodes <= 4
        dice = Dice(seed: seed, stream: .network)
        let graphs =
            isEveryGraph
            ? (0..<LinkGraph.count(nodes: nodes)).map { LinkGraph(nodes: nodes, bits: $0) }
            : LinkGraph.classes(nodes: nodes)
        // Whoever has no time for all of them has seen some of each kind.
        queue = dice.shuffle(graphs)
    }

    /// Whether there is nothing left but chance.
    package var isThrough: Bool { next >= queue.count }

    /// Every graph there is.
    package var isExhausted: Bool { isThrough && isEveryGraph }

    package mutating func runNext() {
        let bits = UInt32(dice.index(below: Int(LinkGraph.count(nodes: nodes))))
        let graph = isThrough ? LinkGraph(nodes: nodes, bits: bits) : queue[next]
        next += 1
        for start in GraphRun.Start.allCases { run(graph, start) }
    }

    private mutating func run(_ graph: LinkGraph, _ start: GraphRun.Start) {
        let outcome = GraphRun.run(graph, from: start, seed: UInt64(graph.bits))
        tallies[start, default: Tally()].note(outcome, on: graph)
        guard let failure = Self.failure(of: outcome, on: graph, from: start) else { return }
        failureCount += 1
        guard failures.count < Self.failureLimit else { return }
        failures.append("\(start.rawValue), graph \(graph.bits) (\(graph)): \(failure)")
        let story = GraphRun.trace(graph, from: start, seed: UInt64(graph.bits))
        failures += story.suffix(Self.traceLimit).map { "  \($0)" }
    }

    /// What is wrong with how it went; nil: nothing.
    static func failure(
        of outcome: GraphRun.Outcome,
        on graph: LinkGraph,
        from start: GraphRun.Start
    ) -> String? {
        if let violation = outcome.violation { return "\(violation)" }
        if outcome.risesForEver { return "terms rise for ever" }
        switch (graph.hasHub, outcome.holder) {
        case (true, nil):
            let mayBeBlocked = start == .halfway && !outcome.isElectable
            return mayBeBlocked ? nil : "a node reaches and hears a quorum, and nobody leads"
        case (false, .some(let node)): return "nobody reaches and hears a quorum, and n\(node + 1) holds"
        case (false, nil): return nil
        case (true, .some):
            let isLate = outcome.settled > GraphRun.half * GraphRun.promise
            return isLate ? "the holder goes on changing" : nil
        }
    }

    /// One line for each way to begin.
    package var summary: [String] {
        GraphRun.Start.allCases.map { start in
            let tally = tallies[start] ?? Tally()
            let promises = tally.worst.map { Double($0.settled) / Double(GraphRun.promise) }
            let worst = promises.map { "\((($0 * 100).rounded(.up)) / 100) promises" } ?? "-"
            let graph = tally.worst.map { " (on \($0.graph))" } ?? ""
            return "\(nodes) nodes, \(start.rawValue): \(coverage), \(tally.held) with a holder in the end, "
                + "after at most \(worst)\(graph), at most \(tally.changes) changes\(blocked(tally))"
        }
    }

    private func blocked(_ tally: Tally) -> String {
        tally.blockedOn.map { "; \(tally.blocked) without one, for every hub's log is behind (first: \($0))" } ?? ""
    }

    private var coverage: String {
        let sampled = max(0, next - queue.count)
        if isEveryGraph { return isThrough ? "all \(queue.count) graphs" : "\(next) of \(queue.count) graphs" }
        let classes = "\(min(next, queue.count)) of \(queue.count) classes up to names"
        return "\(classes) and \(sampled) graphs by chance"
    }
}
