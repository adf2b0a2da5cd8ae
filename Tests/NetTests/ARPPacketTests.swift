import Net
import Testing

private let packet = ARPPacket(
    operation: .request,
    sender: .init(hardware: .of(2, 0, 0, 0, 0, 1), address: 0xc000_020a),
    target: .init(hardware: .zero, address: 0xc000_0201)
)

@Suite struct `An ARP packet` {
    @Test(arguments: [ARPPacket.Operation.request, .reply])
    func `is read back as it was written`(operation: ARPPacket.Operation) throws {
        var packet = packet
        packet.operation = operation
        let copy = try ARPPacket(packet.bytes)
        #expect(copy == packet)
    }

    @Test func `may be followed by what Ethernet fills a frame up with`() throws {
        let padded = packet.bytes + zeros(18)
        let copy = try ARPPacket(padded)
        #expect(copy == packet)
    }

    @Test(arguments: 0..<28) func `is refused cut short`(length: Int) {
        let bytes = Array(packet.bytes[..<length])
        let reason = refusal { () throws(Malformed) in _ = try ARPPacket(bytes) }
        guard case .truncated = reason else {
            Issue.record("\(length) bytes: \(String(describing: reason))")
            return
        }
    }

    @Test(
        arguments: [
            (offset: 1, byte: 6, reason: "not for Ethernet"),
            (offset: 2, byte: 0x86, reason: "not for IPv4"),
            (offset: 4, byte: 8, reason: "wrong address lengths"),
            (offset: 5, byte: 16, reason: "wrong address lengths"),
            (offset: 7, byte: 3, reason: "neither request nor reply"),
            (offset: 6, byte: 1, reason: "neither request nor reply"),
        ] as [(offset: Int, byte: UInt8, reason: String)]
    )
    func `of another kind is refused`(offset: Int, byte: UInt8, reason: String) {
        var bytes = packet.bytes
        bytes[offset] = byte
        let found = refusal { () throws(Malformed) in _ = try ARPPacket(bytes) }
        #expect(found == .invalid(reason))
    }
}

@Suite struct `An Ethernet frame` {
    static let frame = EthernetFrame(
        destination: .broadcast,
        source: .of(2, 0, 0, 0, 0, 1),
        type: .arp,
        payload: packet.bytes
    )

    @Test func `is read back as it was written`() throws {
        let copy = try EthernetFrame(Self.frame.bytes)
        #expect(copy == Self.frame)
    }

    @Test(arguments: 0..<14) func `is refused when its header is cut short`(length: Int) {
        let bytes = Array(Self.frame.bytes[..<length])
        let reason = refusal { () throws(Malformed) in _ = try EthernetFrame(bytes) }
        #expect(reason != nil)
    }
}
