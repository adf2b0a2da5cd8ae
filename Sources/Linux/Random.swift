internal import CLinux

/// The kernel's random numbers, `getrandom(2)`: good enough for keys.
package enum Random {
    package static func bytes(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count { filled += fill(&bytes, from: filled) }
        return bytes
    }

    package static func uint64() -> UInt64 { bytes(8).reduce(0) { $0 << 8 | UInt64($1) } }
    package static func uint128() -> UInt128 { bytes(16).reduce(0) { $0 << 8 | UInt128($1) } }

    /// getrandom(2) fails only for a bad pointer or an unknown flag: neither can happen here.
    private static func fill(_ bytes: inout [UInt8], from start: Int) -> Int {
        let count = unsafe bytes.withUnsafeMutableBytes { buffer in
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[start...])
            return try? retrying { unsafe clinux_getrandom(rest.baseAddress, rest.count) }
        }
        guard let count else { preconditionFailure("getrandom: \(Errno.last)") }
        return count
    }
}
