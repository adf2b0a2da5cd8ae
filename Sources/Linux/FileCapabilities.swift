internal import CLinux
internal import Glibc

/// What keeps a program from its capabilities, or gives them.
extension Capabilities {
    /// What exec of the file would grant to any user (`security.capability`); none where it has no such attribute, or one
    /// that does not make them effective.
    package static func granted(byFile path: String) -> Set {
        var value = [UInt8](repeating: 0, count: 64)
        let length = unsafe clinux_getxattr(path, "security.capability", &value, value.count)
        // struct vfs_cap_data: magic and flags, then permitted and inheritable of 32 bits each, twice; little-endian.
        guard length >= 20 else { return [] }
        func word(_ index: Int) -> UInt64 {
            value[index * 4..<index * 4 + 4].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        let isEffective = word(0) & 1 != 0
        return isEffective ? Set(rawValue: word(1) | word(3) << 32) : []
    }

    /// Whether the bounding set lets a program have them.
    package static func mayHave(_ capability: Set) -> Bool {
        let number = UInt(capability.rawValue.trailingZeroBitCount)
        return clinux_prctl(PR_CAPBSET_READ, number, 0, 0, 0) == 1
    }

    /// `no_new_privs`: exec grants nothing any more.
    package static var isBarred: Bool { clinux_prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 }
}

/// What `realtime: true` takes, by getrlimit(2).
package struct RealTimeLimits: Hashable, Sendable {
    /// Nil: no bound.
    package var highestPriority: UInt64?
    package var mayLockMemory: Bool

    package static func read() -> RealTimeLimits? {
        var (priority, memory) = (UInt64(0), UInt64(0))
        guard unsafe clinux_realtime_limits(&priority, &memory) == 0 else { return nil }
        return RealTimeLimits(highestPriority: priority == .max ? nil : priority, mayLockMemory: memory == .max)
    }
}
