import Raft

/// A disk of values for the scopes: writes become durable in order, whole or not at all.
struct ModelDisk: Hashable {
    private(set) var durable: StoredState
    private var earlier = HardState.empty
    private var pending: [Persistence] = []

    init(storage: StorageID) {
        durable = StoredState(storage: storage, hardState: .empty)
    }

    var pendingCount: Int { pending.count }

    mutating func accept(_ write: Persistence) {
        pending.append(write)
    }

    /// The oldest write is durable from now on. Returns its number.
    mutating func complete() -> UInt64? {
        guard !pending.isEmpty else { return nil }
        let write = pending.removeFirst()
        if let hardState = write.hardState {
            earlier = durable.hardState
            durable.hardState = hardState
        }
        saveLog(of: write)
        return write.number
    }

    /// The process is gone, and none of what was on its way has reached the disk.
    mutating func loseUnwritten() { pending = [] }

    private mutating func saveLog(of write: Persistence) {
        guard let keep = write.keep else { return }
        let snapshot = write.snapshot ?? durable.log.snapshot
        // A log with a new snapshot takes the place of the old one in one step.
        let kept = write.snapshot == nil ? durable.log.entries.prefix { $0.index <= keep } : []
        durable.log = Log(snapshot: snapshot, entries: Array(kept) + write.entries)
    }

    /// A slip: an old version of the file is found.
    mutating func growOld() {
        if earlier.cluster != .none { durable.hardState = earlier }
    }

    /// A slip: the disk has forgotten how long a promise may be owed.
    mutating func forgetPromise() { durable.hardState.longestPromise = .zero }
}
