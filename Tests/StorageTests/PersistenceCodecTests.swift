import Net
import Raft
import Samples
@testable import Storage
import Testing

@Suite struct `A write on its way to the scribe` {
    @Test func `comes back from its bytes as it was`() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var samples = Samples(seed: seed)
        for _ in 0..<2000 {
            let write = Persistence(
                number: samples.uint64(),
                hardState: samples.flag() ? samples.hardState() : nil,
                snapshot: samples.flag() ? samples.snapshot() : nil,
                keep: samples.index(),
                entries: samples.entries(after: samples.index())
            )
            #expect(try Persistence(decoding: write.encoded()) == write, "seed \(seed)")
        }
    }

    @Test func `tries the disk when it has nothing in it`() throws {
        let trial = Persistence(number: 7)
        #expect(try Persistence(decoding: trial.encoded()) == trial && trial.isTrial)
        let lost = Persistence(number: 1, entries: [LogEntry(index: LogIndex(1), term: Term(1), payload: .leadership)])
        #expect(throws: Malformed.invalid("entries without a place")) { try Persistence(decoding: lost.encoded()) }
    }

    @Test func `is refused when it is cut short at any length`() {
        var samples = Samples(seed: 3)
        let write = Persistence(
            number: 1,
            hardState: samples.hardState(),
            snapshot: samples.snapshot(),
            keep: LogIndex(4),
            entries: samples.entries(after: LogIndex(4))
        )
        let bytes = write.encoded()
        for length in 0..<bytes.count {
            #expect(throws: Malformed.self) { try Persistence(decoding: Array(bytes[..<length])) }
        }
    }

    @Test func `has data of 256 bytes at most`() throws {
        var writer = FieldWriter()
        writer.append(LogPayload.data(Array(repeating: 1, count: 256)))
        var reader = FieldReader(writer.bytes)
        #expect(try reader.payload() == .data(Array(repeating: 1, count: 256)))
        var longer = FieldReader([4, 1, 1] + Array(repeating: 1, count: 257))
        #expect(throws: Malformed.invalid("an entry of 257 bytes")) { try longer.payload() }
    }
}
