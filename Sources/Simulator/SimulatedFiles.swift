package import Storage

/// The files of a disk, byte for byte, that keeps no promise but those that a real one keeps.
///
/// What is written is seen at once, and outlives a loss of power only once it is synchronized. A file that is replaced
/// has its old or its new content, and which of them is certain only when the folder has been synchronized, too.
package struct SimulatedFiles: DurableFiles {
    package enum Failure: Error, Hashable, Sendable {
        case noSpace
        case inputOutput
        /// The machine or the process has ended within this act.
        case crashed
    }

    /// What is asked of a disk, one step at a time: between any two of them, and within one, a crash may come.
    package enum Act: Hashable, Sendable {
        case write(bytes: Int, at: Int)
        case synchronize
        case rename
        case synchronizeFolder
        case remove
    }

    /// Where a crash comes: within the act of this number, counted from 0, after so many of its bytes.
    package struct Fuse: Hashable, Sendable {
        package var acts: Int
        package var bytes: Int

        package init(acts: Int, bytes: Int = 0) {
            self.acts = acts
            self.bytes = bytes
        }
    }

    /// A name of the folder.
    struct Entry {
        var file: SimulatedFile?
        /// What the name led to before a change that the folder does not yet keep; nil: there is no such change.
        var former: SimulatedFile??
    }

    var entries: [StoredFile: Entry] = [:]
    var dice: Dice

    /// Nothing grows any more; what is there can be written over.
    package var isFull = false
    /// Every synchronization fails, and what it should have kept is forgotten as if it had been kept.
    package var failsToSynchronize = false
    package var fuse: Fuse?
    /// What was done since it was emptied last.
    package var history: [Act] = []

    package init(dice: Dice) { self.dice = dice }

    package func read(_ file: StoredFile) -> [UInt8]? { entries[file]?.file?.cached }

    package mutating func replace(_ file: StoredFile, with bytes: [UInt8]) throws(Failure) {
        var draft = SimulatedFile()
        try write(bytes, into: &draft, at: 0)
        try synchronize(&draft)
        try begin(.rename)
        let former = entries[file]?.file
        entries[file] = Entry(file: draft, former: .some(former))
        try keepName(of: file)
    }

    package mutating func write(_ bytes: [UInt8], to file: StoredFile, at offset: Int) throws(Failure) {
        guard var written = entries[file]?.file else { throw .inputOutput }
        defer { entries[file]?.file = written }
        try write(bytes, into: &written, at: offset)
    }

    package mutating func synchronize(_ file: StoredFile) throws(Failure) {
        guard var synchronized = entries[file]?.file else { throw .inputOutput }
        defer { entries[file]?.file = synchronized }
        try synchronize(&synchronized)
    }

    package mutating func remove(_ file: StoredFile) throws(Failure) {
        guard let former = entries[file]?.file else { return }
        try begin(.remove)
        entries[file] = Entry(file: nil, former: .some(former))
        try keepName(of: file)
    }
}

extension SimulatedFiles {
    private mutating func write(_ bytes: [UInt8], into file: inout SimulatedFile, at offset: Int) throws(Failure) {
        let room = isFull ? max(0, file.cached.count - offset) : bytes.count
        if let cut = cutting(.write(bytes: bytes.count, at: offset)) {
            file.write(bytes.prefix(min(cut, room)), at: offset)
            throw .crashed
        }
        file.write(bytes.prefix(room), at: offset)
        if room < bytes.count { throw .noSpace }
    }

    private mutating func synchronize(_ file: inout SimulatedFile) throws(Failure) {
        try begin(.synchronize)
        guard failsToSynchronize else { return file.synchronize() }
        file.failToSynchronize(&dice)
        throw .inputOutput
    }

    private mutating func keepName(of file: StoredFile) throws(Failure) {
        try begin(.synchronizeFolder)
        if failsToSynchronize { throw .inputOutput }
        entries[file]?.former = nil
    }

    /// Notes an act that has no middle.
    private mutating func begin(_ act: Act) throws(Failure) {
        if cutting(act) != nil { throw .crashed }
    }

    /// Notes an act; the number of its bytes that are still done, if the crash comes within it.
    private mutating func cutting(_ act: Act) -> Int? {
        history.append(act)
        guard let fuse else { return nil }
        guard fuse.acts == 0 else {
            self.fuse?.acts -= 1
            return nil
        }
        return fuse.bytes
    }
}

extension SimulatedFiles {
    /// Somewhere within what `history` has: in each act as often, however many bytes it writes. The kernel takes whole
    /// sectors over, so none is torn by the end of a process.
    package func randomFuse(_ dice: inout Dice) -> Fuse {
        let acts = dice.index(below: history.count + 1)
        guard acts < history.count, case .write(let bytes, let offset) = history[acts] else { return Fuse(acts: acts) }
        let end = offset + dice.index(below: bytes + SimulatedFile.sector)
        return Fuse(acts: acts, bytes: min(bytes, max(0, end / SimulatedFile.sector * SimulatedFile.sector - offset)))
    }
}

/// What goes wrong with the disk itself.
extension SimulatedFiles {
    /// Turns a bit of a file, on the platter and in the cache; false where there is none.
    @discardableResult
    package mutating func turnBit(_ bit: Int, of file: StoredFile) -> Bool {
        guard let length = entries[file]?.file?.cached.count, bit / 8 < length else { return false }
        entries[file]?.file?.turnBit(bit)
        return true
    }

    /// The power is lost. Of what was not synchronized each file keeps what `remains` says of it; a change of a name
    /// that the folder was not synchronized after is undone, or not.
    package mutating func losePower(leaving remains: SimulatedFile.Remains, undoingNames: Bool) {
        for name in StoredFile.allCases {
            guard var entry = entries[name] else { continue }
            if undoingNames, case .some(let former) = entry.former { entry.file = former }
            entry.former = nil
            entry.file?.losePower(leaving: remains)
            entries[name] = entry.file == nil ? nil : entry
        }
    }

    /// The same by chance. Where sectors are written whole, a slot is the old or the new one.
    package mutating func losePower(tearingSectors: Bool) {
        for name in StoredFile.allCases {
            guard var entry = entries[name] else { continue }
            if dice.chance(0.5), case .some(let former) = entry.former { entry.file = former }
            entry.former = nil
            if let file = entry.file, file.isDirty {
                let remains = SimulatedFile.Remains.drawn(for: file, tearingSectors: tearingSectors, &dice)
                entry.file?.losePower(leaving: remains)
            }
            entries[name] = entry.file == nil ? nil : entry
        }
    }
}
