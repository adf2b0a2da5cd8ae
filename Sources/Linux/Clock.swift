internal import CLinux
internal import Glibc
package import Time

/// The machine's clocks.
package enum Clock {
    /// Both clocks that leases are kept on, read one after the other.
    package static func now() -> Instant {
        Instant(boottime: read(CLOCK_BOOTTIME), raw: read(CLOCK_MONOTONIC_RAW))
    }

    /// Wall time in nanoseconds since 1970, for people to read; nothing is decided by it.
    package static func wallTime() -> Int64 { read(CLOCK_REALTIME) }

    /// Blocks for an interval: only where there is no loop to wait in. A signal may end it early.
    package static func sleep(for interval: Duration) {
        let nanoseconds = max(0, interval.nanoseconds)
        var time = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        unsafe nanosleep(&time, nil)
    }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        let result = unsafe clock_gettime(clock, &time)
        precondition(result == 0, "clock_gettime(\(clock)): \(Errno.last)")
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
