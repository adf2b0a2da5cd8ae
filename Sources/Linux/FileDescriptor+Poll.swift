internal import CLinux
internal import Glibc
import Time

extension FileDescriptor {
    /// `poll(2)` for input, hang-up or error, rounded up to whole milliseconds; returns early on a signal.
    package borrowing func waitUntilReadable(upTo bound: Duration) throws(Errno) {
        try wait(for: POLLIN, upTo: bound)
    }

    /// The same for room to write.
    package borrowing func waitUntilWritable(upTo bound: Duration) throws(Errno) {
        try wait(for: POLLOUT, upTo: bound)
    }

    private borrowing func wait(for events: Int32, upTo bound: Duration) throws(Errno) {
        var entry = pollfd(fd: rawValue, events: Int16(events), revents: 0)
        let milliseconds = min(max(bound.nanoseconds, 0) / 1_000_000 + 1, Int64(Int32.max))
        guard unsafe poll(&entry, 1, Int32(milliseconds)) == -1, Errno.last != .interrupted else { return }
        throw Errno.last
    }
}
