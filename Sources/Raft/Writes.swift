import Time

/// Which writes are under way, and which messages wait for them.
struct Writes: Hashable, Sendable {
    private struct Pending: Hashable {
        let number: UInt64
        /// The last log index that is durable when this write is; shrinks when the log is cut off meanwhile.
        var lastIndex: LogIndex
        /// Nil: the write has no hard state.
        let longestPromise: Duration?
        let begun: Instant
        var messages: [Addressed] = []
    }

    struct Addressed: Hashable, Sendable {
        let message: Message
        let receiver: NodeID
    }

    /// The last entry that a crash cannot take away.
    private(set) var durableIndex: LogIndex
    /// What would be owed after a crash now.
    private var durablePromise: Duration
    private(set) var lastNumber: UInt64 = 0
    /// How long the latest write that is durable had taken.
    private(set) var lastTook: Duration = .zero
    private var pending: [Pending] = []

    init(_ stored: StoredState) {
        durableIndex = stored.log.lastIndex
        durablePromise = stored.hardState.longestPromise
    }

    /// Whether term, vote and longest promise are on the disk as they are in memory.
    var isHardStateDurable: Bool { !pending.contains { $0.longestPromise != nil } }

    func isDurable(_ number: UInt64) -> Bool { pending.allSatisfy { $0.number > number } }

    /// When the oldest write that is not durable yet was asked for.
    var oldestBegun: Instant? { pending.first?.begun }

    /// What is owed after a crash, whenever it comes: a shorter promise may be on its way to the disk already, with the
    /// longer one behind it.
    var certainPromise: Duration { pending.reduce(durablePromise) { min($0, $1.longestPromise ?? $0) } }

    /// Notes the next write.
    mutating func begin(lastIndex: LogIndex, longestPromise: Duration?, at now: Instant) {
        lastNumber += 1
        pending.append(
            Pending(number: lastNumber, lastIndex: lastIndex, longestPromise: longestPromise, begun: now)
        )
    }

    /// What stood behind `keep` is not in the log any more, durable or not.
    mutating func cutOff(after keep: LogIndex) {
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
    mutating func finish(upTo number: UInt64, at now: Instant) -> [Addressed] {
        var freed: [Addressed] = []
        while let first = pending.first, first.number <= number {
            durableIndex = max(durableIndex, first.lastIndex)
            lastTook = now.longestElapsed(since: first.begun)
            durablePromise = first.longestPromise ?? durablePromise
            freed += first.messages
            pending.removeFirst()
        }
        return freed
    }
}

extension RaftNode {
    /// Writes the hard state as it is now; returns the write's number.
    @discardableResult
    mutating func persistHardState() -> UInt64 {
        persist(Persistence(number: writes.lastNumber + 1, hardState: hardState))
    }

    /// Writes `entries`, which the log has already, in the place of all behind `keep`.
    mutating func persist(_ entries: [LogEntry], after keep: LogIndex) {
        writes.cutOff(after: keep)
        persist(Persistence(number: writes.lastNumber + 1, keep: keep, entries: entries))
    }

    /// Writes the whole log as it is now, and the hard state where it has changed with it.
    mutating func persistLog(with hardState: HardState? = nil) {
        persist(
            Persistence(
                number: writes.lastNumber + 1,
                hardState: hardState,
                snapshot: log.snapshot,
                keep: log.snapshot.index,
                entries: log.entries
            )
        )
    }

    @discardableResult
    mutating func persist(_ write: Persistence) -> UInt64 {
        writes.begin(lastIndex: lastIndex, longestPromise: write.hardState?.longestPromise, at: now)
        effects.append(.persist(write))
        return write.number
    }

    /// Sends once everything written so far is durable: for messages that a crash must not make untrue (§5.2).
    mutating func sendDurably(_ message: Message, to node: NodeID) {
        if !writes.delay(message, to: node) { send(message, to: node) }
    }

    mutating func finishWrites(upTo number: UInt64) {
        for addressed in writes.finish(upTo: number, at: now) { send(addressed.message, to: addressed.receiver) }
        switch state {
        case .waiting, .follower, .preCandidate: break
        case .candidate: countOwnVote()
        case .leader:
            advanceCommit()
            changeMembershipIfDue()
        }
    }
}
