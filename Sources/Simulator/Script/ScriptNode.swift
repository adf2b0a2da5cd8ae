import Net
import Raft
import Time

/// One node of a script: the real core, and around it only what the script moves by hand. It has clocks of its own, a
/// disk, and a keeper that answers when it is told to.
struct ScriptNode {
    var settings: Settings
    /// What its operator and its links say of it.
    var fitness: Fitness
    /// What it reads on its clocks.
    var now: Instant
    /// What a crash leaves.
    var disk: StoredState
    /// What was written and is not durable yet, oldest first.
    var writes: [Persistence] = []
    /// The disk takes writes and never says that they are durable.
    var isDiskHanging = false
    /// Nil while the node is down.
    var raft: RaftNode?
    /// Counts the runs of the process.
    var boot: UInt64 = 0
    /// What its datagrams name.
    var cluster: ClusterID
    var keeper = ScriptKeeper()

    var id: NodeID { settings.id }

    static func id(_ number: UInt64) -> NodeID? { NodeID(String(number)) }

    /// Told apart by the node's number and by how often its disk was lost.
    static func storage(of number: UInt64, losses: UInt64 = 0) -> StorageID {
        StorageID(UInt128(losses) << 64 | UInt128(number))
    }

    static func endpoint(of number: UInt64) -> Endpoint {
        Endpoint(address: .v4(0x0a00_0000 + UInt32(truncatingIfNeeded: number)), port: 7946)
    }

    static let timing = Timing(
        heartbeat: .milliseconds(50),
        promise: .milliseconds(250),
        withdrawal: .milliseconds(10),
        slot: .milliseconds(10)
    )

    var sender: Sender { Sender(id: id, storage: disk.storage, boot: UInt128(boot)) }

    /// Starts the process with what is on the disk.
    mutating func start() {
        boot += 1
        writes = []
        keeper = ScriptKeeper()
        cluster = disk.hardState.cluster
        var settings = settings
        settings.fitness = fitness
        raft = RaftNode(
            settings,
            stored: disk,
            seed: UInt64(truncatingIfNeeded: disk.storage.bits) << 8 | boot,
            at: now
        )
    }

    /// Loses what is not durable. A machine without power has no address in its kernel either.
    mutating func crash() {
        raft = nil
        writes = []
        keeper = ScriptKeeper()
    }

    /// All that was written is durable from now on; the number of the last write.
    mutating func finishWrites() -> UInt64? {
        if isDiskHanging { return nil }
        let last = writes.last?.number
        for write in writes { disk.complete(write) }
        writes = []
        return last
    }
}

/// The process that holds the addresses: it obeys at once, but says so only when the script lets it.
struct ScriptKeeper {
    struct Holding {
        let term: Term
        let until: Instant
    }

    private var holding: Holding?
    /// What it was asked to take off and has not answered yet.
    private(set) var asked: Term?
    /// The last will that it was given to send when the agent is gone.
    var will: Term?

    /// True for the first of a term.
    mutating func hold(_ term: Term, until: Instant) -> Bool {
        let isFirst = holding?.term != term
        holding = Holding(term: term, until: until)
        return isFirst
    }

    mutating func withdraw(_ term: Term) { asked = max(asked ?? term, term) }

    /// The addresses are off.
    mutating func answer() -> Term? {
        defer { asked = nil }
        if let asked, let holding, holding.term <= asked { self.holding = nil }
        return asked
    }

    /// What is installed: nothing any more when the lease is over, whoever has forgotten to say so.
    func installed(at now: Instant) -> Holding? {
        guard let holding, !Deadline.either(holding.until).hasPassed(at: now) else { return nil }
        return holding
    }
}

extension StoredState {
    /// Has written all of it.
    mutating func complete(_ write: Persistence) {
        if let hardState = write.hardState { self.hardState = hardState }
        guard let keep = write.keep else { return }
        // A new snapshot takes the place of the whole log.
        let kept = write.snapshot == nil ? log.entries.prefix { $0.index <= keep } : []
        log = Log(snapshot: write.snapshot ?? log.snapshot, entries: kept + write.entries)
    }
}
