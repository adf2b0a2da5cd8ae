internal import CMnl
internal import Glibc
package import Net

/// What the kernel is asked to do about an address.
package enum AddressRequest: Hashable, Sendable {
    /// `RTM_NEWADDR` with `NLM_F_CREATE` and `NLM_F_REPLACE`: puts the address on, or renews the one that is there.
    ///
    /// The lifetime is at least a second. Flags and tag are always the same, since the kernel replaces them too. Where the
    /// address is there with another prefix length, IPv4 gets a second one, and IPv6 renews the one that is there and
    /// keeps its length: who must remove it for certain lists the addresses.
    case replace(Prefix, on: InterfaceIndex, lifetime: AddressLifetime)
    /// `RTM_DELADDR` of exactly this prefix. An address that is not there is refused with `addressNotAvailable`.
    case remove(Prefix, from: InterfaceIndex)
}

extension AddressRequest {
    /// The request as the kernel reads it. A refusal is answered in any case, success only if `isAnswered`.
    func message(sequence: UInt32, isAnswered: Bool = true) -> [UInt8] {
        let ack = isAnswered ? NLM_F_ACK : 0
        return switch self {
        case .replace(let prefix, let interface, let lifetime):
            unsafe NetlinkMessage.request(
                RTM_NEWADDR,
                flags: ack | NLM_F_CREATE | NLM_F_REPLACE,
                sequence: sequence,
                header: ifaddrmsg(prefix, on: interface)
            ) { message in
                unsafe Self.put(prefix.address, into: message)
                unsafe Self.put(lifetime, of: prefix, into: message)
            }
        case .remove(let prefix, let interface):
            unsafe NetlinkMessage.request(
                RTM_DELADDR,
                flags: ack,
                sequence: sequence,
                header: ifaddrmsg(prefix, on: interface)
            ) { message in
                unsafe Self.put(prefix.address, into: message)
            }
        }
    }

    /// Both `IFA_LOCAL` and `IFA_ADDRESS`: with the first alone a removal could hit the address under another prefix.
    private static func put(_ address: IPAddress, into message: UnsafeMutablePointer<nlmsghdr>) {
        let bytes = address.bytes
        unsafe mnl_attr_put(message, UInt16(IFA_LOCAL), bytes.count, bytes)
        unsafe mnl_attr_put(message, UInt16(IFA_ADDRESS), bytes.count, bytes)
    }

    /// Lifetime, flags and tag.
    ///
    /// An IPv6 address is preferred for zero seconds, so that no connection of the host's own begins from it, and skips
    /// duplicate detection, during which it would not answer for a second and a half. A single one comes without a route
    /// to its prefix, which is itself: with a lifetime that route would outlast the address until its own time is over,
    /// and each removal walks through all IPv6 routes (a third of the time for 1,000).
    private static func put(
        _ lifetime: AddressLifetime,
        of prefix: Prefix,
        into message: UnsafeMutablePointer<nlmsghdr>
    ) {
        var info = ifa_cacheinfo()
        switch lifetime {
        case .forever: info.ifa_valid = .max
        case .seconds(let seconds): info.ifa_valid = max(1, seconds)
        }
        switch prefix.address {
        case .v4:
            info.ifa_prefered = info.ifa_valid
        case .v6:
            var flags = InterfaceAddress.Flags.noDuplicateDetection
            if prefix.length == 128 { flags.insert(.noPrefixRoute) }
            unsafe mnl_attr_put_u32(message, UInt16(IFA_FLAGS), flags.rawValue)
        }
        unsafe mnl_attr_put(message, UInt16(IFA_CACHEINFO), MemoryLayout<ifa_cacheinfo>.size, &info)
        unsafe mnl_attr_put_u8(message, UInt16(IFA_PROTO), InterfaceAddress.Tag.vipSwitch.rawValue)
    }

    /// The refusal of this request.
    func failure(_ errno: Errno, kernelText: String? = nil) -> NetlinkError {
        switch self {
        case .replace(let prefix, let interface, _):
            NetlinkError("add", "\(prefix) to \(interface)", errno, kernelText: kernelText)
        case .remove(let prefix, let interface):
            NetlinkError("remove", "\(prefix) from \(interface)", errno, kernelText: kernelText)
        }
    }
}

extension ifaddrmsg {
    fileprivate init(_ prefix: Prefix, on interface: InterfaceIndex) {
        self.init()
        ifa_family = prefix.address.family
        ifa_prefixlen = UInt8(prefix.length)
        ifa_scope = UInt8(RT_SCOPE_UNIVERSE.rawValue)
        ifa_index = interface.rawValue
    }
}
