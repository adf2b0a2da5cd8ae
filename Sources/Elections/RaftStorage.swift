internal import Linux
package import Raft
internal import Time

/// The durable state of a node, in the files `state` and `log` of its data directory.
///
/// All calls block: they are made before the election begins, and then in the scribe. After a failed write nothing is
/// known about what the disk has, so an error is final: every later call throws it again.
package final class RaftStorage {
    private let files: StoredFiles
    private var content: StateFile.Content
    /// As the log file has them.
    private var entries: [LogEntry]
    private var state: DurableFile
    private var log: DurableFile
    private var logLength: Int
    private var isSettled = true
    private var failure: StorageError?

    /// Opens what is stored, or makes it: an empty directory gets a storage id before anything else.
    ///
    /// What was read is written and synced again before it is used: it might have come from a cache whose way to the
    /// disk had failed.
    package static func open(directory: String) throws(StorageError) -> (RaftStorage, StoredState) {
        let files = StoredFiles(directory: directory)
        try files.prepareDirectory()
        let (content, entries) = try files.load()
        let storage = try RaftStorage(files, content, entries)
        return (storage, StoredState(storage: content.storage, hardState: content.hardState, entries: entries))
    }

    private init(_ files: StoredFiles, _ content: StateFile.Content, _ entries: [LogEntry]) throws(StorageError) {
        self.files = files
        self.content = content
        self.entries = entries
        // The log first: a log without a state is a directory that was being made, a state without a log is a loss.
        let image = EntryFile.image(content.storage, entries)
        logLength = image.count
        log = try files.replace(files.log, with: image)
        state = try files.replace(files.state, with: StateFile.image(content))
    }

    /// Makes a write durable, and returns how long the disk took.
    @discardableResult
    package func write(_ write: Persistence) throws(StorageError) -> Duration {
        let start = Clock.now()
        try finally { () throws(StorageError) in
            // Term and vote before the entries, the cluster after them: so the log is never of a later term than the
            // state, and whoever belongs to a cluster has its first entry.
            if var hardState = write.hardState {
                hardState.cluster = content.hardState.cluster
                try save(hardState)
            }
            try save(write.entries, after: write.keep)
            if let hardState = write.hardState { try save(hardState) }
        }
        return Clock.now().longestElapsed(since: start)
    }

    /// Brings the second slot up to date. Call it when the write has been reported, with time to spare.
    package func settle() throws(StorageError) {
        guard !isSettled else { return }
        try finally { () throws(StorageError) in try writeSlot(at: StateFile.secondSlot) }
        isSettled = true
    }

    private func finally(_ body: () throws(StorageError) -> Void) throws(StorageError) {
        if let failure { throw failure }
        do throws(StorageError) { try body() } catch {
            failure = error
            throw error
        }
    }
}

extension RaftStorage {
    private func save(_ hardState: HardState) throws(StorageError) {
        guard hardState != content.hardState else { return }
        content.hardState = hardState
        content.version += 1
        isSettled = false
        try writeSlot(at: 0)
    }

    private func writeSlot(at offset: Int) throws(StorageError) {
        try attempt(on: files.state) { () throws(Errno) in
            try state.write(StateFile.slot(content), at: offset)
            try state.synchronize()
        }
    }

    private func save(_ news: [LogEntry], after keep: LogIndex?) throws(StorageError) {
        if let keep, Int(keep.number) < entries.count { return try rewrite(entries.prefix(Int(keep.number)) + news) }
        guard let first = news.first else { return }
        precondition(Int(first.index.number) == entries.count + 1, "entry \(first.index) after \(entries.count)")
        let records = news.reduce([]) { $0 + EntryFile.record($1) }
        try attempt(on: files.log) { () throws(Errno) in
            try log.write(records, at: logLength)
            try log.synchronize()
        }
        entries += news
        logLength += records.count
    }

    /// A conflict with the leader, which is rare: the log gets its new content in one step, so that a crash leaves the
    /// old or the new one and never a mixture.
    private func rewrite(_ entries: [LogEntry]) throws(StorageError) {
        let image = EntryFile.image(content.storage, entries)
        log = try files.replace(files.log, with: image)
        self.entries = entries
        logLength = image.count
    }

    private func attempt(on path: String, _ body: () throws(Errno) -> Void) throws(StorageError) {
        do throws(Errno) { try body() } catch { throw .failed(act: "write", path: path, error) }
    }
}
