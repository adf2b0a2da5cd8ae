import Storage
import Testing

@Suite struct `A file of the history` {
    private static func bytes(_ entries: [String]) -> [UInt8] { entries.compactMap(HistoryFile.line).flatMap(\.self) }

    private static let entries = [#"{"event":"leading","term":7}"#, #"{"event":"é 😀"}"#, "", " "]

    @Test func `has an entry a line, behind its checksum`() {
        #expect(HistoryFile.line("123456789").map { String(decoding: $0, as: UTF8.self) } == "e3069283 123456789\n")
    }

    @Test func `is read as it was written`() {
        let (entries, damaged) = HistoryFile.read(Self.bytes(Self.entries))
        #expect(entries == Self.entries)
        #expect(damaged == 0)
        #expect(HistoryFile.read([]).entries == [])
    }

    @Test func `has all whole entries wherever it is cut short`() {
        let bytes = Self.bytes(Self.entries)
        for length in bytes.indices {
            let (entries, damaged) = HistoryFile.read(Array(bytes[..<length]))
            #expect(Self.entries.starts(with: entries), "cut at \(length)")
            #expect(damaged <= 1)
        }
    }

    @Test func `loses one entry to one rotten byte, or two where it was a line end`() {
        let bytes = Self.bytes(Self.entries)
        for place in bytes.indices {
            for bit in 0..<8 {
                var rotten = bytes
                rotten[place] ^= 1 << UInt8(bit)
                let (entries, damaged) = HistoryFile.read(rotten)
                #expect(entries.count >= Self.entries.count - 2, "bit \(bit) of byte \(place)")
                #expect(entries.allSatisfy(Self.entries.contains))
                #expect((1...2).contains(damaged) || entries == Self.entries)
            }
        }
    }

    @Test func `is read beside anything that others have written into it`() {
        let strange = Array("\n\n\0\0\u{7}garbage\ndeadbeef {}\n00000000\n".utf8) + [0xFF, 0xFE, 0x0A]
        let (entries, damaged) = HistoryFile.read(strange + Self.bytes(Self.entries) + strange)
        #expect(entries == Self.entries)
        #expect(damaged == 8)
    }

    @Test func `takes no entry that would be two lines, or too long`() {
        #expect(HistoryFile.line("a\nb") == nil)
        #expect(HistoryFile.line(String(repeating: "x", count: HistoryFile.longestLine - 10)) != nil)
        #expect(HistoryFile.line(String(repeating: "x", count: HistoryFile.longestLine - 9)) == nil)
    }
}
