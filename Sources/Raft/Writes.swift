/// Which writes are under way, and which messages wait for them.
struct Writes: Hashable, Sendable {
    private struct Pending: Hashable {
        let number: UInt64
        /// The last log index that is durable when this write is; shrinks when the log is cut off meanwhile.
        var lastIndex: LogIndex
        let term: Term
        let hasHardState: Bool
        var messages: [Addressed] = []
    }

    struct Addressed: Hashable, Sendable {
        let message: Message
        let receiver: NodeID
    }

    /// The last entry that a crash cannot take away.
    private(set) var durableIndex: LogIndex
    private(set) var durableTerm: Term
    private(set) var lastNumber: UInt64 = 0
    private var pending: [Pending] = []

    init(durableIndex: LogIndex, durableTerm: Term) {
        self.durableIndex = durableIndex
        self.durableTerm = durableTerm
    }

    /// Whether term, vote and longest promise are on the disk as they are in memory.
    var isHardStateDurable: Bool { !pending.contains { $0.hasHardState } }

    func isDurable(_ number: UInt64) -> Bool { pending.allSatisfy { $0.number > number } }

    /// Notes a write and returns its number.
    mutating func begin(keep: LogIndex?, lastIndex: LogIndex, term: Term, hasHardState: Bool) -> UInt64 {
        if let keep { cutOff(after: keep) }
        lastNumber += 1
        pending.append(Pending(number: lastNumber, lastIndex: lastIndex, term: term, hasHardState: hasHardState))
        return lastNumber
    }

    private mutating func cutOff(after keep: LogIndex) {
        durableIndex = min(durableIndex, keep)
        for position in pending.indices { pending[position].lastIndex = min(pending[position].lastIndex, keep) }
    }

    /// Keeps a message back until all writes begun so far are durable; false when there are none.
    mutating func delay(_ message: Message, to receiver: NodeID) -> Bool {
        guard !pending.isEmpty else { return false }
        pending[pending.count - 1].messages.append(Addressed(message: message, receiver: receiver))
        return true
    }

    /// Takes the writes up to `number` as durable and returns the messages that waited for them, oldest first.
    mutating func finish(upTo number: UInt64) -> [Addressed] {
        var freed: [Addressed] = []
        while let first = pending.first, first.number <= number {
            durableIndex = max(durableIndex, first.lastIndex)
            durableTerm = first.term
            freed += first.messages
            pending.removeFirst()
        }
        return freed
    }
}

extension RaftNode {
    /// Writes the hard state as it is now.
    @discardableResult
    mutating func persistHardState() -> UInt64 { persist(hardState: hardState, keep: nil, entries: []) }

    @discardableResult
    mutating func persist(hardState: HardState?, keep: LogIndex?, entries: [LogEntry]) -> UInt64 {
        let number = writes.begin(
            keep: keep,
            lastIndex: lastIndex,
            term: term,
            hasHardState: hardState != nil
        )
        effects.append(
            .persist(Persistence(number: number, hardState: hardState, keep: keep, entries: entries))
        )
        return number
    }

    /// Sends once everything written so far is durable: for messages that a crash must not make untrue (§5.2).
    mutating func sendDurably(_ message: Message, to node: NodeID) {
        if !writes.delay(message, to: node) { send(message, to: node) }
    }

    mutating func finishWrites(upTo number: UInt64) {
        for addressed in writes.finish(upTo: number) { send(addressed.message, to: addressed.receiver) }
        switch state {
        case .waiting, .follower, .preCandidate: break
        case .candidate: countOwnVote()
        case .leader: advanceCommit()
        }
    }
}
