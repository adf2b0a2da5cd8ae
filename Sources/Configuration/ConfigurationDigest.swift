/// A hash over all texts that a configuration was made from: two processes that read the files for themselves find out by
/// it that they have read the same.
///
/// FNV-1a of 128 bits: whoever writes these files may change anything anyway, so nothing hangs on a collision.
package struct ConfigurationDigest: Hashable, Sendable {
    package var bits: UInt128

    package init(bits: UInt128) { self.bits = bits }

    init(_ texts: [[UInt8]?]) {
        var hash: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d
        func take(_ byte: UInt8) { hash = (hash ^ UInt128(byte)) &* 0x0000_0000_0100_0000_0000_0000_0000_013b }
        for text in texts {
            // A file that is not there is none that is empty, and where one ends is part of it.
            take(text == nil ? 0 : 1)
            for shift in stride(from: 0, to: 64, by: 8) { take(UInt8(truncatingIfNeeded: (text ?? []).count >> shift)) }
            for byte in text ?? [] { take(byte) }
        }
        bits = hash
    }
}

extension ConfigurationInput {
    package var digest: ConfigurationDigest { ConfigurationDigest([file.bytes, vipConf?.bytes]) }
}
