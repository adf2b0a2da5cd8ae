import Raft
import Time

/// A data directory: writes become durable in order, some time after they were asked for.
struct Disk {
    private(set) var durable: StoredState
    private var earlier = HardState.empty
    private var pending: [Persistence] = []

    init(storage: StorageID) {
        durable = StoredState(storage: storage, hardState: .empty, entries: [])
    }

    var pendingCount: Int { pending.count }

    mutating func accept(_ write: Persistence) {
        pending.append(write)
    }

    /// The oldest write is durable from now on. Returns its number.
    mutating func complete() -> UInt64? {
        guard !pending.isEmpty else { return nil }
        let write = pending.removeFirst()
        if let hardState = write.hardState { save(hardState) }
        saveLog(of: write, entries: write.entries.count)
        return write.number
    }

    /// The process or the machine is gone: of what was on its way some has reached the disk and the rest never will.
    mutating func crash(_ dice: inout Dice) {
        while !pending.isEmpty, dice.chance(0.5) { _ = complete() }
        if let torn = pending.first, dice.chance(0.5) { tear(torn, &dice) }
        pending = []
    }

    /// Term and vote come first, then the log, or a part of it, and last the cluster.
    private mutating func tear(_ write: Persistence, _ dice: inout Dice) {
        if var hardState = write.hardState {
            hardState.cluster = durable.hardState.cluster
            save(hardState)
        }
        if dice.chance(0.5) { saveLog(of: write, entries: dice.index(below: write.entries.count + 1)) }
    }

    private mutating func save(_ hardState: HardState) {
        earlier = durable.hardState
        durable.hardState = hardState
    }

    private mutating func saveLog(of write: Persistence, entries count: Int) {
        guard let keep = write.keep else { return }
        let kept = min(Int(keep.number), durable.entries.count)
        durable.entries.removeSubrange(kept...)
        durable.entries += write.entries.prefix(count)
    }

    /// Sabotage: an old version of the file is found.
    mutating func growOld() {
        if earlier.cluster != .none { durable.hardState = earlier }
    }

    /// Sabotage: the disk has forgotten how long a promise may be owed.
    mutating func forgetPromise() { durable.hardState.longestPromise = .zero }
}
