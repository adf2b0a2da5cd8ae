internal import Net
internal import Raft

/// The file `state`: what a node must not forget, in two slots.
///
/// A change goes to the **first** slot and is reported as soon as that is synced; the same content then goes to the
/// **second**. So the second never knows of a vote that the first has not had before: a bad second slot costs nothing,
/// a bad first one may have held a vote that the second has not. Then the disk counts as lost, and the node must not
/// vote under this identity again.
///
/// A slot is one sector of 512 bytes, and each lies in a block of its own:
///
///     offset  length
///          0       8  magic "VIPSTATE"
///          8       2  format
///         10       8  version, counts changes
///         18      16  storage id
///         34          hard state: cluster id, term, longest promise, vote
///                     zeros
///        508       4  CRC-32C of all before; at this place in every format
enum StateFile {
    struct Content: Hashable {
        var version: UInt64
        var storage: StorageID
        var hardState: HardState
    }

    static let slotLength = 512
    static let secondSlot = 4096
    static let length = secondSlot + slotLength

    private static let magic = Array("VIPSTATE".utf8)

    static func slot(_ content: Content, in versions: StateVersions = .ofThisRelease) -> [UInt8] {
        var writer = FieldWriter()
        writer.append(versions.writtenStateFormat)
        writer.append(content.version)
        writer.append(content.storage)
        writer.append(content.hardState)
        var bytes = magic + writer.bytes
        bytes += Array(repeating: 0, count: slotLength - 4 - bytes.count)
        bytes.append(bigEndian: CRC32C.checksum(bytes))
        return bytes
    }

    /// A whole file with both slots alike.
    static func image(_ content: Content, in versions: StateVersions = .ofThisRelease) -> [UInt8] {
        let slot = slot(content, in: versions)
        return slot + Array(repeating: 0, count: secondSlot - slotLength) + slot
    }
}

extension StateFile {
    /// What one slot turned out to be.
    private enum Slot {
        case good(Content)
        case otherFormat(UInt16)
        case foreign
        case bad
    }

    /// The newest content, unless a newer one may be lost.
    static func content(
        of image: [UInt8],
        in versions: StateVersions = .ofThisRelease
    ) throws(StoredFault) -> Content {
        guard image.count == length else {
            let isOurs = image.isEmpty || image.starts(with: magic)
            throw isOurs ? .damaged("it has \(image.count) bytes and should have \(length)") : .foreign
        }
        switch (slot(image[..<slotLength], versions), slot(image[secondSlot...], versions)) {
        case (.otherFormat(let format), _), (_, .otherFormat(let format)): throw .otherFormat(format)
        case (.foreign, .foreign): throw .foreign
        case (.foreign, _), (.bad, _):
            throw .damaged("the checksum of its first slot is wrong, and that may have held a vote")
        case (.good(let first), .good(let second)) where second.version > first.version:
            throw .damaged("its first slot has lost a write that the second has")
        case (.good(let first), .good), (.good(let first), .foreign), (.good(let first), .bad): return first
        }
    }

    private static func slot(_ bytes: ArraySlice<UInt8>, _ versions: StateVersions) -> Slot {
        guard bytes.starts(with: magic) else { return .foreign }
        var checksum: [UInt8] = []
        checksum.append(bigEndian: CRC32C.checksum(bytes.dropLast(4)))
        guard bytes.suffix(4) == checksum[...] else { return .bad }
        var reader = FieldReader(Array(bytes), from: magic.count)
        guard let format = try? reader.integer(UInt16.self) else { return .bad }
        guard versions.stateFormats.contains(format) else { return .otherFormat(format) }
        guard let content = try? reader.content() else { return .bad }
        return .good(content)
    }
}

extension FieldReader {
    fileprivate mutating func content() throws -> StateFile.Content {
        StateFile.Content(version: try integer(), storage: try storage(), hardState: try hardState())
    }
}
