import Net
import Testing

private let hardware = MACAddress.of(0x02, 0, 0, 0, 0, 0x01)
private let vip4 = IPAddress.v4(0xc000_020a)
private let vip6 = IPAddress.v6(0x2001_0db8_0000_0000_0000_0000_0000_0010)

@Suite struct `An announcement` {
    @Test func `of an IPv4 address is a broadcast ARP request and a reply`() {
        let frames = Announcement.frames(of: vip4, from: hardware, isRouter: false)
        #expect(frames == [goldenARP(operation: 1, target: .broadcast), goldenARP(operation: 2, target: hardware)])
    }

    @Test func `of an IPv6 address is an overriding advertisement to all nodes`() {
        let frames = Announcement.frames(of: vip6, from: hardware, isRouter: false)
        #expect(frames == [goldenAdvertisement(flags: 0x20, checksum: 0xf90c)])
    }

    @Test func `of an IPv6 address says when the machine is a router`() {
        let frames = Announcement.frames(of: vip6, from: hardware, isRouter: true)
        #expect(frames == [goldenAdvertisement(flags: 0xa0, checksum: 0x790c)])
    }
}

private func goldenARP(operation: UInt8, target: MACAddress) -> [UInt8] {
    golden(
        ("Ethernet destination: broadcast", [0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
        ("Ethernet source", [0x02, 0x00, 0x00, 0x00, 0x00, 0x01]),
        ("EtherType: ARP", [0x08, 0x06]),
        ("hardware type: Ethernet", [0x00, 0x01]),
        ("protocol type: IPv4", [0x08, 0x00]),
        ("hardware address length", [0x06]),
        ("protocol address length", [0x04]),
        ("operation", [0x00, operation]),
        ("sender hardware address", [0x02, 0x00, 0x00, 0x00, 0x00, 0x01]),
        ("sender protocol address: 192.0.2.10", [0xc0, 0x00, 0x02, 0x0a]),
        ("target hardware address", target.bytes),
        ("target protocol address: 192.0.2.10", [0xc0, 0x00, 0x02, 0x0a])
    )
}

private func goldenAdvertisement(flags: UInt8, checksum: UInt16) -> [UInt8] {
    golden(
        ("Ethernet destination: 33:33 and the end of ff02::1", [0x33, 0x33, 0x00, 0x00, 0x00, 0x01]),
        ("Ethernet source", [0x02, 0x00, 0x00, 0x00, 0x00, 0x01]),
        ("EtherType: IPv6", [0x86, 0xdd]),
        ("version 6, traffic class and flow label zero", [0x60, 0x00, 0x00, 0x00]),
        ("payload length: 32", [0x00, 0x20]),
        ("next header: ICMPv6", [0x3a]),
        ("hop limit: 255", [0xff]),
        ("source: 2001:db8::10", [0x20, 0x01, 0x0d, 0xb8] + zeros(11) + [0x10]),
        ("destination: ff02::1", [0xff, 0x02] + zeros(13) + [0x01]),
        ("type: neighbour advertisement", [0x88]),
        ("code", [0x00]),
        ("checksum", [UInt8(checksum >> 8), UInt8(checksum & 0xff)]),
        ("flags", [flags]),
        ("reserved", [0x00, 0x00, 0x00]),
        ("target: 2001:db8::10", [0x20, 0x01, 0x0d, 0xb8] + zeros(11) + [0x10]),
        ("option: target link-layer address", [0x02]),
        ("option length: one unit of eight bytes", [0x01]),
        ("link-layer address", [0x02, 0x00, 0x00, 0x00, 0x00, 0x01])
    )
}
