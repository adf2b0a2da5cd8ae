internal import Net
internal import Raft

/// The file `log`: a header of 32 bytes, then one record an entry, only ever appended to.
///
///     header   8  magic "VIPSLOG\n"     record   2  length of the body
///              2  format                         2  its complement
///              2  zero                           4  CRC-32C of the body
///             16  storage id                        body: index, term, payload
///              4  CRC-32C of all before          1  end mark 0xA5
///
/// The end of an append that a crash cut short is told from damage: it is missing or still zero, and nothing follows it.
/// The end mark is what tells a body that ends in zeros from one whose end was not written. Whatever else does not fit
/// was once acknowledged, and its loss is not passed over.
enum EntryFile {
    static let format: UInt16 = 1
    static let headerLength = 32

    private static let magic = Array("VIPSLOG\n".utf8)
    private static let recordHeaderLength = 8
    private static let endMark: UInt8 = 0xa5

    static func header(_ storage: StorageID) -> [UInt8] {
        var bytes = magic
        bytes.append(bigEndian: format)
        bytes.append(bigEndian: UInt16(0))
        bytes.append(bigEndian: storage.bits)
        bytes.append(bigEndian: CRC32C.checksum(bytes))
        return bytes
    }

    static func record(_ entry: LogEntry) -> [UInt8] {
        var writer = FieldWriter()
        writer.append(entry)
        let body = writer.bytes
        var bytes: [UInt8] = []
        bytes.append(bigEndian: UInt16(body.count))
        bytes.append(bigEndian: ~UInt16(body.count))
        bytes.append(bigEndian: CRC32C.checksum(body))
        return bytes + body + [endMark]
    }

    static func image(_ storage: StorageID, _ entries: [LogEntry]) -> [UInt8] {
        entries.reduce(header(storage)) { $0 + record($1) }
    }
}

extension EntryFile {
    /// The entries, without an end that was not written whole.
    static func entries(of image: [UInt8], storage: StorageID?) throws(StoredFault) -> [LogEntry] {
        try checkHeader(image, storage: storage)
        var entries: [LogEntry] = []
        var offset = headerLength
        while offset < image.count, let (entry, length) = try record(at: offset, of: image) {
            let last = entries.last
            guard entry.index == (last?.index ?? LogIndex(0)).next, entry.term >= (last?.term ?? Term(0)) else {
                throw .damaged("entry \(entry.index) of term \(entry.term) is out of order")
            }
            entries.append(entry)
            offset += length
        }
        return entries
    }

    /// The file is made in one step, so a header is whole or damaged, never cut short by a crash.
    private static func checkHeader(_ image: [UInt8], storage: StorageID?) throws(StoredFault) {
        guard image.isEmpty || image.starts(with: magic) else { throw .foreign }
        var reader = FieldReader(image, from: magic.count)
        guard image.count >= headerLength, let format = try? reader.integer(UInt16.self),
            (try? reader.integer(UInt16.self)) != nil, let owner = try? reader.storage(),
            let checksum = try? reader.integer(UInt32.self),
            checksum == CRC32C.checksum(image[..<(headerLength - 4)])
        else { throw .damaged("its header is incomplete or its checksum wrong") }
        guard format <= Self.format else { throw .newer(format) }
        guard storage == nil || storage == owner else { throw .damaged("it belongs to another state file") }
    }

    /// Nil where the file ends in a record that was not written whole.
    private static func record(at offset: Int, of image: [UInt8]) throws(StoredFault) -> (LogEntry, length: Int)? {
        let rest = image[offset...]
        guard let body = try bodyRange(of: rest) else { return nil }
        // The mark is written last: zero and nothing behind it means that the end of the append never reached the disk.
        let mark = rest[body.upperBound]
        if mark == 0, rest[body.upperBound...].allSatisfy({ $0 == 0 }) { return nil }
        var reader = FieldReader(image, from: offset + 4)
        guard mark == endMark, (try? reader.integer(UInt32.self)) == CRC32C.checksum(rest[body]),
            let entry = try? reader.entry(), (try? reader.integer(UInt8.self)) == endMark
        else { throw .damaged("the record at byte \(offset) does not match its checksum") }
        return (entry, body.upperBound + 1 - offset)
    }

    /// Where the body lies in `rest`; nil where it, or the mark behind it, is missing.
    private static func bodyRange(of rest: ArraySlice<UInt8>) throws(StoredFault) -> Range<Int>? {
        var reader = FieldReader(Array(rest.prefix(recordHeaderLength)))
        guard let length = try? reader.integer(UInt16.self), let complement = try? reader.integer(UInt16.self) else {
            return nil
        }
        guard length == ~complement else {
            if rest.dropFirst(4).allSatisfy({ $0 == 0 }) { return nil }
            throw .damaged("the length of the record at byte \(rest.startIndex) is wrong")
        }
        let start = rest.startIndex + recordHeaderLength
        return start + Int(length) < rest.endIndex ? start..<start + Int(length) : nil
    }
}
