import Raft
import Time

/// One node of a small world: the real core, and beside it what a crash leaves.
struct Host: Hashable {
    /// An address in the kernel: of which term, and the true moment at which it is off at the latest.
    struct Installation: Hashable {
        let term: Term
        let offBy: Nanoseconds
    }

    /// Nil: the agent's process is gone.
    var raft: RaftNode?
    var disk: ModelDisk
    var run = 0

    // The keeper and its kernel.
    var installed: Installation?
    /// The keeper was asked to take the VIP off and has not answered yet.
    var asked: Term?
    var will: Term?

    // What the outside knows about it.
    var owed: [Checker.Owed] = []
    /// The newest term of which this node knows that nothing is held any more.
    var released = Term(0)
    /// The last vote that this run has decided upon, durable or not.
    var decided: Ballot?
    /// When the heartbeats came whose acknowledgements may still wait for the disk.
    var receipts: [Receipt] = []

    struct Ballot: Hashable {
        let term: Term
        let vote: NodeID
    }

    struct Receipt: Hashable {
        let term: Term
        let sequence: UInt64
        let at: Nanoseconds
    }

    init(disk: ModelDisk) { self.disk = disk }

    func isDue(at now: Instant) -> Bool { raft?.nextDeadline?.hasPassed(at: now) ?? false }

    /// Term, commit and length of the log: when none of them has moved, the log has not changed.
    var logMark: LogMark {
        LogMark(
            last: raft?.lastIndex,
            lastTerm: raft?.log.lastTerm,
            commit: raft?.commitIndex ?? LogIndex(0)
        )
    }

    struct LogMark: Hashable {
        let last: LogIndex?
        let lastTerm: Term?
        let commit: LogIndex
    }
}

/// A datagram under way. One that is never heard was lost: loss needs no action of its own.
struct Letter: Hashable {
    let sender: Sender
    let from: Int
    let to: Int
    let message: Message
}

/// A value that many worlds share and that is hashed once, if at all.
final class Kept<Value: Hashable> {
    private(set) var value: Value
    private var knownDigest: Int?

    init(_ value: Value) { self.value = value }

    var digest: Int {
        if let knownDigest { return knownDigest }
        let digest = value.hashValue
        knownDigest = digest
        return digest
    }

    /// For whoever is the only one to keep it.
    func change(_ body: (inout Value) -> Void) {
        knownDigest = nil
        body(&value)
    }
}
