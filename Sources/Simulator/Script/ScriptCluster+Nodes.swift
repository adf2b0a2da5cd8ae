import Raft
import Time

/// Nodes that come, fail and come back.
extension ScriptCluster {
    /// With `voters=`, the nodes have founded their cluster before: its beginning is on their disks. Without, they know
    /// each other's names only, and those of the nodes before them.
    mutating func addNodes(_ arguments: inout ScriptArguments) throws(ScriptFault) {
        let count = try ScriptArguments.number(arguments.word("how many"), of: "add-nodes")
        let founders = try founders(&arguments)
        let compaction = try arguments.number("compaction").map { Int(clamping: $0) }
        try Self.expectWhatIsAlwaysOn(&arguments)
        try arguments.finish()
        guard (1...UInt64(Membership.limit)).contains(count), nodes.count + Int(count) <= Membership.limit else {
            throw ScriptFault("there may be \(Membership.limit) nodes, and there are \(nodes.count)")
        }
        let last = UInt64(nodes.count) + count
        var members = try Self.members(Array(1...last))
        if let founders { members = founders.state.membership.members }
        for number in UInt64(nodes.count) + 1...last {
            add(number, knowing: members, foundedAs: founders, compaction)
        }
    }

    /// The beginning of the log, at index 1 unless the script has it elsewhere.
    private func founders(_ arguments: inout ScriptArguments) throws(ScriptFault) -> Snapshot? {
        let index = try arguments.number("index") ?? 1
        let learners = try arguments.numbers("learners") ?? []
        guard let voters = try arguments.numbers("voters") else { return nil }
        guard (1...1_000_000).contains(index) else { throw ScriptFault("index= is at least 1, found \(index)") }
        let membership = Membership(voters: try Self.members(voters), learners: try Self.members(learners))
        return Snapshot(index: LogIndex(index), term: Term(0), state: ClusterState(membership: membership))
    }

    /// What the tests of etcd's raft turn on is on here.
    private static func expectWhatIsAlwaysOn(_ arguments: inout ScriptArguments) throws(ScriptFault) {
        for key in ["prevote", "checkquorum", "async-storage-writes"] {
            if let value = try arguments.value(key), value != "true" {
                throw ScriptFault("\(key)= is always true here, found '\(value)'")
            }
        }
    }

    private mutating func add(
        _ number: UInt64,
        knowing members: [Member],
        foundedAs founders: Snapshot?,
        _ compaction: Int?
    ) {
        guard let id = ScriptNode.id(number) else { return }
        let fitness = Fitness(priority: 100, mayHold: true)
        let configured = members.map { ConfiguredNode(id: $0.id, endpoint: $0.endpoint) }
        var settings = Settings(id: id, nodes: configured, timing: ScriptNode.timing, fitness: fitness)
        if let compaction { settings.compaction = compaction }
        let node = ScriptNode(
            settings: settings,
            fitness: fitness,
            // Its clocks show what those of the others do.
            now: nodes.last?.now ?? Self.start,
            disk: StoredState(storage: ScriptNode.storage(of: number), foundedAs: founders),
            cluster: .none
        )
        nodes.append(node)
        start(nodes.count - 1)
    }

    /// What the clocks show in the beginning: a machine that has been up for a while, and has slept for a part of it.
    private static let start = Instant(boottime: 5_000_000_000, raw: 3_000_000_000)

    private static func members(_ numbers: [UInt64]) throws(ScriptFault) -> [Member] {
        var members: [Member] = []
        for number in numbers {
            guard (1...UInt64(Membership.limit)).contains(number), let id = ScriptNode.id(number) else {
                throw ScriptFault("nodes have numbers from 1 to \(Membership.limit), found \(number)")
            }
            let endpoint = ScriptNode.endpoint(of: number)
            members.append(Member(id: id, storage: ScriptNode.storage(of: number), endpoint: endpoint))
        }
        return members
    }
}

extension ScriptCluster {
    /// Power is gone: what was not durable is lost, and what was on its way to the node. With `will` only the agent is:
    /// its keeper takes the VIPs off and tells the others.
    mutating func crash(_ arguments: inout ScriptArguments) throws(ScriptFault) {
        let place = try running(&arguments)
        let node = nodes[place]
        crash(place)
        guard arguments.flag("will"), let term = node.keeper.will else { return }
        for member in node.settings.nodes where member.id != node.id {
            parcels.append(
                Parcel(message: .released(term), sender: node.sender, receiver: member.id, cluster: node.cluster)
            )
        }
    }

    /// Starts a node again, with what is on its disk, or with what the script says is there.
    mutating func restart(_ arguments: inout ScriptArguments) throws(ScriptFault) {
        let place = try place(of: arguments.word("the number of a node"))
        if arguments.flag("wiped") { wipe(place) } else { try write(&arguments, on: place) }
        try arguments.finish()
        crash(place)
        start(place)
    }

    private mutating func crash(_ place: Int) {
        nodes[place].crash()
        // What was sealed for the run that has ended does not open in the next.
        parcels.removeAll { $0.receiver == nodes[place].id }
        delayed.removeAll { $0.receiver == nodes[place].id }
    }

    /// The first look at the clock tells what it is.
    private mutating func start(_ place: Int) {
        nodes[place].start()
        step(place, .timeElapsed)
    }

    /// An emptied disk is a new identity.
    private mutating func wipe(_ place: Int) {
        let bits = nodes[place].disk.storage.bits
        nodes[place].disk = StoredState(storage: StorageID(bits + 1 << 64), foundedAs: nil)
    }

    private mutating func write(_ arguments: inout ScriptArguments, on place: Int) throws(ScriptFault) {
        var disk = nodes[place].disk
        if let terms = try arguments.numbers("log") { disk.rewrite(terms) }
        if let term = try arguments.number("term") { disk.hardState.term = Term(term) }
        if let vote = try arguments.number("vote") { disk.hardState.vote = ScriptNode.id(vote) }
        if let word = try arguments.value("promised") {
            guard let promised = Duration.script(word) else { throw ScriptFault("promised= takes a duration") }
            disk.hardState.longestPromise = promised
        }
        let lastTerm = disk.log.lastTerm
        if lastTerm > disk.hardState.term { throw ScriptFault("a log of term \(lastTerm) needs term= as high") }
        nodes[place].disk = disk
    }
}

extension StoredState {
    /// The disk of a member of a cluster whose log begins like this; nil: an empty disk.
    init(storage: StorageID, foundedAs beginning: Snapshot?) {
        self.init(storage: storage, hardState: .empty)
        guard let beginning else { return }
        hardState.cluster = RaftNode.clusterID(of: beginning.state.membership)
        log = Log(snapshot: beginning)
    }

    /// Behind the snapshot: the first entries of leaders of these terms.
    mutating func rewrite(_ terms: [UInt64]) {
        let entries = zip((log.snapshot.index.number + 1)..., terms).map {
            LogEntry(index: LogIndex($0), term: Term($1), payload: .leadership)
        }
        log = Log(snapshot: log.snapshot, entries: entries)
    }
}
