import Net
import Testing

private let vip: UInt128 = 0x2001_0db8_0000_0000_0000_0000_0000_0010
private let advertisement = NeighbourAdvertisement(
    source: vip,
    destination: NeighbourAdvertisement.allNodes,
    flags: .override,
    target: vip,
    hardware: .of(2, 0, 0, 0, 0, 1)
)

@Suite struct `A neighbour advertisement` {
    @Test func `is read back as it was written`() throws {
        let copy = try NeighbourAdvertisement(advertisement.bytes)
        #expect(copy == advertisement)
    }

    @Test func `needs no link-layer address`() throws {
        var bare = advertisement
        bare.hardware = nil
        let copy = try NeighbourAdvertisement(bare.bytes)
        #expect(copy == bare)
    }

    @Test func `may be followed by what Ethernet fills a frame up with`() throws {
        let padded = advertisement.bytes + zeros(6)
        let copy = try NeighbourAdvertisement(padded)
        #expect(copy == advertisement)
    }

    @Test func `answers a solicitation to one node only`() throws {
        var answer = advertisement
        answer.flags = [.solicited, .override]
        #expect(refused(answer.bytes) == .invalid("solicited, yet sent to a multicast address"))
        answer.destination = vip + 1
        let copy = try NeighbourAdvertisement(answer.bytes)
        #expect(copy == answer)
    }

    @Test func `is refused for a multicast target`() {
        var wrong = advertisement
        wrong.target = NeighbourAdvertisement.allNodes
        #expect(refused(wrong.bytes) == .invalid("a multicast target"))
    }

    @Test(arguments: 0..<72) func `is refused cut short`(length: Int) {
        guard case .truncated = refused(Array(advertisement.bytes[..<length])) else {
            Issue.record("\(length) bytes were not refused as cut short")
            return
        }
    }

    @Test(arguments: 0..<24) func `is refused when its message is too short for one`(length: Int) {
        let bytes = resealed(Array(advertisement.bytes[..<(40 + length)]))
        // Below four bytes there is no checksum to get right.
        #expect(refused(bytes) == (length < 4 ? .invalid("wrong checksum") : .truncated(needed: 24, left: length)))
    }

    @Test(arguments: 40..<72) func `is refused with a bit turned over`(offset: Int) {
        var bytes = advertisement.bytes
        bytes[offset] ^= 0x10
        #expect(refused(bytes) == .invalid("wrong checksum"))
    }

    @Test(
        arguments: [
            (offset: 0, byte: 0x40, reason: "not IPv6"),
            (offset: 6, byte: 17, reason: "not ICMPv6"),
            (offset: 7, byte: 254, reason: "from another link"),
            (offset: 40, byte: 135, reason: "not a neighbour advertisement"),
            (offset: 41, byte: 1, reason: "not a neighbour advertisement"),
            (offset: 65, byte: 0, reason: "an option of length zero"),
        ] as [(offset: Int, byte: UInt8, reason: String)]
    )
    func `of another kind is refused`(offset: Int, byte: UInt8, reason: String) {
        var bytes = advertisement.bytes
        bytes[offset] = byte
        #expect(refused(resealed(bytes)) == .invalid(reason))
    }

    @Test func `is refused when an option is longer than the packet`() {
        var bytes = advertisement.bytes
        bytes[65] = 2
        #expect(refused(resealed(bytes)) == .truncated(needed: 16, left: 8))
    }

    @Test func `may have options that nobody here knows`() throws {
        var bytes = advertisement.bytes
        bytes.insert(contentsOf: [14, 1, 1, 2, 3, 4, 5, 6], at: 64)
        let sealed = resealed(bytes)
        let copy = try NeighbourAdvertisement(sealed)
        #expect(copy == advertisement)
    }

    private func refused(_ bytes: [UInt8]) -> Malformed? {
        refusal { () throws(Malformed) in _ = try NeighbourAdvertisement(bytes) }
    }

    /// The packet with the length and the checksum that its bytes ask for.
    private func resealed(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        let length = UInt8(bytes.count - 40)
        bytes[5] = length
        guard length >= 4 else { return bytes }
        bytes[42] = 0
        bytes[43] = 0
        var checksum = InternetChecksum()
        checksum.add(bytes[8..<40] + [0, 0, 0, length, 0, 0, 0, 58])
        checksum.add(bytes[40...])
        bytes[42] = UInt8(checksum.value >> 8)
        bytes[43] = UInt8(checksum.value & 0xff)
        return bytes
    }
}

@Suite struct `An internet checksum` {
    /// The example of RFC 1071 §3: the sum is ddf2.
    @Test func `is the complement of the ones' complement sum`() {
        #expect(checksum(of: [0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]) == ~0xddf2)
    }

    @Test func `counts an odd last byte as if a zero followed`() {
        #expect(checksum(of: [0x12, 0x34, 0x56]) == checksum(of: [0x12, 0x34, 0x56, 0x00]))
    }

    @Test func `of nothing is all ones`() {
        #expect(checksum(of: []) == 0xffff)
    }

    @Test func `over a packet with its checksum is zero`() {
        let packet: [UInt8] = [0x45, 0x00, 0x00, 0x54]
        let value = checksum(of: packet)
        #expect(checksum(of: packet + [UInt8(value >> 8), UInt8(value & 0xff)]) == 0)
    }

    @Test func `carries around as often as it must`() {
        #expect(checksum(of: Array(repeating: 0xff, count: 65_536)) == 0)
    }

    private func checksum(of bytes: [UInt8]) -> UInt16 {
        var checksum = InternetChecksum()
        checksum.add(bytes)
        return checksum.value
    }
}
