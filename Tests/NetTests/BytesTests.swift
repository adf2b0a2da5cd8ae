import Net
import Testing

/// One field of every kind: 1, 2, 4, 8, 8, 16 and 3 bytes, and a string of 2 and 5.
private let fields = golden(
    ("8 bits", [0x01]),
    ("16 bits", [0x02, 0x03]),
    ("32 bits", [0x80, 0x05, 0x06, 0x07]),
    ("64 bits", [0x81, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f]),
    ("64 bits with a sign: -2", [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe]),
    ("128 bits", [0x90] + zeros(14) + [0x1f]),
    ("three bytes", [0x20, 0x21, 0x22]),
    ("length of the text", [0x00, 0x05]),
    ("text", Array("grün".utf8))
)

private struct Fields: Equatable {
    var small: UInt8 = 0x01
    var short: UInt16 = 0x0203
    var word: UInt32 = 0x8005_0607
    var long: UInt64 = 0x8109_0a0b_0c0d_0e0f
    var signed: Int64 = -2
    var wide: UInt128 = 0x90 << 120 | 0x1f
    var bytes: [UInt8] = [0x20, 0x21, 0x22]
    var text = "grün"
}

extension Fields {
    init(_ bytes: [UInt8]) throws(Malformed) {
        let span = unsafe bytes.span.bytes
        var offset = 0
        small = try span.readUInt8(at: &offset)
        short = try span.readUInt16(at: &offset)
        word = try span.readUInt32(at: &offset)
        long = try span.readUInt64(at: &offset)
        signed = try span.readInt64(at: &offset)
        wide = try span.readUInt128(at: &offset)
        self.bytes = try span.readBytes(3, at: &offset)
        text = try span.readString(at: &offset)
        try span.expectEnd(at: offset)
    }

    var written: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: small)
        bytes.append(bigEndian: short)
        bytes.append(bigEndian: word)
        bytes.append(bigEndian: long)
        bytes.append(bigEndian: signed)
        bytes.append(bigEndian: wide)
        bytes += self.bytes
        bytes.append(string: text)
        return bytes
    }
}

@Suite struct `Bytes in network order` {
    @Test func `are read field by field`() throws {
        let read = try Fields(fields)
        #expect(read == Fields())
    }

    @Test func `are written field by field`() {
        #expect(Fields().written == fields)
    }

    @Test(arguments: 0..<fields.count) func `are refused cut short`(length: Int) {
        guard case .truncated(let needed, let left) = refusal(Array(fields[..<length])) else {
            Issue.record("\(length) bytes were not refused as cut short")
            return
        }
        #expect(needed > left && left >= 0)
    }

    @Test func `are refused with something behind them`() {
        #expect(refusal(fields + [0]) == .trailing(1))
    }

    @Test func `are refused when their text is no UTF-8`() {
        var bytes = fields
        bytes[bytes.count - 2] = 0xff
        #expect(refusal(bytes) == .invalid("text that is not UTF-8"))
    }

    @Test func `are never read backwards`() {
        let bytes = fields
        let reason = NetTests.refusal { () throws(Malformed) in
            let span = unsafe bytes.span.bytes
            var offset = 0
            _ = try span.readBytes(-1, at: &offset)
        }
        #expect(reason == .truncated(needed: -1, left: fields.count))
    }

    @Test func `hold an empty text and one as long as its length can say`() throws {
        for text in ["", String(repeating: "x", count: 65_535)] {
            var bytes: [UInt8] = []
            bytes.append(string: text)
            let span = unsafe bytes.span.bytes
            var offset = 0
            let read = try span.readString(at: &offset)
            #expect(read == text)
        }
    }

    @Test func `say why they were refused`() {
        #expect(Malformed.truncated(needed: 4, left: 1).description == "cut short: 4 bytes needed, 1 left")
        #expect(Malformed.trailing(3).description == "3 bytes too many")
        #expect(Malformed.invalid("not IPv6").description == "not IPv6")
    }

    private func refusal(_ bytes: [UInt8]) -> Malformed? {
        NetTests.refusal { () throws(Malformed) in _ = try Fields(bytes) }
    }
}
