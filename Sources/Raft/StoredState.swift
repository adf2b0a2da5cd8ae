/// What must not be forgotten: written and synced before any message that depends on it leaves (§5.2).
package struct HardState: Hashable, Sendable {
    package var term: Term
    package var vote: NodeID?
    /// The longest promise ever acknowledged; owed once after a restart.
    package var longestPromise: Duration
    /// `.none` until the node belongs to a cluster.
    package var cluster: ClusterID

    package init(term: Term, vote: NodeID?, longestPromise: Duration, cluster: ClusterID) {
        self.term = term
        self.vote = vote
        self.longestPromise = longestPromise
        self.cluster = cluster
    }

    package static let empty = HardState(term: Term(0), vote: nil, longestPromise: .zero, cluster: .none)
}

/// What a node finds in its data directory at start.
package struct StoredState: Hashable, Sendable {
    package var storage: StorageID
    package var hardState: HardState
    package var log: Log

    package init(storage: StorageID, hardState: HardState, log: Log = Log()) {
        self.storage = storage
        self.hardState = hardState
        self.log = log
    }
}

/// One write: all of it is durable before `Event.persisted(number)` says so.
///
/// Order within: term and vote, then the log (from the snapshot on, or cut off after `keep`; then `entries` appended),
/// then the cluster. So the log is never of a later term than the state, and whoever belongs to a cluster has its
/// beginning. A write of nothing tries the disk.
package struct Persistence: Hashable, Sendable {
    /// Counts up from 1 within a run; writes are completed in order.
    package let number: UInt64
    /// Nil: the hard state is as it was.
    package let hardState: HardState?
    /// The log begins with this snapshot from here on, and of the entries there were, `entries` are all that is left.
    package let snapshot: Snapshot?
    /// Nil: the log is as it was. Otherwise entries after this index are dropped before `entries` are appended.
    package let keep: LogIndex?
    package let entries: [LogEntry]

    package init(
        number: UInt64,
        hardState: HardState? = nil,
        snapshot: Snapshot? = nil,
        keep: LogIndex? = nil,
        entries: [LogEntry] = []
    ) {
        self.number = number
        self.hardState = hardState
        self.snapshot = snapshot
        self.keep = keep
        self.entries = entries
    }

    package var isTrial: Bool { hardState == nil && snapshot == nil && keep == nil }
}
