import Net
import Raft
import Time

/// One node on the bench: events go in by hand, time moves by hand, and the disk answers when told to.
struct Bench {
    var raft: RaftNode
    private(set) var now: Instant
    private var lastWrite: UInt64 = 0

    static let timing = Timing(
        heartbeat: .milliseconds(50),
        promise: .milliseconds(250),
        withdrawal: .milliseconds(10),
        slot: .milliseconds(10)
    )
    static let lease = timing.lease(ofPromise: timing.promise)
    static let start = Instant(boottime: 5_000_000_000, raw: 3_000_000_000)

    /// A member of a cluster of `count` that was founded before, with this state on its disk; by default it owes nothing.
    init(
        _ id: NodeID = .n1,
        of count: Int = 3,
        term: UInt64 = 0,
        vote: NodeID? = nil,
        promised: Duration = .zero,
        terms: [UInt64] = [],
        priority: UInt16 = 100,
        compaction: Int = 256
    ) {
        let members = Self.membership(count)
        let state = HardState(
            term: Term(term),
            vote: vote,
            longestPromise: promised,
            cluster: RaftNode.clusterID(of: members)
        )
        let log = Log(snapshot: RaftNode.founding(members), entries: Self.entries(terms))
        let stored = StoredState(storage: .of(id), hardState: state, log: log)
        self.init(id, of: count, stored: stored, priority: priority, compaction: compaction)
    }

    init(
        _ id: NodeID,
        of count: Int,
        stored: StoredState,
        founders: Set<NodeID>? = nil,
        priority: UInt16 = 100,
        compaction: Int = 256
    ) {
        let settings = Settings(
            id: id,
            nodes: Self.nodes(count),
            founders: founders,
            timing: Self.timing,
            fitness: Fitness(priority: priority, mayHold: true),
            compaction: compaction
        )
        now = Self.start
        raft = RaftNode(settings, stored: stored, seed: 1, at: now)
    }

    /// Behind the founders' snapshot: leaderships of these terms.
    static func entries(_ terms: [UInt64], after index: UInt64 = 1) -> [LogEntry] {
        terms.enumerated().map {
            LogEntry(index: LogIndex(index + 1 + UInt64($0)), term: Term($1), payload: .leadership)
        }
    }

    static func nodes(_ count: Int) -> [ConfiguredNode] {
        (1...count).map { ConfiguredNode(id: .numbered($0), endpoint: .numbered($0)) }
    }

    static func membership(_ count: Int) -> Membership {
        Membership(voters: nodes(count).map { Member(id: $0.id, storage: .of($0.id), endpoint: $0.endpoint) })
    }
}

extension Bench {
    mutating func step(_ event: Event) -> [Effect] {
        let effects = raft.step(event, at: now)
        for case .persist(let write) in effects { lastWrite = write.number }
        return effects
    }

    mutating func hear(_ message: Message, from id: NodeID) -> [Effect] {
        step(.received(message, from: Sender(id: id, storage: .of(id), boot: 1)))
    }

    /// All that was written is durable now.
    mutating func finishWrites() -> [Effect] { step(.persisted(lastWrite)) }

    /// Hears and writes; all that leaves by then.
    mutating func hearDurably(_ message: Message, from id: NodeID) -> [Effect] {
        hear(message, from: id) + finishWrites()
    }

    mutating func pass(_ span: Duration) { now = now + span }

    mutating func passBoottime(_ span: Duration) { now.boottime += span.nanoseconds }

    /// Waits for the next deadline and lets it happen.
    mutating func passDeadline() -> [Effect] {
        guard let left = raft.nextDeadline?.remaining(at: now) else { return [] }
        if left > .zero { pass(left) }
        return step(.timeElapsed)
    }

    /// Waits for the end of its patience, asks the others, and is granted the pre-vote by n2.
    mutating func campaign() -> [Effect] {
        // Deadlines of other things may come first.
        var others = 0
        while others < 100, !passDeadline().asksForPreVotes { others += 1 }
        let term = raft.term.next
        return hear(.granted(pre: term), from: .n2)
    }

