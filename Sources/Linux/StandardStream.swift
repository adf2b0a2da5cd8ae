internal import CLinux
internal import Glibc

/// Where a command writes what people or scripts read.
package enum StandardStream: Int32, Sendable {
    case output = 1
    case error = 2

    /// Writes a line where it can be taken at once, and otherwise not at all. A pipe that poll(2) calls writable takes 4,096
    /// bytes (`PIPE_BUF`).
    package func offer(_ line: String) {
        var poll = pollfd(fd: rawValue, events: Int16(POLLOUT), revents: 0)
        guard unsafe Glibc.poll(&poll, 1, 0) == 1, poll.revents & Int16(POLLOUT) != 0 else { return }
        let (number, bytes) = (rawValue, Array(line.utf8.prefix(4_096)))
        _ = try? retrying { unsafe Glibc.write(number, bytes, bytes.count) }
    }

    /// Writes all of it, unbuffered.
    package func write(_ text: String) throws(Errno) {
        let number = rawValue
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let bytes = Array(rest)
            rest = rest.dropFirst(try retrying { unsafe Glibc.write(number, bytes, bytes.count) })
        }
    }
}
