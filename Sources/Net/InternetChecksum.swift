/// The checksum of IPv4, ICMP, UDP and their relatives (RFC 1071): the complement of the ones' complement sum.
package struct InternetChecksum: Sendable {
    private var sum: UInt64 = 0

    package init() {}

    /// Adds bytes that begin at an even offset; an odd last byte counts as if a zero followed, so it must be the last.
    package mutating func add(_ bytes: some Sequence<UInt8>) {
        var isHigh = true
        for byte in bytes {
            sum += isHigh ? UInt64(byte) << 8 : UInt64(byte)
            isHigh.toggle()
        }
    }

    /// What goes into the checksum field; zero over a packet that already holds its right checksum.
    package var value: UInt16 {
        var folded = sum
        while folded > 0xffff { folded = folded & 0xffff + folded >> 16 }
        return ~UInt16(folded)
    }
}