    /// Is elected with the vote of n2.
    mutating func lead() -> [Effect] {
        _ = campaign()
        _ = finishWrites()
        return hear(.granted(raft.term), from: .n2)
    }

    /// The sequence number of the latest heartbeat among these effects.
    static func sequence(in effects: [Effect]) -> UInt64 {
        var last: UInt64 = 0
        for case .send(.append(let append), to: _) in effects { last = max(last, append.sequence) }
        return last
    }
}

extension NodeID {
    static let n1 = numbered(1)
    static let n2 = numbered(2)
    static let n3 = numbered(3)

    static func numbered(_ number: Int) -> NodeID {
        guard let id = NodeID("n\(number)") else { preconditionFailure("n\(number) is a name") }
        return id
    }
}

extension StorageID {
    static func of(_ id: NodeID) -> StorageID { StorageID(UInt128(id.text.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) })) }
}

extension Endpoint {
    static func numbered(_ number: Int) -> Endpoint { Endpoint(address: .v4(0x0a00_0000 + UInt32(number)), port: 7946) }
}

extension Message {
    static func granted(pre term: Term) -> Message {
        .preVoteReply(VoteReply(term: term, asked: term, isGranted: true, promiseLeft: .zero))
    }

    static func granted(_ term: Term) -> Message {
        .voteReply(VoteReply(term: term, asked: term, isGranted: true, promiseLeft: .zero))
    }

    static func request(_ term: UInt64, last index: UInt64 = 1, of lastTerm: UInt64 = 0, released: UInt64 = 0)
        -> VoteRequest
    {
        VoteRequest(
            term: Term(term),
            lastIndex: LogIndex(index),
            lastTerm: Term(lastTerm),
            released: Term(released)
        )
    }

    static func heartbeat(
        _ term: UInt64,
        _ sequence: UInt64 = 1,
        promise: Duration = Bench.timing.promise,
        after index: UInt64 = 1,
        of previousTerm: UInt64 = 0,
        commit: UInt64 = 1,
        entries: [LogEntry] = [],
        successors: [NodeID] = []
    ) -> Message {
        .append(
            Append(
                term: Term(term),
                sequence: sequence,
                promise: promise,
                previousIndex: LogIndex(index),
                previousTerm: Term(previousTerm),
                commit: LogIndex(commit),
                entries: entries,
                successors: successors
            )
        )
    }

    static func acknowledgement(
        _ term: Term,
        _ sequence: UInt64,
        upTo index: UInt64,
        promise: Duration = Bench.timing.promise,
        wish: ClusterTiming = Bench.timing.wish
    ) -> Message {
        .appendReply(
            AppendReply(
                term: term,
                sequence: sequence,
                promise: promise,
                index: LogIndex(index),
                isAccepted: true,
                fitness: Fitness(priority: 100, mayHold: true),
                wish: wish
            )
        )
    }
}

extension [Effect] {
    var messages: [Message] { compactMap { if case .send(let message, to: _) = $0 { message } else { nil } } }
    var writes: [Persistence] { compactMap { if case .persist(let write) = $0 { write } else { nil } } }
    var isSilent: Bool { messages.isEmpty }
    var asksForPreVotes: Bool { messages.contains { if case .preVote = $0 { true } else { false } } }

    func sent(to id: NodeID) -> [Message] {
        compactMap { if case .send(let message, to: id) = $0 { message } else { nil } }
    }

    var voteReplies: [VoteReply] { messages.compactMap { if case .voteReply(let reply) = $0 { reply } else { nil } } }
    var preVoteReplies: [VoteReply] {
        messages.compactMap { if case .preVoteReply(let reply) = $0 { reply } else { nil } }
    }
    var appendReplies: [AppendReply] {
        messages.compactMap { if case .appendReply(let reply) = $0 { reply } else { nil } }
    }
    var appends: [Append] { messages.compactMap { if case .append(let append) = $0 { append } else { nil } } }
    var holds: [Instant] { compactMap { if case .hold(_, let until) = $0 { until } else { nil } } }
}
