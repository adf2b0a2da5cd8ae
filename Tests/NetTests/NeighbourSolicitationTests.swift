import Net
import Testing

@Suite struct `A neighbour solicitation` {
    private let target: UInt128 = 0x2001_0db8_0000_0000_0000_0000_00ab_cdef

    @Test func `asks the solicited-node group from no address`() {
        let hardware = MACAddress.of(2, 0, 0, 0, 0, 1)
        let frame = NeighbourSolicitation(target: target).frame(from: hardware)
        let vip: [UInt8] = [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xab, 0xcd, 0xef]
        let group: [UInt8] = [0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0xab, 0xcd, 0xef]
        let expected = golden(
            ("RFC 2464 §7: 33:33 and the group's last four bytes", [0x33, 0x33, 0xff, 0xab, 0xcd, 0xef]),
            ("source", hardware.bytes),
            ("IPv6", [0x86, 0xdd]),
            ("version 6, no class, no flow", [0x60, 0, 0, 0]),
            ("24 bytes of ICMPv6", [0, 24, 58, 255]),
            ("from ::", zeros(16)),
            ("to ff02::1:ffab:cdef", group),
            ("type 135, code 0", [135, 0])
        )
        #expect(Array(frame[..<expected.count]) == expected)
        #expect(Array(frame[(expected.count + 6)...]) == vip)
        #expect(frame.count == 14 + 40 + 24)
    }

    @Test func `has the checksum of RFC 8200`() {
        let packet = NeighbourSolicitation(target: target).bytes
        var sum = InternetChecksum()
        // Source and destination, length, next header, message with its checksum: the sum of all is then 0xffff.
        sum.add(packet[8..<40])
        sum.add([0, 0, 0, 24, 0, 0, 0, 58])
        sum.add(packet[40...])
        #expect(sum.value == 0)
    }
}

@Suite struct `An ARP probe` {
    @Test func `asks without claiming the address`() throws {
        let hardware = MACAddress.of(2, 0, 0, 0, 0, 1)
        let probe = ARPPacket.probe(for: 0xc000_020a, from: hardware)
        #expect(try ARPPacket(probe.bytes) == probe)
        #expect(probe.sender.address == 0)
        let frame = EthernetFrame(destination: .broadcast, source: hardware, type: .arp, payload: probe.bytes)
        #expect(AddressClaim(frame: frame.bytes) == nil)
    }
}
