internal import Net
internal import Raft

/// The file `log`: a header of 32 bytes, a record of the snapshot that the log begins with, then one record an entry.
///
///     header   8  magic "VIPSLOG\n"     record   2  length of the body
///              2  format                         2  its complement
///              2  zero                           4  CRC-32C of the body
///             16  storage id                        body: a snapshot, or index, term and payload of an entry
///              4  CRC-32C of all before          1  end mark 0xA5
///
/// Entries are appended; another snapshot, like anything else that changes what is there, makes another file in one
/// step. So header and snapshot are whole or damaged, never cut short by a crash.
///
/// The end of an append that a crash cut short is told from damage: it is missing or still zero, and nothing follows it.
/// The end mark is what tells a body that ends in zeros from one whose end was not written. Whatever else does not fit
/// was once acknowledged, and its loss is not passed over.
enum EntryFile {
    static let headerLength = 32

    private static let magic = Array("VIPSLOG\n".utf8)
    private static let recordHeaderLength = 8
    private static let endMark: UInt8 = 0xa5

    static func header(_ storage: StorageID, in versions: StateVersions = .ofThisRelease) -> [UInt8] {
        var bytes = magic
        bytes.append(bigEndian: versions.writtenLogFormat)
        bytes.append(bigEndian: UInt16(0))
        bytes.append(bigEndian: storage.bits)
        bytes.append(bigEndian: CRC32C.checksum(bytes))
        return bytes
    }

    static func record(_ entry: LogEntry) -> [UInt8] {
        var writer = FieldWriter()
        writer.append(entry)
        return record(writer.bytes)
    }

    private static func record(_ snapshot: Snapshot) -> [UInt8] {
        var writer = FieldWriter()
        writer.append(snapshot)
        return record(writer.bytes)
    }

    private static func record(_ body: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: UInt16(body.count))
        bytes.append(bigEndian: ~UInt16(body.count))
        bytes.append(bigEndian: CRC32C.checksum(body))
        return bytes + body + [endMark]
    }

    static func image(_ storage: StorageID, _ log: Log, in versions: StateVersions = .ofThisRelease) -> [UInt8] {
        log.entries.reduce(into: header(storage, in: versions) + record(log.snapshot)) { $0 += record($1) }
    }
}

extension EntryFile {
    /// The log, without an end that was not written whole.
    static func log(
        of image: [UInt8],
        storage: StorageID?,
        in versions: StateVersions = .ofThisRelease
    ) throws(StoredFault) -> Log {
        try checkHeader(image, storage: storage, versions)
        guard let beginning = try body(at: headerLength, of: image) else {
            throw .damaged("its snapshot is incomplete")
        }
        let snapshot = try snapshot(in: beginning, of: image)
        var entries: [LogEntry] = []
        var offset = beginning.upperBound + 1
        while offset < image.count, let body = try body(at: offset, of: image) {
            let entry = try entry(in: body, of: image)
            let last = entries.last.map { ($0.index, $0.term) } ?? (snapshot.index, snapshot.term)
            guard entry.index == last.0.next, entry.term >= last.1 else {
                throw .damaged("entry \(entry.index) of term \(entry.term) is out of order")
            }
            entries.append(entry)
            offset = body.upperBound + 1
        }
        return Log(snapshot: snapshot, entries: entries)
    }

    private static func checkHeader(
        _ image: [UInt8],
        storage: StorageID?,
        _ versions: StateVersions
    ) throws(StoredFault) {
        guard image.isEmpty || image.starts(with: magic) else { throw .foreign }
        var reader = FieldReader(image, from: magic.count)
        guard image.count >= headerLength, let format = try? reader.integer(UInt16.self),
            (try? reader.integer(UInt16.self)) != nil, let owner = try? reader.storage(),
            let checksum = try? reader.integer(UInt32.self),
            checksum == CRC32C.checksum(image[..<(headerLength - 4)])
        else { throw .damaged("its header is incomplete or its checksum wrong") }
        guard versions.logFormats.contains(format) else { throw .otherFormat(format) }
        guard storage == nil || storage == owner else { throw .damaged("it belongs to another state file") }
    }

    private static func snapshot(in body: Range<Int>, of image: [UInt8]) throws(StoredFault) -> Snapshot {
        var reader = FieldReader(Array(image[body]))
        guard let snapshot = try? reader.snapshot(), (try? reader.expectEnd()) != nil else { throw mismatch(body) }
        return snapshot
    }

    private static func entry(in body: Range<Int>, of image: [UInt8]) throws(StoredFault) -> LogEntry {
        var reader = FieldReader(Array(image[body]))
        guard let entry = try? reader.entry(), (try? reader.expectEnd()) != nil else { throw mismatch(body) }
        return entry
    }

    private static func mismatch(_ body: Range<Int>) -> StoredFault {
        .damaged("the record at byte \(body.lowerBound - recordHeaderLength) does not match its checksum")
    }

    /// Where the body of a whole record lies; nil where the file ends in one that was not written whole.
    private static func body(at offset: Int, of image: [UInt8]) throws(StoredFault) -> Range<Int>? {
        let rest = image[offset...]
        guard let body = try bodyRange(of: rest) else { return nil }
        // The mark is written last: zero and nothing behind it means that the end of the append never reached the disk.
        let mark = rest[body.upperBound]
        if mark == 0, rest[body.upperBound...].allSatisfy({ $0 == 0 }) { return nil }
        var checksum = FieldReader(Array(rest.prefix(recordHeaderLength)), from: 4)
        guard mark == endMark, (try? checksum.integer(UInt32.self)) == CRC32C.checksum(rest[body]) else {
            throw mismatch(body)
        }
        return body
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
