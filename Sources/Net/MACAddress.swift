/// An Ethernet hardware address of six bytes.
package struct MACAddress: Hashable, Sendable {
    /// Always six.
    package let bytes: [UInt8]

    /// Nil unless there are six bytes.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 6 else { return nil }
        self.bytes = bytes
    }

    /// The group address that an IPv6 multicast address is sent to (RFC 2464 §7).
    package init(multicastFor address: UInt128) {
        bytes = [0x33, 0x33] + IPAddress.v6(address).bytes.suffix(4)
    }

    private init(repeating byte: UInt8) {
        bytes = Array(repeating: byte, count: 6)
    }

    package static let broadcast = MACAddress(repeating: 0xff)
    package static let zero = MACAddress(repeating: 0)
}

extension MACAddress: CustomStringConvertible {
    package var description: String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ":")
    }
}
