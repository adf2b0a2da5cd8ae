/// A neighbour solicitation (RFC 4861 §4.3) as duplicate address detection sends it (RFC 4862 §5.4.2): from no address,
/// to the solicited-node group, without a link-layer option. Whoever has the address answers to all nodes.
package struct NeighbourSolicitation: Hashable, Sendable {
    package var target: UInt128

    package init(target: UInt128) { self.target = target }

    private static let icmpType: UInt8 = 135
    private static let nextHeader: UInt8 = 58
    private static let hopLimit: UInt8 = 255

    /// `ff02::1:ffXX:XXXX` (RFC 4291 §2.7.1).
    package var destination: UInt128 { 0xff02 << 112 | 0x1_ff00_0000 | target & 0xff_ffff }

    /// The frame that asks.
    package func frame(from hardware: MACAddress) -> [UInt8] {
        EthernetFrame(
            destination: MACAddress(multicastFor: destination),
            source: hardware,
            type: .ipv6,
            payload: bytes
        ).bytes
    }

    /// The packet from its IPv6 header on.
    package var bytes: [UInt8] {
        let message = self.message(checksum: checksum(of: self.message(checksum: 0)))
        var bytes: [UInt8] = []
        bytes.append(bigEndian: UInt32(6) << 28)  // version; traffic class and flow label are zero
        bytes.append(bigEndian: UInt16(message.count))
        bytes.append(Self.nextHeader)
        bytes.append(Self.hopLimit)
        bytes.append(bigEndian: UInt128(0))
        bytes.append(bigEndian: destination)
        return bytes + message
    }

    private func message(checksum: UInt16) -> [UInt8] {
        var bytes = [Self.icmpType, 0]
        bytes.append(bigEndian: checksum)
        bytes += [0, 0, 0, 0]
        bytes.append(bigEndian: target)
        return bytes
    }

    /// With the pseudo-header of RFC 8200 §8.1.
    private func checksum(of message: [UInt8]) -> UInt16 {
        var pseudoHeader: [UInt8] = []
        pseudoHeader.append(bigEndian: UInt128(0))
        pseudoHeader.append(bigEndian: destination)
        pseudoHeader.append(bigEndian: UInt32(message.count))
        pseudoHeader.append(bigEndian: UInt32(Self.nextHeader))
        var checksum = InternetChecksum()
        checksum.add(pseudoHeader)
        checksum.add(message)
        return checksum.value
    }
}

extension ARPPacket {
    /// RFC 5227 §2.1.1: asks who has an address without claiming one.
    package static func probe(for address: UInt32, from hardware: MACAddress) -> ARPPacket {
        ARPPacket(
            operation: .request,
            sender: .init(hardware: hardware, address: 0),
            target: .init(hardware: .zero, address: address)
        )
    }
}
