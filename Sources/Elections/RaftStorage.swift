internal import Linux
package import Raft
package import Storage
internal import Time

/// The durable state of a node, in the files of its data directory.
///
/// All calls block: they are made before the election begins, and then in the scribe. An error is final: every later
/// call throws it again.
package final class RaftStorage {
    private var files: DataDirectory
    private var state: DurableState<DataDirectory>

    /// Opens what is stored, or makes it: an empty directory gets a storage id before anything else.
    package static func open(
        directory: String,
        versions: StateVersions = .ofThisRelease
    ) throws(StorageError) -> (RaftStorage, StoredState) {
        let storage = try RaftStorage(try prepared(directory), versions)
        return (storage, storage.state.stored)
    }

    private init(_ files: DataDirectory, _ versions: StateVersions) throws(StorageError) {
        var files = files
        state = try files.explaining { () throws(DiskFailure) in
            try DurableState(in: &files, versions: versions) { StorageID(Random.uint128()) }
        }
        self.files = files
    }

    /// Makes a write durable, and returns how long the disk took.
    @discardableResult
    package func write(_ write: Persistence) throws(StorageError) -> Duration {
        let start = Clock.now()
        try files.explaining { () throws(DiskFailure) in try state.write(write, to: &files) }
        return Clock.now().longestElapsed(since: start)
    }

    /// Brings the second slot up to date. Call it when the write has been reported, with time to spare.
    package func settle() throws(StorageError) {
        try files.explaining { () throws(DiskFailure) in try state.settle(&files) }
    }
}

/// What can be seen without changing anything.
extension RaftStorage {
    /// Whether there is such a directory; one that others could put a state into is refused.
    package static func exists(directory: String) throws(StorageError) -> Bool {
        try DataDirectory(directory).exists()
    }

    /// What is stored; nil where nothing is. No agent may run there, which could be writing.
    package static func peek(directory: String) throws(StorageError) -> StoredState? {
        var files = DataDirectory(directory)
        guard try files.exists() else { return nil }
        return try files.explaining { () throws(DiskFailure) in try DurableState<DataDirectory>.peek(into: &files) }
    }
}

/// What an operator may order while no agent runs on the directory.
extension RaftStorage {
    /// Makes this node the only voter of another cluster; every other former member enters it with an empty disk.
    package static func recover(directory: String, as node: ConfiguredNode) throws(StorageError) -> StoredState {
        let storage = try open(directory: directory).0
        let cluster = ClusterID(Random.uint128())
        try storage.files.explaining { () throws(DiskFailure) in
            try storage.state.recover(as: node, cluster: cluster, in: &storage.files)
        }
        return storage.state.stored
    }

    /// These nodes found the cluster without waiting for the others, from this node's next start on.
    package static func order(_ founders: Set<NodeID>, directory: String) throws(StorageError) {
        var files = try prepared(directory)
        try files.explaining { () throws(DiskFailure) in
            try DurableState<DataDirectory>.order(founders, in: &files)
        }
    }

    /// What was ordered; nil when nothing was. Taken back when the node belongs to a cluster.
    package static func founders(directory: String) throws(StorageError) -> Set<NodeID>? {
        var files = try prepared(directory)
        return try files.explaining { () throws(DiskFailure) in try DurableState<DataDirectory>.founders(in: &files) }
    }

    private static func prepared(_ directory: String) throws(StorageError) -> DataDirectory {
        let files = DataDirectory(directory)
        try files.prepare()
        return files
    }
}

private typealias DiskFailure = StorageFailure<Errno>

extension DataDirectory {
    fileprivate func explaining<Value>(_ body: () throws(DiskFailure) -> Value) throws(StorageError) -> Value {
        do throws(DiskFailure) { return try body() } catch { throw StorageError(error, in: self) }
    }
}
