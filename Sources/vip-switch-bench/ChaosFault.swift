import Raft

/// What `scripts/chaos` can do to a cluster: each kind is a function of that script, `do_KIND`, and mostly an `undo_KIND`.
struct ChaosFault {
    let name: String
    /// How often it is drawn beside the others.
    let weight: Int
    /// Milliseconds until it is undone; nil for what is over when it is done.
    let duration: ClosedRange<Int>?
    /// Whether it is done to a node, and not to the whole segment.
    let isOfNode: Bool
    let argument: Argument

    enum Argument {
        case none
        case oneOf([String])
        case percent(ClosedRange<Int>)
        case count(ClosedRange<Int>)
        /// Another node of the cluster.
        case peer
        /// To each node one of two sides.
        case sides
        /// Some of the directed pairs of nodes, as `n1>n2`.
        case arrows
    }

    private init(
        _ name: String,
        _ weight: Int,
        lasting duration: ClosedRange<Int>?,
        isOfNode: Bool = true,
        _ argument: Argument = .none
    ) {
        self.name = name
        self.weight = weight
        self.duration = duration
        self.isOfNode = isOfNode
        self.argument = argument
    }
}

extension ChaosFault {
    private static let killed = [
        "agent", "agent", "keeper", "keeper", "scribe", "runner", "log", "all", "all", "agent+keeper", "keeper+scribe",
    ]
    private static let stopped = ["agent", "agent", "keeper", "keeper", "scribe", "runner", "log", "all"]

    static let all: [ChaosFault] = [
        // Processes.
        ChaosFault("term", 5, lasting: 200...3000),
        ChaosFault("kill", 16, lasting: 200...4000, .oneOf(killed)),
        ChaosFault("stop", 14, lasting: 20...4000, .oneOf(stopped)),
        ChaosFault("freeze", 5, lasting: 50...4000),
        ChaosFault("busy", 2, lasting: 500...3000, isOfNode: false, .count(1...4)),
        ChaosFault("churn", 2, lasting: 500...3000, isOfNode: false),
        // The network.
        ChaosFault("link", 4, lasting: 100...4000),
        ChaosFault("cut", 4, lasting: 100...4000),
        ChaosFault("deaf", 3, lasting: 100...4000),
        ChaosFault("mute", 3, lasting: 100...4000),
        ChaosFault("pair", 3, lasting: 100...4000, .peer),
        ChaosFault("partition", 4, lasting: 100...4000, isOfNode: false, .sides),
        ChaosFault("arrows", 4, lasting: 100...4000, isOfNode: false, .arrows),
        ChaosFault("loss", 3, lasting: 300...4000, isOfNode: false, .percent(5...60)),
        ChaosFault("twice", 2, lasting: 300...4000, isOfNode: false, .percent(10...80)),
        // The interface.
        ChaosFault("down", 3, lasting: 100...3000),
        ChaosFault("mac", 2, lasting: 500...3000),
        // A stranger at the addresses.
        ChaosFault("delete", 4, lasting: nil),
        ChaosFault("flush", 3, lasting: 50...1500),
        ChaosFault("add", 3, lasting: nil),
        ChaosFault("permanent", 2, lasting: nil),
        // The disk.
        ChaosFault("fill", 3, lasting: 500...4000),
    ]

    static func draw(using dice: inout SeededRandom) -> ChaosFault {
        var rest = Int.random(in: 0..<all.reduce(0) { $0 + $1.weight }, using: &dice)
        for fault in all {
            rest -= fault.weight
            if rest < 0 { return fault }
        }
        preconditionFailure("the weights sum up to more than all of them")
    }
}

extension ChaosFault.Argument {
    func words(among nodes: [String], besides target: String, using dice: inout SeededRandom) -> [String] {
        switch self {
        case .none: []
        case .oneOf(let words): [words[Int.random(in: 0..<words.count, using: &dice)]]
        case .percent(let range), .count(let range): ["\(Int.random(in: range, using: &dice))"]
        case .peer: [Self.pick(nodes.filter { $0 != target }, using: &dice)]
        case .sides: nodes.map { "\($0)=\(Int.random(in: 0...1, using: &dice))" }
        case .arrows: Self.arrows(among: nodes, using: &dice)
        }
    }

    private static func pick(_ words: [String], using dice: inout SeededRandom) -> String {
        words[Int.random(in: 0..<words.count, using: &dice)]
    }

    /// At least one, so that something is done.
    private static func arrows(among nodes: [String], using dice: inout SeededRandom) -> [String] {
        let all = nodes.flatMap { from in nodes.filter { $0 != from }.map { "\(from)>\($0)" } }
        let share = Int.random(in: 15...60, using: &dice)
        let some = all.filter { _ in Int.random(in: 0..<100, using: &dice) < share }
        return some.isEmpty ? [pick(all, using: &dice)] : some
    }
}
