import Raft
import Time

/// A world in one order only: datagrams, writes and keepers take the same short time each, every deadline is met, and what
/// a link does not carry is lost.
struct TimedWorld {
    private enum Occurrence {
        case arrives(Kept<Letter>)
        case writeEnds(Int)
        case keeperAnswers(Int)
    }

    private(set) var world: World
    /// The links that work.
    var graph: LinkGraph
    private var agenda = Agenda<Occurrence>()
    private var writesNoted: [Int]
    private var answersNoted: [Bool]

    private(set) var holder: Int?
    private(set) var lastChange: Nanoseconds = 0
    private(set) var changes = 0
    private(set) var trace: Trace

    private static let delay = Nanoseconds.milliseconds(0.5)
    private static let write = Nanoseconds.milliseconds(0.3)

    init(_ world: World, graph: LinkGraph, isTraced: Bool) {
        self.world = world
        self.graph = graph
        writesNoted = world.hosts.map { _ in 0 }
        answersNoted = world.hosts.map { _ in false }
        trace = Trace(isOn: isTraced)
    }

    /// Everything up to this moment.
    mutating func go(until end: Nanoseconds) {
        while goOn(until: end) {}
        world.pass(to: end)
    }

    /// One occurrence, if there is one up to then.
    mutating func goOn(until end: Nanoseconds) -> Bool {
        let (deadline, event) = (nextDeadline ?? .max, agenda.next ?? .max)
        guard world.violation == nil, min(deadline, event) <= end else { return false }
        world.pass(to: min(deadline, event))
        if event <= deadline, let occurrence = agenda.take() {
            happen(occurrence)
        } else {
            for node in world.hosts.indices where world.isDue(node) { act(.wakes(UInt8(node))) }
        }
        noteHolder()
        return true
    }

    private var nextDeadline: Nanoseconds? {
        let moments = zip(world.hosts, world.setting.clocks).flatMap { host, clock in
            [host.value.raft?.nextDeadline.map(clock.moment(of:)), host.value.installed?.offBy]
        }
        return moments.compactMap { $0 }.min().map { max($0, world.moment) }
    }

    private mutating func happen(_ occurrence: Occurrence) {
        switch occurrence {
        case .arrives(let letter):
            // What was under way when the link broke is lost.
            guard graph.links(letter.value.from, to: letter.value.to) else { return }
            world.underWay = [letter]
            act(.arrives(0))
        case .writeEnds(let node):
            writesNoted[node] -= 1
            act(.writeEnds(UInt8(node)))
        case .keeperAnswers(let node):
            answersNoted[node] = false
            act(.keeperAnswers(UInt8(node)))
        }
    }

    private mutating func act(_ action: Action) {
        trace.note(world.moment, world.describe(action))
        world.perform(action)
        for letter in world.underWay { agenda.note(.arrives(letter), at: world.moment + Self.delay) }
        world.underWay = []
        for node in world.hosts.indices { noteWork(of: node) }
    }

    /// Lets disks and keepers begin with what they were given.
    private mutating func noteWork(of node: Int) {
        while writesNoted[node] < world.hosts[node].value.disk.pendingCount {
            writesNoted[node] += 1
            agenda.note(.writeEnds(node), at: world.moment + Self.write)
        }
        guard world.hosts[node].value.asked != nil, !answersNoted[node] else { return }
        answersNoted[node] = true
        agenda.note(.keeperAnswers(node), at: world.moment + Self.delay)
    }

    private mutating func noteHolder() {
        let present = world.hosts.firstIndex { $0.value.installed != nil }
        guard present != holder else { return }
        holder = present
        lastChange = world.moment
        changes += 1
        trace.note(world.moment, "holder: \(present.map { "n\($0 + 1)" } ?? "nobody")")
    }

    /// All processes end at this moment and begin again.
    mutating func restartAll() {
        world.allowance = Allowance(crashes: graph.nodes, restarts: graph.nodes)
        for node in world.hosts.indices { world.perform(.crashes(UInt8(node))) }
        for node in world.hosts.indices { world.perform(.keeperCleans(UInt8(node))) }
        self = TimedWorld(world, graph: graph, isTraced: trace.isOn)
        for node in world.hosts.indices { act(.restarts(UInt8(node))) }
    }
}
