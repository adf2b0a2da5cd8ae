/// What a frame says about who has an address: an ARP packet by its sender, a neighbour advertisement by its target.
///
/// RFC 5227 §2.4 calls it a conflict when the address is one's own and the hardware address is not.
package struct AddressClaim: Hashable, Sendable {
    package var address: IPAddress
    package var hardware: MACAddress

    package init(address: IPAddress, hardware: MACAddress) {
        self.address = address
        self.hardware = hardware
    }

    /// Reads a frame as it came from the wire, its end cut off or filled up; nil where it claims nothing.
    ///
    /// An ARP probe (RFC 5227 §1.1), whose sender is 0.0.0.0, only asks. An advertisement without a target link-layer
    /// address changes nobody's table.
    package init?(frame: [UInt8]) {
        guard let frame = try? EthernetFrame(frame) else { return nil }
        switch frame.type {
        case .arp:
            guard let packet = try? ARPPacket(frame.payload), packet.sender.address != 0 else { return nil }
            self.init(address: .v4(packet.sender.address), hardware: packet.sender.hardware)
        case .ipv6:
            guard let advertisement = try? NeighbourAdvertisement(frame.payload),
                let hardware = advertisement.hardware
            else { return nil }
            self.init(address: .v6(advertisement.target), hardware: hardware)
        default: return nil
        }
    }
}
