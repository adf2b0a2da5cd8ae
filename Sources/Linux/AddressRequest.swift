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
    /// The longest message: a header, an `ifaddrmsg` and five attributes, of which two hold an IPv6 address.
    static let lengthLimit = 128

    /// The request as the kernel reads it.
    func message(sequence: UInt32) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Self.lengthLimit)
        let length = unsafe bytes.withUnsafeMutableBytes { buffer -> Int in
            guard let message = unsafe mnl_nlmsg_put_header(buffer.baseAddress) else { return 0 }
            unsafe message.pointee.nlmsg_seq = sequence
            switch self {
            case .replace(let prefix, let interface, let lifetime):
                unsafe message.pointee.nlmsg_type = UInt16(RTM_NEWADDR)
                unsafe message.pointee.nlmsg_flags = UInt16(NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE)
                unsafe Self.put(prefix, on: interface, into: message)
                unsafe Self.put(lifetime, of: prefix.address, into: message)
            case .remove(let prefix, let interface):
                unsafe message.pointee.nlmsg_type = UInt16(RTM_DELADDR)
                unsafe message.pointee.nlmsg_flags = UInt16(NLM_F_REQUEST | NLM_F_ACK)
                unsafe Self.put(prefix, on: interface, into: message)
            }
            return Int(unsafe message.pointee.nlmsg_len)
        }
        return Array(bytes[..<length])
    }

    /// What `RTM_NEWADDR` and `RTM_DELADDR` share.
    ///
    /// Both `IFA_LOCAL` and `IFA_ADDRESS`: with the first alone a removal could hit the address under another prefix.
    private static func put(
        _ prefix: Prefix,
        on interface: InterfaceIndex,
        into message: UnsafeMutablePointer<nlmsghdr>
    ) {
        guard let extra = unsafe mnl_nlmsg_put_extra_header(message, MemoryLayout<ifaddrmsg>.size) else { return }
        var header = ifaddrmsg()
        header.ifa_family = prefix.address.family
        header.ifa_prefixlen = UInt8(prefix.length)
        header.ifa_scope = UInt8(RT_SCOPE_UNIVERSE.rawValue)
        header.ifa_index = interface.rawValue
        unsafe extra.storeBytes(of: header, as: ifaddrmsg.self)
        let bytes = prefix.address.bytes
        unsafe mnl_attr_put(message, UInt16(IFA_LOCAL), bytes.count, bytes)
        unsafe mnl_attr_put(message, UInt16(IFA_ADDRESS), bytes.count, bytes)
    }

    /// Lifetime, flags and tag.
    ///
    /// An IPv6 address is preferred for zero seconds, so that no connection of the host's own begins from it, and skips
    /// duplicate detection, which would take a second and a half and fail against a holder that has just died.
    private static func put(
        _ lifetime: AddressLifetime,
        of address: IPAddress,
        into message: UnsafeMutablePointer<nlmsghdr>
    ) {
        var info = ifa_cacheinfo()
        switch lifetime {
        case .forever: info.ifa_valid = .max
        case .seconds(let seconds): info.ifa_valid = max(1, seconds)
        }
        switch address {
        case .v4:
            info.ifa_prefered = info.ifa_valid
        case .v6:
            let flags = InterfaceAddress.Flags.noDuplicateDetection
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
