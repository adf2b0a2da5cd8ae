internal import CLinux
internal import CMnl
internal import Glibc
package import Net

/// The kernel's number of a network interface.
package struct InterfaceIndex: Hashable, Sendable {
    package let rawValue: UInt32

    package init(_ rawValue: UInt32) { self.rawValue = rawValue }
}

extension InterfaceIndex: CustomStringConvertible {
    /// The interface's name, or `interface 7` when there is none of that number.
    package var description: String {
        var name = [CChar](repeating: 0, count: Int(IF_NAMESIZE))
        guard let found = unsafe if_indextoname(rawValue, &name) else { return "interface \(rawValue)" }
        return unsafe String(cString: found)
    }
}

/// A network interface as rtnetlink shows it.
package struct Link: Hashable, Sendable {
    package struct Flags: OptionSet, Hashable, Sendable {
        package let rawValue: UInt32
        package init(rawValue: UInt32) { self.rawValue = rawValue }
        /// `IFF_UP`: switched on by the administrator.
        package static let up = Flags(rawValue: 0x1)
        /// `IFF_LOOPBACK`
        package static let loopback = Flags(rawValue: 0x8)
        /// `IFF_RUNNING`: operational state up, in the view of RFC 2863.
        package static let running = Flags(rawValue: 0x40)
        /// `IFF_NOARP`: neighbours are not asked for here, so there is nobody to announce to.
        package static let noARP = Flags(rawValue: 0x80)
        /// `IFF_LOWER_UP`: the driver sees a signal.
        package static let lowerUp = Flags(rawValue: 0x1_0000)
    }

    package var index: InterfaceIndex
    package var name: String
    /// Nil where the hardware address has not six bytes (InfiniBand, tunnels).
    package var hardwareAddress: MACAddress?
    package var flags: Flags
    /// `ARPHRD_*`: 1 is Ethernet.
    package var type: UInt16
    package var mtu: Int
    /// `IFLA_CARRIER`; false as well while the interface is switched off.
    package var hasCarrier: Bool
    /// The event asks for its neighbours to be told again: a bond has changed its active member, a virtual machine has
    /// moved (`NETDEV_BONDING_FAILOVER`, `NETDEV_NOTIFY_PEERS`, by `IFLA_EVENT`). Never in a list.
    package var asksForAnnouncement = false

    /// The device above, whose port this one is (`IFLA_MASTER`), and of what kind that is (`IFLA_INFO_SLAVE_KIND`).
    package var upper: InterfaceIndex?
    package var upperKind: String?

    /// The bridge or bond that takes all frames that arrive here. Behind a VRF an interface keeps its addresses.
    package var portOf: InterfaceIndex? { upperKind == "vrf" ? nil : upper }

    /// Whether frames can leave and be heard: switched on, with a signal, and operational.
    ///
    /// A signal alone is not enough: until the kernel has made the interface operational too, up to a second later, it
    /// takes frames and drops them without an error.
    package var isUsable: Bool { flags.isSuperset(of: [.up, .lowerUp, .running]) }
}

extension Link {
    /// Reads `RTM_NEWLINK` and `RTM_DELLINK`; nil for a message that is neither, has no name or is of a family's own.
    ///
    /// With `AF_BRIDGE` an `RTM_DELLINK` says that a port has left its bridge, not that the interface is gone.
    init?(_ message: NetlinkMessage) {
        guard message.type == RTM_NEWLINK || message.type == RTM_DELLINK,
            let header = message.header(as: ifinfomsg.self), header.ifi_index > 0, header.ifi_family == AF_UNSPEC
        else { return nil }
        self.init(
            index: InterfaceIndex(UInt32(header.ifi_index)),
            name: "",
            hardwareAddress: nil,
            flags: Flags(rawValue: header.ifi_flags),
            type: header.ifi_type,
            mtu: 0,
            hasCarrier: false
        )
        message.forEachAttribute(after: ifinfomsg.self) { read($0) }
        if name.isEmpty { return nil }
    }

    private mutating func read(_ attribute: NetlinkAttribute) {
        switch Int(attribute.type) {
        case IFLA_IFNAME: name = attribute.string
        case IFLA_ADDRESS: hardwareAddress = MACAddress(bytes: attribute.bytes)
        case IFLA_MTU: mtu = Int(attribute.integer(as: UInt32.self) ?? 0)
        case IFLA_MASTER: upper = attribute.integer(as: UInt32.self).flatMap { $0 == 0 ? nil : InterfaceIndex($0) }
        case IFLA_LINKINFO:
            attribute.forEachNested { if Int($0.type) == IFLA_INFO_SLAVE_KIND { upperKind = $0.string } }
        case IFLA_CARRIER: hasCarrier = attribute.integer(as: UInt8.self) == 1
        case IFLA_EVENT:
            let event = attribute.integer(as: UInt32.self).map(Int.init)
            asksForAnnouncement = event == IFLA_EVENT_BONDING_FAILOVER || event == IFLA_EVENT_NOTIFY_PEERS
        default: break
        }
    }
}

extension InterfaceIndex {
    /// The interface of that name in this network namespace; nil where there is none.
    package init?(named name: String) {
        let index = unsafe if_nametoindex(name)
        guard index != 0 else { return nil }
        self.init(index)
    }
}
