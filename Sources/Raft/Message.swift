package import Net

/// What nodes of one cluster say to each other. Every message fits in one datagram of 1,200 bytes.
package enum Message: Hashable, Sendable {
    /// "Would you vote for me?": a pure query (thesis §9.6).
    case preVote(VoteRequest)
    case preVoteReply(VoteReply)
    case vote(VoteRequest)
    case voteReply(VoteReply)
    /// Heartbeat and replication in one; whoever accepts it makes a promise.
    case append(Append)
    /// Also to a piece of a snapshot.
    case appendReply(AppendReply)
    /// For a node whose next entry was thrown away.
    case snapshot(SnapshotPiece)
    /// "I have released everything, campaign now": bound to the term that ends (thesis §3.10).
    case timeoutNow(TimeoutNow)
    /// "The leader of this term holds nothing any more, and never will again in it": a release or a last will.
    case released(Term)
    /// Before there is a cluster, and from one who does not know it yet.
    case hello(Hello)
}

package struct VoteRequest: Hashable, Sendable {
    /// The term that the candidate campaigns in, or would.
    package let term: Term
    package let lastIndex: LogIndex
    package let lastTerm: Term
    /// The newest term known to be released: one arrival of a will is enough for everyone.
    package let released: Term

    package init(term: Term, lastIndex: LogIndex, lastTerm: Term, released: Term) {
        self.term = term
        self.lastIndex = lastIndex
        self.lastTerm = lastTerm
        self.released = released
    }
}

package struct VoteReply: Hashable, Sendable {
    /// The voter's own term: a candidate that is refused with a higher one adopts it.
    package let term: Term
    /// The term that was asked for, so that a late answer is not counted for another campaign.
    package let asked: Term
    package let isGranted: Bool
    /// How much of its promise the voter still owes; zero when granted.
    package let promiseLeft: Duration

    package init(term: Term, asked: Term, isGranted: Bool, promiseLeft: Duration) {
        self.term = term
        self.asked = asked
        self.isGranted = isGranted
        self.promiseLeft = promiseLeft
    }
}

package struct Append: Hashable, Sendable {
    package let term: Term
    /// Counts up within the leader's run; the reply repeats it, and the leader knows when it sent that one.
    package let sequence: UInt64
    /// How long the receiver shall help nobody else, on its own clock from receipt.
    package let promise: Duration
    package let previousIndex: LogIndex
    package let previousTerm: Term
    package let commit: LogIndex
    package let entries: [LogEntry]
    /// Who shall campaign first when the leader falls silent, best first.
    package let successors: [NodeID]

    package init(
        term: Term,
        sequence: UInt64,
        promise: Duration,
        previousIndex: LogIndex,
        previousTerm: Term,
        commit: LogIndex,
        entries: [LogEntry],
        successors: [NodeID]
    ) {
        self.term = term
        self.sequence = sequence
        self.promise = promise
        self.previousIndex = previousIndex
        self.previousTerm = previousTerm
        self.commit = commit
        self.entries = entries
        self.successors = successors
    }
}

package struct AppendReply: Hashable, Sendable {
    package let term: Term
    package let sequence: UInt64
    /// What was promised from the receipt of `sequence` on; zero when nothing was.
    package let promise: Duration
    /// Accepted: the last index that is durable here and matches. Refused: where to try next.
    package let index: LogIndex
    package let isAccepted: Bool
    /// What the leader orders its successors by.
    package let fitness: Fitness
    /// What the sender's configuration asks for.
    package let wish: ClusterTiming

    package init(
        term: Term,
        sequence: UInt64,
        promise: Duration,
        index: LogIndex,
        isAccepted: Bool,
        fitness: Fitness,
        wish: ClusterTiming
    ) {
        self.term = term
        self.sequence = sequence
        self.promise = promise
        self.index = index
        self.isAccepted = isAccepted
        self.fitness = fitness
        self.wish = wish
    }
}

/// How much a node would like to hold the VIPs, and whether it may.
package struct Fitness: Hashable, Sendable {
    /// Higher is preferred.
    package var priority: UInt16
    /// False for a witness and for a node that could not hold them now.
    package var mayHold: Bool
    /// It would hold them badly, its link has no carrier say: it does so only where nobody sound can.
    package var isImpaired: Bool
    /// For a while the last of its like, whatever priority it was given; the others hear of it as of a priority of 0.
    package var isLast = false

    package init(priority: UInt16, mayHold: Bool, isImpaired: Bool = false) {
        self.priority = priority
        self.mayHold = mayHold
        self.isImpaired = isImpaired
    }

    /// 0 for a node that is to hold before those of 1, which are before those that never do.
    var reluctance: Int { !mayHold ? 2 : isImpaired ? 1 : 0 }
}

package struct TimeoutNow: Hashable, Sendable {
    /// The term of the leader that hands over.
    package let term: Term
    /// The leader's last index: a receiver whose log is shorter cannot win and does not try.
    package let lastIndex: LogIndex

    package init(term: Term, lastIndex: LogIndex) {
        self.term = term
        self.lastIndex = lastIndex
    }
}

package struct Hello: Hashable, Sendable {
    /// The nodes that the sender would found a cluster with; none when it is in one.
    package let nodes: [ConfiguredNode]
    package let storage: StorageID
    /// Nil: the sender's disk is empty.
    package let cluster: KnownCluster?
    /// The receiver's answer is still missing.
    package let wantsReply: Bool

    package init(nodes: [ConfiguredNode], storage: StorageID, cluster: KnownCluster?, wantsReply: Bool) {
        self.nodes = nodes
        self.storage = storage
        self.cluster = cluster
        self.wantsReply = wantsReply
    }
}

/// The cluster that the sender of a hello belongs to.
package struct KnownCluster: Hashable, Sendable {
    package let id: ClusterID
    /// Where the sender's log begins, for a receiver that begins one.
    package let snapshot: Snapshot
    /// The disk under the receiver's name in the committed membership: the receiver enters if it is its own.
    package let receiver: StorageID?

    package init(id: ClusterID, snapshot: Snapshot, receiver: StorageID?) {
        self.id = id
        self.snapshot = snapshot
        self.receiver = receiver
    }
}

/// A line of `cluster.nodes`.
package struct ConfiguredNode: Hashable, Sendable {
    package let id: NodeID
    package let endpoint: Endpoint

    package init(id: NodeID, endpoint: Endpoint) {
        self.id = id
        self.endpoint = endpoint
    }
}

/// Who sent a message, as the transport has proved it.
package struct Sender: Hashable, Sendable {
    package let id: NodeID
    package let storage: StorageID
    /// The random number of the sender's run.
    package let boot: UInt128

    package init(id: NodeID, storage: StorageID, boot: UInt128) {
        self.id = id
        self.storage = storage
        self.boot = boot
    }
}
