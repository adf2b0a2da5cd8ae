import Net
import Raft
import Samples
@testable import Storage
import Testing
import Time

@Suite struct `A checksum` {
    /// The examples of RFC 3720 §B.4, and the check value that catalogues of CRCs give for CRC-32C.
    @Test func `is CRC-32C`() {
        #expect(CRC32C.checksum(Array("123456789".utf8)) == 0xe306_9283)
        #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8a91_36aa)
        #expect(CRC32C.checksum([UInt8](repeating: 0xff, count: 32)) == 0x62a8_ab43)
    }
}

@Suite struct `The state file` {
    private let old = StateFile.Content(
        version: 6,
        storage: StorageID(0xabc),
        hardState: HardState(
            term: Term(4),
            vote: node("b"),
            longestPromise: .milliseconds(250),
            cluster: ClusterID(7)
        )
    )
    private var new: StateFile.Content {
        var new = old
        new.version += 1
        new.hardState.term = Term(5)
        new.hardState.vote = node("c")
        return new
    }
    private let first = 0..<512
    private let second = 4096..<4608

    @Test func `gives back what was put in`() throws {
        var samples = Samples(seed: 5)
        for _ in 0..<500 {
            let content = StateFile.Content(
                version: samples.uint64(),
                storage: samples.storage(),
                hardState: samples.hardState()
            )
            #expect(try StateFile.content(of: StateFile.image(content)) == content)
        }
    }

    /// The crash hits while a change is being written: whatever of the sector has reached the disk, the vote in the
    /// new one counts if it is whole; otherwise the file is damaged, and never does the old vote count in silence.
    @Test func `never forgets a vote when a crash cuts the first slot's write short`() {
        for written in 0...512 {
            var image = StateFile.image(old)
            image.replaceSubrange(0..<written, with: StateFile.slot(new)[..<written])
            let content = try? StateFile.content(of: image)
            // Before the first byte that differs nothing has been written yet, and nothing was reported.
            let isUntouched = image[first] == StateFile.image(old)[first]
            let isWhole = image[first] == StateFile.slot(new)[...]
            #expect(content == (isWhole ? new : isUntouched ? old : nil), "\(written) bytes written")
        }
    }

    @Test func `loses nothing when a crash cuts the second slot's write short`() {
        for written in 0...512 {
            var image = StateFile.slot(new) + StateFile.image(old).dropFirst(512)
            image.replaceSubrange(4096..<4096 + written, with: StateFile.slot(new)[..<written])
            #expect((try? StateFile.content(of: image)) == new, "\(written) bytes written")
        }
    }

    @Test func `takes no turned bit of the first slot for the truth`() {
        let image = StateFile.slot(new) + StateFile.image(old).dropFirst(512)
        for bit in 0..<512 * 8 {
            var turned = image
            turned[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(
                throws: StoredFault.damaged("the checksum of its first slot is wrong, and that may have held a vote")
            ) {
                try StateFile.content(of: turned)
            }
        }
    }

    @Test func `bears any turned bit of the second slot`() {
        for bit in 0..<512 * 8 {
            var turned = StateFile.image(new)
            turned[4096 + bit / 8] ^= 1 << UInt8(bit % 8)
            #expect((try? StateFile.content(of: turned)) == new)
        }
    }

    @Test func `shows a write that the first slot has lost`() {
        var image = StateFile.image(new)
        image.replaceSubrange(first, with: StateFile.slot(old))
        #expect(throws: StoredFault.damaged("its first slot has lost a write that the second has")) {
            try StateFile.content(of: image)
        }
    }

    @Test func `is damaged when it is cut short at any length`() {
        let image = StateFile.image(old)
        for length in stride(from: 8, to: image.count, by: 7) {
            #expect(throws: StoredFault.damaged("it has \(length) bytes and should have 4608")) {
                try StateFile.content(of: Array(image[..<length]))
            }
        }
        #expect(throws: StoredFault.damaged("it has 0 bytes and should have 4608")) { try StateFile.content(of: []) }
    }

    @Test func `is told from somebody else's`() {
        for foreign in [Array("hello".utf8), [UInt8](repeating: 0, count: 4608), [UInt8](repeating: 7, count: 9000)] {
            #expect(throws: StoredFault.foreign) { try StateFile.content(of: foreign) }
        }
    }

    @Test func `of another format is whole, and not for us`() {
        for (slot, format) in [(first, UInt8(2)), (second, 2), (first, 0), (second, 0)] {
            var image = StateFile.image(old)
            image[slot.lowerBound + 9] = format
            var checksum: [UInt8] = []
            checksum.append(bigEndian: CRC32C.checksum(image[slot].dropLast(4)))
            image.replaceSubrange(slot.upperBound - 4..<slot.upperBound, with: checksum)
            #expect(throws: StoredFault.otherFormat(UInt16(format))) { try StateFile.content(of: image) }
        }
    }
}
