package import Raft

/// The durable state of a node, in the files `state` and `log`.
///
/// A value that knows what the files have; the files themselves come in with each call. After a failed write nothing is
/// known about what the disk has, so an error is final: every later call throws it again.
package struct DurableState<Files: DurableFiles> {
    package typealias Failure = StorageFailure<Files.Failure>

    /// As the files have it; after a failed write at least that.
    package private(set) var stored: StoredState
    private let versions: StateVersions
    private var version: UInt64
    private var logLength: Int
    private var isSettled = true
    private var failure: Failure?

    /// Opens what is stored, or makes it: an empty directory gets a storage id before anything else.
    ///
    /// What was read is written and synced again before it is used: it might have come from a cache whose way to the
    /// disk had failed.
    package init(
        in files: inout Files,
        versions: StateVersions = .ofThisRelease,
        newStorage: () -> StorageID
    ) throws(Failure) {
        self.versions = versions
        let found = try Self.load(from: &files, versions)
        stored = found?.stored ?? StoredState(storage: newStorage(), hardState: .empty)
        version = found?.version ?? 1
        // The log first: a log without a state is a directory that was being made, a state without a log is a loss.
        let image = EntryFile.image(stored.storage, stored.log, in: versions)
        logLength = image.count
        try files.give(.log, image)
        try files.give(.state, StateFile.image(content, in: versions))
        if stored.hardState.cluster != .none { try files.drop(.founders) }
    }

    private var content: StateFile.Content {
        StateFile.Content(version: version, storage: stored.storage, hardState: stored.hardState)
    }

    /// Makes a write durable.
    package mutating func write(_ write: Persistence, to files: inout Files) throws(Failure) {
        try attempt { (state) throws(Failure) in
            // To try the disk must put nothing at risk, and a bad second slot costs nothing.
            if write.isTrial { return try state.saveSecondSlot(&files) }
            let former = state.stored.hardState.cluster
            // Term and vote before the log, the cluster after it: so the log is never of a later term than the state,
            // and whoever belongs to a cluster has its beginning.
            if var hardState = write.hardState {
                hardState.cluster = former
                try state.save(hardState, &files)
            }
            try state.saveLog(of: write, &files)
            guard let hardState = write.hardState, hardState.cluster != former else { return }
            try state.save(hardState, &files)
            try files.drop(.founders)
        }
    }

    /// Brings the second slot up to date. Call it when the write has been reported, with time to spare.
    package mutating func settle(_ files: inout Files) throws(Failure) {
        try attempt { (state) throws(Failure) in
            if !state.isSettled { try state.saveSecondSlot(&files) }
        }
    }

    private mutating func attempt(_ body: (inout Self) throws(Failure) -> Void) throws(Failure) {
        if let failure { throw failure }
        do throws(Failure) {
            try body(&self)
        } catch {
            failure = error
            throw error
        }
    }
}

extension DurableState {
    /// Founds the cluster anew with this node as its only voter: by an operator's word, when a quorum is lost for good
    /// and every other node is stopped.
    ///
    /// The state comes first, with the new cluster's id: after a crash in between the log still names the old voters,
    /// but of another cluster. They do not hear this node, and it can only be told again.
    package mutating func recover(
        as node: ConfiguredNode,
        cluster: ClusterID,
        in files: inout Files
    ) throws(Failure) {
        let recovered: StoredState
        do throws(RecoveryFault) {
            recovered = try stored.recovered(as: node, cluster: cluster)
        } catch {
            throw .recovery(error)
        }
        try attempt { (state) throws(Failure) in
            // In one step: this node is the last, and must not be lost to a torn slot.
            try state.replace(recovered.hardState, &files)
            try state.rewrite(recovered.log, &files)
        }
    }
}

extension DurableState {
    private mutating func save(_ hardState: HardState, _ files: inout Files) throws(Failure) {
        guard hardState != stored.hardState else { return }
        let next = StateFile.Content(version: version + 1, storage: stored.storage, hardState: hardState)
        try files.writeDurably(StateFile.slot(next, in: versions), to: .state, at: 0)
        stored.hardState = hardState
        version = next.version
        isSettled = false
    }

    private mutating func replace(_ hardState: HardState, _ files: inout Files) throws(Failure) {
        let next = StateFile.Content(version: version + 1, storage: stored.storage, hardState: hardState)
        try files.give(.state, StateFile.image(next, in: versions))
        stored.hardState = hardState
        version = next.version
        isSettled = true
    }

    private mutating func saveSecondSlot(_ files: inout Files) throws(Failure) {
        try files.writeDurably(StateFile.slot(content, in: versions), to: .state, at: StateFile.secondSlot)
        isSettled = true
    }

    private mutating func saveLog(of write: Persistence, _ files: inout Files) throws(Failure) {
        if let snapshot = write.snapshot {
            return try rewrite(Log(snapshot: snapshot, entries: write.entries), &files)
        }
        guard let keep = write.keep else { return }
        if keep >= stored.log.lastIndex { return try append(write.entries, &files) }
        let start = stored.log.snapshot
        precondition(keep >= start.index, "a log from \(keep) on behind a snapshot up to \(start.index)")
        let kept = stored.log.entries.prefix(Int(keep.number - start.index.number))
        try rewrite(Log(snapshot: start, entries: kept + write.entries), &files)
    }

    private mutating func append(_ news: [LogEntry], _ files: inout Files) throws(Failure) {
        guard let first = news.first else { return }
        let last = stored.log.lastIndex
        precondition(first.index == last.next, "entry \(first.index) after \(last)")
        let records = news.reduce(into: []) { $0 += EntryFile.record($1) }
        try files.writeDurably(records, to: .log, at: logLength)
        stored.log.append(news)
        logLength += records.count
    }

    /// A snapshot, or a conflict with the leader, which is rare: the log gets its new content in one step, so that a
    /// crash leaves the old or the new one and never a mixture.
    private mutating func rewrite(_ log: Log, _ files: inout Files) throws(Failure) {
        let image = EntryFile.image(stored.storage, log, in: versions)
        try files.give(.log, image)
        stored.log = log
        logLength = image.count
    }
}
