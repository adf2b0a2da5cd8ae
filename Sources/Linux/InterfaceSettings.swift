internal import CLinux
internal import Glibc

/// Kernel settings of an interface, from `/proc/sys/net/ipv6/conf/INTERFACE/`.
///
/// Nil means that the kernel has no such setting: no IPv6, or no such interface.
package enum InterfaceSettings {
    /// `forwarding`: whether this machine is an IPv6 router there, as neighbour advertisements must tell.
    package static func forwardsIPv6(on interface: String) -> Bool? {
        read("forwarding", of: interface).map { $0 != "0" }
    }

    /// `disable_ipv6`: adding an IPv6 address there is refused.
    package static func disablesIPv6(on interface: String) -> Bool? {
        read("disable_ipv6", of: interface).map { $0 != "0" }
    }

    private static func read(_ setting: String, of interface: String) -> String? {
        guard !interface.contains("/"), interface != "..", interface != "." else { return nil }
        let path = "/proc/sys/net/ipv6/conf/\(interface)/\(setting)"
        guard let number = try? retrying({ unsafe clinux_open(path, O_RDONLY | O_CLOEXEC, 0) }),
            let bytes = try? FileDescriptor(owning: number).read(upTo: 32)
        else { return nil }
        return String(decoding: bytes.prefix { $0 != 0x0a }, as: UTF8.self)
    }
}
