import Raft
import Time

/// How a cluster fares whose links are, from some moment on, those of a graph and stay so.
struct GraphRun {
    /// How the cluster comes to its graph.
    enum Start: String, CaseIterable, Sendable {
        /// A leader elected on the full graph has its lease; then links break.
        case led
        /// All agents start at once, on the broken graph, and each owes a promise.
        case restarted
        /// The first heartbeat of a new leader, which brings its first entry, has reached n2 alone; then links break. Here
        /// logs differ, and a hub that is behind cannot lead (§5.4.1): Raft's own limit, which is counted.
        case halfway
    }

    struct Outcome: Hashable, Sendable {
        var holder: Int?
        /// From the end of the links to the last change of the holder.
        var settled: Nanoseconds
        var changes: Int
        var risesForEver: Bool
        /// In the end some hub has the votes of a quorum, by its log.
        var isElectable: Bool
        var violation: Violation?
    }

    private let graph: LinkGraph
    private var timed: TimedWorld

    private static let timing = Timing.lan
    static let promise = timing.promise.nanoseconds
    /// In promises: until then all must have come to rest, and then it is watched for as long again.
    static let half: Nanoseconds = 8

    private init(_ graph: LinkGraph, seed: UInt64, isTraced: Bool) {
        let nodes = graph.nodes
        self.graph = graph
        let setting = World.Setting(nodes: nodes, timing: Self.timing, mortals: Array(0..<nodes), seed: seed)
        let full = LinkGraph(nodes: nodes, bits: LinkGraph.count(nodes: nodes) - 1)
        timed = TimedWorld(World(setting, disks: setting.founded), graph: full, isTraced: isTraced)
    }

    static func run(_ graph: LinkGraph, from start: Start, seed: UInt64) -> Outcome {
        var run = GraphRun(graph, seed: seed, isTraced: false)
        return run.run(from: start)
    }

    /// The same, told line by line.
    static func trace(_ graph: LinkGraph, from start: Start, seed: UInt64) -> [String] {
        var run = GraphRun(graph, seed: seed, isTraced: true)
        _ = run.run(from: start)
        return run.timed.trace.lines
    }

    private mutating func run(from start: Start) -> Outcome {
        begin(start)
        timed.graph = graph
        let (brokenAt, changes) = (timed.world.moment, timed.changes)
        timed.go(until: brokenAt + Self.half * Self.promise)
        let term = newestTerm
        timed.go(until: brokenAt + 2 * Self.half * Self.promise)
        return Outcome(
            holder: timed.holder,
            settled: max(0, timed.lastChange - brokenAt),
            changes: timed.changes - changes,
            risesForEver: newestTerm > term,
            isElectable: timed.world.hosts.indices.contains(where: isElectable),
            violation: timed.world.violation
        )
    }

    private mutating func begin(_ start: Start) {
        switch start {
        case .led: timed.go(until: .seconds(1))
        case .restarted:
            timed.go(until: .seconds(1))
            timed.restartAll()
        case .halfway:
            while timed.world.hosts[1].value.raft?.lastIndex != LogIndex(2), timed.goOn(until: .seconds(1)) {}
        }
    }

    private var newestTerm: Term { timed.world.hosts.compactMap { $0.value.raft?.term }.max() ?? Term(0) }

    private func isElectable(_ node: Int) -> Bool {
        let others = timed.world.hosts.indices.filter { other in
            other != node && graph.links(node, to: other) && graph.links(other, to: node) && !isAhead(other, of: node)
        }
        return others.count + 1 >= graph.nodes / 2 + 1
    }

    private func isAhead(_ other: Int, of node: Int) -> Bool {
        let (a, b) = (timed.world.hosts[other].value.logMark, timed.world.hosts[node].value.logMark)
        return (a.lastTerm ?? Term(0), a.last ?? LogIndex(0)) > (b.lastTerm ?? Term(0), b.last ?? LogIndex(0))
    }
}
