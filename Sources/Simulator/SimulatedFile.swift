/// The bytes of one file: those on the platter, and those that whoever reads it sees.
package struct SimulatedFile: Hashable, Sendable {
    private struct Write: Hashable {
        let bytes: ArraySlice<UInt8>
        let offset: Int
    }

    private(set) var durable: [UInt8] = []
    private(set) var cached: [UInt8] = []
    /// What a synchronization has to bring to the platter, oldest first.
    private var dirty: [Write] = []

    package static let sector = 512

    package init() {}

    package var isDirty: Bool { !dirty.isEmpty }

    mutating func write(_ bytes: ArraySlice<UInt8>, at offset: Int) {
        guard !bytes.isEmpty else { return }
        Self.put(bytes, into: &cached, at: offset)
        dirty.append(Write(bytes: bytes, offset: offset))
    }

    mutating func synchronize() {
        for write in dirty { Self.put(write.bytes, into: &durable, at: write.offset) }
        dirty = []
    }

    /// The kernel tells of the failure once, and takes the pages for clean from then on: they are still read, and never
    /// written. Some may have been before.
    mutating func failToSynchronize(_ dice: inout Dice) {
        let seen = cached
        losePower(leaving: .drawn(for: self, tearingSectors: false, &dice))
        cached = seen
    }

    mutating func turnBit(_ bit: Int) {
        cached[bit / 8] ^= 1 << UInt8(bit % 8)
        if bit / 8 < durable.count { durable[bit / 8] ^= 1 << UInt8(bit % 8) }
    }

    private static func put(_ bytes: ArraySlice<UInt8>, into content: inout [UInt8], at offset: Int) {
        let end = offset + bytes.count
        if content.count < end { content += Array(repeating: 0, count: end - content.count) }
        content.replaceSubrange(offset..<end, with: bytes)
    }
}

extension SimulatedFile {
    /// What a loss of power leaves of what was not synchronized.
    package enum Remains: Hashable, Sendable {
        case nothing
        case everything
        /// So many bytes, in the order in which they were written: the last sector is torn.
        case beginning(bytes: Int)
        /// Of the sectors that were written these, by their place in the file. What lies before them is zero where it
        /// was never written.
        case sectors(Set<Int>)
        /// The file has its new length and its old bytes; zeros behind them.
        case length
    }

    /// The sectors that a loss of power can take away or leave.
    package var dirtySectors: [Int] {
        var sectors: Set<Int> = []
        for write in dirty {
            let end = write.offset + write.bytes.count
            sectors.formUnion(write.offset / Self.sector...(end - 1) / Self.sector)
        }
        return sectors.sorted()
    }

    package var dirtyBytes: Int { dirty.reduce(0) { $0 + $1.bytes.count } }

    mutating func losePower(leaving remains: Remains) {
        switch remains {
        case .nothing: break
        case .everything: synchronize()
        case .beginning(let bytes): keep(bytes)
        case .sectors(let sectors): keep(sectors)
        case .length: durable += Array(repeating: 0, count: max(0, cached.count - durable.count))
        }
        dirty = []
        cached = durable
    }

    private mutating func keep(_ bytes: Int) {
        var left = bytes
        for write in dirty {
            let kept = write.bytes.prefix(left)
            if !kept.isEmpty { Self.put(kept, into: &durable, at: write.offset) }
            left -= kept.count
        }
    }

    private mutating func keep(_ sectors: Set<Int>) {
        var whole = self
        whole.synchronize()
        for sector in dirtySectors where sectors.contains(sector) {
            let start = sector * Self.sector
            Self.put(whole.durable[start..<min(start + Self.sector, whole.durable.count)], into: &durable, at: start)
        }
    }
}

extension SimulatedFile.Remains {
    /// What is written over may be left in any of its sectors; what grows is there up to a sector and no further, as a
    /// file system leaves it that writes the new length last.
    static func drawn(for file: SimulatedFile, tearingSectors: Bool, _ dice: inout Dice) -> Self {
        switch dice.index(below: tearingSectors ? 6 : 4) {
        case 0: return .nothing
        case 1: return .everything
        case 2: return .length
        case 3:
            let end = dice.index(below: file.cached.count / SimulatedFile.sector + 2)
            let kept = file.dirtySectors.filter { sector in
                let isGrowth = (sector + 1) * SimulatedFile.sector > file.durable.count
                return isGrowth ? sector < end : dice.chance(0.5)
            }
            return .sectors(Set(kept))
        case 4: return .beginning(bytes: dice.index(below: file.dirtyBytes + 1))
        default: return .sectors(Set(file.dirtySectors.filter { _ in dice.chance(0.5) }))
        }
    }
}
