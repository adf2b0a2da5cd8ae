import Net
import Raft
import Samples
@testable import Storage
import Testing
import Time

@Suite struct `The log file` {
    private let storage = StorageID(0xabc)
    private let snapshot = Snapshot(
        index: LogIndex(40),
        term: Term(1),
        state: ClusterState(
            membership: greatestMembership(),
            timing: ClusterTiming(heartbeat: .milliseconds(50), promise: .milliseconds(250))
        )
    )
    private let entries: [LogEntry]

    init() {
        var samples = Samples(seed: 12)
        var term: UInt64 = 1
        entries = (UInt64(41)...46).map { index in
            term += UInt64(samples.number(0...3))
            return LogEntry(index: LogIndex(index), term: Term(term), payload: samples.payload())
        }
    }

    private func log(_ count: Int) -> Log { Log(snapshot: snapshot, entries: Array(entries.prefix(count))) }

    @Test(arguments: 0...6) func `gives back what was put in`(count: Int) throws {
        let image = EntryFile.image(storage, log(count))
        #expect(try EntryFile.log(of: image, storage: storage) == log(count))
        #expect(try EntryFile.log(of: image, storage: nil) == log(count))
    }

    @Test func `of no cluster begins before the first entry`() throws {
        #expect(try EntryFile.log(of: EntryFile.image(storage, Log()), storage: storage) == Log())
    }

    @Test func `has its snapshot whole`() {
        let image = EntryFile.image(storage, log(0))
        for length in EntryFile.headerLength..<image.count {
            #expect(throws: StoredFault.damaged("its snapshot is incomplete")) {
                try EntryFile.log(of: Array(image[..<length]), storage: storage)
            }
        }
    }

    /// What a crash leaves of an append of three records, at every byte: the file ends early, or in zeros.
    @Test(arguments: [false, true]) func `loses no entry but the one that a crash cut short`(endsInZeros: Bool) throws {
        let before = EntryFile.image(storage, log(3))
        let image = EntryFile.image(storage, log(6))
        let ends = (3...6).map { EntryFile.image(storage, log($0)).count }
        for written in before.count...image.count {
            var torn = Array(image[..<written])
            if endsInZeros { torn += Array(repeating: 0, count: image.count - written) }
            let whole = 2 + ends.filter { $0 <= written }.count
            #expect(try EntryFile.log(of: torn, storage: storage) == log(whole), "\(written) bytes")
        }
    }

    @Test func `takes no turned bit for the truth, nor for the end`() {
        let image = EntryFile.image(storage, log(6))
        for bit in 0..<image.count * 8 {
            var turned = image
            turned[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: StoredFault.self, "bit \(bit)") { try EntryFile.log(of: turned, storage: storage) }
        }
    }

    @Test func `belongs to one state file`() {
        #expect(throws: StoredFault.damaged("it belongs to another state file")) {
            try EntryFile.log(of: EntryFile.image(storage, log(6)), storage: StorageID(1))
        }
    }

    @Test func `misses no entry in the middle`() {
        let gap = Log(snapshot: snapshot, entries: [entries[0], entries[2]])
        #expect(throws: StoredFault.damaged("entry 43 of term \(entries[2].term) is out of order")) {
            try EntryFile.log(of: EntryFile.image(storage, gap), storage: storage)
        }
    }

    @Test func `has entries that follow the snapshot`() {
        let later = Log(snapshot: snapshot, entries: [entries[1]])
        #expect(throws: StoredFault.damaged("entry 42 of term \(entries[1].term) is out of order")) {
            try EntryFile.log(of: EntryFile.image(storage, later), storage: storage)
        }
        let older = LogEntry(index: LogIndex(41), term: Term(0), payload: .leadership)
        let backwards = Log(snapshot: snapshot, entries: [older])
        #expect(throws: StoredFault.damaged("entry 41 of term 0 is out of order")) {
            try EntryFile.log(of: EntryFile.image(storage, backwards), storage: storage)
        }
    }

    @Test func `is told from somebody else's`() {
        #expect(throws: StoredFault.foreign) { try EntryFile.log(of: Array("hello".utf8), storage: nil) }
    }

    @Test(arguments: [UInt8(1), 3]) func `of another format is whole, and not for us`(format: UInt8) {
        var image = EntryFile.header(storage)
        image[9] = format
        image.removeLast(4)
        image.append(bigEndian: CRC32C.checksum(image))
        #expect(throws: StoredFault.otherFormat(UInt16(format))) { try EntryFile.log(of: image, storage: storage) }
    }

    @Test func `is read or refused whatever the bytes are`() {
        var samples = Samples(seed: 99)
        for _ in 0..<2000 {
            let noise = EntryFile.header(storage) + samples.bytes(samples.number(0...200))
            _ = try? EntryFile.log(of: noise, storage: storage)
            _ = try? StateFile.content(of: samples.bytes(4608))
        }
    }
}
