import Raft
import Storage
import Time

/// A data directory and the scribe that writes to it: the program's own rules of storage, on simulated files.
///
/// A write is carried out when its time is over. If a crash comes before, it is carried out up to some byte.
struct Disk {
    private var files: SimulatedFiles
    /// What the scribe of this run knows; nil where none runs.
    private var state: DurableState<SimulatedFiles>?
    /// What was durable when the last run ended: the next one finds that at least.
    private var left: StoredState
    private var pending: [Persistence] = []
    /// Sabotage: the disk as it was before the hard state changed last.
    private var former: SimulatedFiles?
    private let keepsFormer: Bool

    /// No write is answered, and no process can open the files.
    private(set) var isHung = false

    /// - Parameter storage: The identity that an empty directory gets.
    init(storage: StorageID, dice: Dice, keepsFormer: Bool) {
        files = SimulatedFiles(dice: dice)
        left = StoredState(storage: storage, hardState: .empty)
        self.keepsFormer = keepsFormer
    }

    /// What no crash can take away any more.
    var durable: StoredState { state?.stored ?? left }
    var storage: StorageID { state?.stored.storage ?? left.storage }
    var pendingCount: Int { pending.count }

    /// As a process does at its start.
    mutating func open() throws(DurableState<SimulatedFiles>.Failure) -> StoredState {
        let storage = left.storage
        let opened = try DurableState(in: &files) { storage }
        state = opened
        return opened.stored
    }

    /// An operator has emptied the directory.
    mutating func empty(storage: StorageID) {
        self = Disk(storage: storage, dice: files.dice, keepsFormer: keepsFormer)
    }

    mutating func accept(_ write: Persistence) { pending.append(write) }

    enum Completion {
        case durable(UInt64)
        /// The disk is not to be trusted any more.
        case failed
    }

    /// The oldest write is durable from now on, or never.
    mutating func complete() -> Completion? {
        guard !isHung, !pending.isEmpty else { return nil }
        let write = pending.removeFirst()
        if keepsFormer, write.hardState != nil { former = files }
        do throws(DurableState<SimulatedFiles>.Failure) {
            try carryOut(write)
            return .durable(write.number)
        } catch {
            return .failed
        }
    }

    /// The second slot is brought up to date before the next write, when the last one was reported.
    private mutating func carryOut(_ write: Persistence) throws(DurableState<SimulatedFiles>.Failure) {
        files.history = []
        try state?.settle(&files)
        try state?.write(write, to: &files)
    }

    /// The process is gone: of what was on its way some has reached the disk, and the rest never will.
    mutating func crash(_ dice: inout Dice) {
        while !pending.isEmpty, !isHung, dice.chance(0.5) { _ = complete() }
        if let write = pending.first { cut(write, &dice) }
        pending = []
        left = durable
        state = nil
    }

    private mutating func cut(_ write: Persistence, _ dice: inout Dice) {
        var done = self
        try? done.carryOut(write)
        files.history = done.files.history
        files.fuse = files.randomFuse(&dice)
        let before = durable
        try? carryOut(write)
        files.fuse = nil
        left = before
        state = nil
    }

    /// The kernel is gone, too.
    mutating func losePower() { files.losePower(tearingSectors: false) }
}

/// What goes wrong with it.
extension Disk {
    mutating func hang(_ isHung: Bool) { self.isHung = isHung }
    mutating func fill(_ isFull: Bool) { files.isFull = isFull }
    mutating func failToSynchronize(_ fails: Bool) { files.failsToSynchronize = fails }

    mutating func mend() {
        isHung = false
        files.isFull = false
        files.failsToSynchronize = false
    }

    /// Turns a bit of a file's, wherever in it that falls.
    mutating func turnBit(_ bit: Int, of file: StoredFile) {
        guard let length = files.read(file)?.count, length > 0 else { return }
        files.turnBit(bit % (length * 8), of: file)
    }

    /// Sabotage: the second slot, which is the older one until the next write, is taken for the newer.
    mutating func takeOlderSlot() {
        guard var image = files.read(.state), image.count > SimulatedFile.sector else { return }
        image.replaceSubrange(..<SimulatedFile.sector, with: image.suffix(SimulatedFile.sector))
        try? files.replace(.state, with: image)
    }

    /// Sabotage: a copy is found that was made before the last vote.
    mutating func growOld() {
        if let former { files = former }
    }
}
