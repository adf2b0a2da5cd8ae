internal import CLinux
internal import CMnl
internal import Glibc
package import Net

/// How long the kernel keeps an address without hearing of it again (`ifa_valid`).
package enum AddressLifetime: Hashable, Sendable {
    case forever
    /// Whole seconds, the kernel's unit; a dump tells what is left of them.
    case seconds(UInt32)
}

/// An address on an interface as rtnetlink shows it.
package struct InterfaceAddress: Hashable, Sendable {
    /// The 32 bits of `IFA_FLAGS`; `ifa_flags` in the header has only the lowest eight.
    package struct Flags: OptionSet, Hashable, Sendable {
        package let rawValue: UInt32
        package init(rawValue: UInt32) { self.rawValue = rawValue }
        /// `IFA_F_NODAD`: usable at once, without duplicate detection (IPv6).
        package static let noDuplicateDetection = Flags(rawValue: 0x02)
        /// `IFA_F_DADFAILED`: another machine has the address (IPv6).
        package static let duplicate = Flags(rawValue: 0x08)
        /// `IFA_F_DEPRECATED`: never chosen as the source of a new connection.
        package static let deprecated = Flags(rawValue: 0x20)
        /// `IFA_F_TENTATIVE`: duplicate detection is still running (IPv6).
        package static let tentative = Flags(rawValue: 0x40)
        /// `IFA_F_NOPREFIXROUTE`: without a route to its prefix.
        package static let noPrefixRoute = Flags(rawValue: 0x200)
        /// `IFA_F_PERMANENT`: without a lifetime.
        package static let permanent = Flags(rawValue: 0x80)
    }

    /// Who put an address on (`IFA_PROTO`, Linux 5.18 and later). Numbers up to 3 are the kernel's (`IFAPROT_*`).
    package struct Tag: Hashable, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }
        /// Untagged, or a kernel that knows no tags.
        package static let none = Tag(rawValue: 0)
        /// Ours: free in iproute2's `rt_addrprotos` (keepalived has 18), a `V` in ASCII.
        package static let vipSwitch = Tag(rawValue: 86)
    }

    package var prefix: Prefix
    package var interface: InterfaceIndex
    package var flags: Flags
    package var tag: Tag
    package var lifetime: AddressLifetime

    package init(
        prefix: Prefix,
        interface: InterfaceIndex,
        flags: Flags,
        tag: Tag,
        lifetime: AddressLifetime
    ) {
        self.prefix = prefix
        self.interface = interface
        self.flags = flags
        self.tag = tag
        self.lifetime = lifetime
    }
}

extension InterfaceAddress {
    /// Reads `RTM_NEWADDR` and `RTM_DELADDR`; nil for a message that is neither, or of another family.
    init?(_ message: NetlinkMessage) {
        guard message.type == RTM_NEWADDR || message.type == RTM_DELADDR,
            let header = message.header(as: ifaddrmsg.self)
        else { return nil }
        var attributes = Attributes(flags: Flags(rawValue: UInt32(header.ifa_flags)))
        message.forEachAttribute(after: ifaddrmsg.self) { attributes.read($0) }
        // On a point-to-point link IFA_ADDRESS is the peer; IPv6 without a peer has no IFA_LOCAL.
        guard let bytes = attributes.local ?? attributes.address, let address = IPAddress(bytes: bytes),
            address.family == header.ifa_family,
            let prefix = Prefix(address: address, length: Int(header.ifa_prefixlen))
        else { return nil }
        self.init(
            prefix: prefix,
            interface: InterfaceIndex(header.ifa_index),
            flags: attributes.flags,
            tag: attributes.tag,
            lifetime: attributes.lifetime
        )
    }

    private struct Attributes {
        var local: [UInt8]?
        var address: [UInt8]?
        var flags: Flags
        var tag = Tag.none
        var lifetime = AddressLifetime.forever

        mutating func read(_ attribute: NetlinkAttribute) {
            switch Int(attribute.type) {
            case IFA_LOCAL: local = attribute.bytes
            case IFA_ADDRESS: address = attribute.bytes
            case IFA_FLAGS: flags = Flags(rawValue: attribute.integer(as: UInt32.self) ?? flags.rawValue)
            case IFA_PROTO: tag = Tag(rawValue: attribute.integer(as: UInt8.self) ?? 0)
            case IFA_CACHEINFO:
                guard let info = attribute.structure(as: ifa_cacheinfo.self) else { return }
                lifetime = info.ifa_valid == .max ? .forever : .seconds(info.ifa_valid)
            default: break
            }
        }
    }
}

extension IPAddress {
    /// `AF_INET` or `AF_INET6`.
    var family: UInt8 {
        switch self {
        case .v4: UInt8(AF_INET)
        case .v6: UInt8(AF_INET6)
        }
    }
}
