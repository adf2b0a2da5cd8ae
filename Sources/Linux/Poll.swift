internal import CLinux
internal import Glibc
internal import Time

/// Waits for several descriptors where there is no loop to wait in.
package enum Poll {
    /// `poll(2)`: returns when one of them can be read, or after `bound`; a signal may end it early.
    package static func untilReadable(_ descriptors: [Int32], upTo bound: Duration) {
        var entries = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        let milliseconds = min(max(bound.nanoseconds, 0) / 1_000_000 + 1, Int64(Int32.max))
        _ = unsafe poll(&entries, nfds_t(entries.count), Int32(milliseconds))
    }
}
