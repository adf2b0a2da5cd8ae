/// The frames that tell the neighbours of a link which machine has an address now.
package enum Announcement {
    package enum Form: Hashable, Sendable, CaseIterable {
        case request
        case reply
        case advertisement
    }

    /// The forms of the frames of one announcement, in their order.
    package static func forms(of address: IPAddress) -> [Form] {
        switch address {
        case .v4: [.request, .reply]
        case .v6: [.advertisement]
        }
    }

    /// The frames of one announcement, to be sent as they are and in this order.
    ///
    /// - Parameter isRouter: whether the machine forwards IPv6 on this interface; IPv4 does not ask.
    package static func frames(of address: IPAddress, from hardware: MACAddress, isRouter: Bool) -> [[UInt8]] {
        switch address {
        case .v4(let address):
            [gratuitousRequest(of: address, from: hardware), gratuitousReply(of: address, from: hardware)].map {
                EthernetFrame(destination: .broadcast, source: hardware, type: .arp, payload: $0.bytes).bytes
            }
        case .v6(let address):
            [
                EthernetFrame(
                    destination: allNodes,
                    source: hardware,
                    type: .ipv6,
                    payload: unsolicitedAdvertisement(of: address, from: hardware, isRouter: isRouter).bytes
                ).bytes
            ]
        }
    }

    /// RFC 5227's announcement: a request in which sender and target are the address.
    ///
    /// Linux takes this form at once, however fresh its entry is.
    package static func gratuitousRequest(of address: UInt32, from hardware: MACAddress) -> ARPPacket {
        ARPPacket(
            operation: .request,
            sender: .init(hardware: hardware, address: address),
            target: .init(hardware: .broadcast, address: address)
        )
    }

    /// The reply form, for devices that learn from replies alone.
    ///
    /// The target is our own hardware address: with the broadcast address there Linux ignores it while an entry is
    /// younger than `locktime`.
    package static func gratuitousReply(of address: UInt32, from hardware: MACAddress) -> ARPPacket {
        ARPPacket(
            operation: .reply,
            sender: .init(hardware: hardware, address: address),
            target: .init(hardware: hardware, address: address)
        )
    }

    /// RFC 4861 §7.2.6: to all nodes, with the override flag.
    package static func unsolicitedAdvertisement(
        of address: UInt128,
        from hardware: MACAddress,
        isRouter: Bool
    ) -> NeighbourAdvertisement {
        NeighbourAdvertisement(
            source: address,
            destination: NeighbourAdvertisement.allNodes,
            flags: isRouter ? [.override, .router] : .override,
            target: address,
            hardware: hardware
        )
    }

    /// RFC 2464 §7: 33:33 and the last four bytes of ff02::1.
    private static let allNodes = MACAddress(multicastFor: NeighbourAdvertisement.allNodes)
}
