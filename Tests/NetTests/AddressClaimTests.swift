import Net
import Testing

private let hardware = MACAddress(bytes: [2, 0, 0, 0, 0, 7]) ?? .zero
private let ours4 = IPAddress.v4(0xc000_020a)
private let ours6 = IPAddress.v6(0x2001_0db8 << 96 | 0x10)

private func frames(_ address: IPAddress) -> [[UInt8]] {
    Announcement.frames(of: address, from: hardware, isRouter: false)
}

@Suite struct `A claim to an address` {
    @Test(arguments: [ours4, ours6]) func `is read from every form of announcement`(address: IPAddress) {
        let claim = AddressClaim(address: address, hardware: hardware)
        #expect(frames(address).map { AddressClaim(frame: $0) } == frames(address).map { _ in claim })
        #expect(frames(address).count == Announcement.forms(of: address).count)
    }

    @Test func `is read from an answer to somebody, and from a question`() {
        let (asker, other) = (ARPPacket.Side(hardware: hardware, address: 0xc000_020a), ARPPacket.Side.nobody)
        for operation in [ARPPacket.Operation.request, .reply] {
            let packet = ARPPacket(operation: operation, sender: asker, target: other)
            #expect(AddressClaim(frame: frame(packet)) == AddressClaim(address: ours4, hardware: hardware))
        }
    }

    @Test func `is not in a probe`() {
        let probe = ARPPacket(
            operation: .request,
            sender: .init(hardware: hardware, address: 0),
            target: .init(hardware: .zero, address: 0xc000_020a)
        )
        #expect(AddressClaim(frame: frame(probe)) == nil)
    }

    @Test func `is not in an advertisement that lacks the hardware address or is damaged`() throws {
        let frame = try EthernetFrame(frames(ours6)[0])
        var advertisement = try NeighbourAdvertisement(frame.payload)
        advertisement.hardware = nil
        var bare = frame
        bare.payload = advertisement.bytes
        #expect(AddressClaim(frame: bare.bytes) == nil)
        // The hop limit, the checksum.
        for index in [14 + 7, 14 + 42] {
            var damaged = frame.bytes
            damaged[index] ^= 1
            #expect(AddressClaim(frame: damaged) == nil)
        }
    }

    @Test func `is not in a frame of a VLAN`() {
        for address in [ours4, ours6] {
            let plain = frames(address)[0]
            #expect(AddressClaim(frame: Array(plain[..<12]) + [0x81, 0x00, 0x00, 0x05] + plain[12...]) == nil)
        }
    }

    @Test(arguments: [ours4, ours6]) func `is not in a frame that is cut short`(address: IPAddress) {
        for frame in frames(address) {
            for length in frame.indices { #expect(AddressClaim(frame: Array(frame[..<length])) == nil) }
            #expect(AddressClaim(frame: frame + [UInt8](repeating: 0, count: 18)) != nil)
        }
    }

    @Test(arguments: [ours4, ours6]) func `may have any byte wrong without harm`(address: IPAddress) {
        for frame in frames(address) {
            for index in frame.indices {
                for value in [0, 1, 0x7f, 0x80, 0xff] as [UInt8] {
                    var damaged = frame
                    damaged[index] = value
                    _ = AddressClaim(frame: damaged)
                }
            }
        }
    }

    private func frame(_ packet: ARPPacket) -> [UInt8] {
        EthernetFrame(destination: .broadcast, source: hardware, type: .arp, payload: packet.bytes).bytes
    }
}

extension ARPPacket.Side {
    fileprivate static let nobody = ARPPacket.Side(hardware: .zero, address: 0xc000_0263)
}
