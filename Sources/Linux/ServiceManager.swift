internal import CLinux
internal import Glibc

/// The service manager that has started us and wants to hear how we are: sd_notify(3), a datagram of `NAME=value` lines to
/// the socket in `NOTIFY_SOCKET`.
///
/// The variables are taken out of the environment, for they are meant for this process alone: a helper or a hook that spoke
/// there would be refused, or worse, believed.
package final class ServiceManager {
    private let socket: FileDescriptor
    private let address: [UInt8]
    /// Without a sign of life for so long we are killed; nil where nobody waits for one.
    package let watchdog: Duration?

    /// Call it before anything is forked. Nil where no service manager asks, or at a place that we do not know how to reach.
    package static func take() -> ServiceManager? {
        let path = ProcessEnvironment.take("NOTIFY_SOCKET")
        let (interval, pid) = (ProcessEnvironment.take("WATCHDOG_USEC"), ProcessEnvironment.take("WATCHDOG_PID"))
        // WATCHDOG_PID says whom it is meant for, where a wrapper has handed the environment on.
        let isMeant = pid.map { Int32($0) == getpid() } ?? true
        let microseconds = isMeant ? interval.flatMap { Int64($0) } : nil
        return path.flatMap {
            ServiceManager(at: $0, watchdog: microseconds.flatMap { $0 > 0 ? .microseconds($0) : nil })
        }
    }

    /// - Parameter path: Absolute, or behind an `@` the name of an abstract socket (unix(7)).
    package init?(at path: String, watchdog: Duration? = nil) {
        guard path.hasPrefix("/") || path.hasPrefix("@"), path.utf8.count > 1,
            let address = Self.address(Array(path.utf8))
        else { return nil }
        let kind = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        guard let number = try? retrying({ Glibc.socket(AF_UNIX, kind, 0) }) else { return nil }
        socket = FileDescriptor(owning: number)
        self.address = address
        self.watchdog = watchdog
    }

    /// Sends now or not at all: nobody waits for a service manager.
    ///
    /// To the address each time, for it may be another socket after the manager has been executed anew.
    package func tell(_ lines: String...) {
        let message = Array(lines.joined(separator: "\n").utf8)
        let (number, flags) = (socket.rawValue, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
        _ = unsafe address.withUnsafeBytes { bytes in
            let pointer = unsafe bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self)
            return unsafe sendto(number, message, message.count, flags, pointer, socklen_t(bytes.count))
        }
    }

    /// `struct sockaddr_un`, exactly as long as the name: an abstract one has no end but that.
    private static func address(_ path: [UInt8]) -> [UInt8]? {
        var name = path
        if path[0] == UInt8(ascii: "@") { name[0] = 0 } else { name.append(0) }
        let family = unsafe withUnsafeBytes(of: sa_family_t(AF_UNIX)) { unsafe Array($0) }
        let bytes = family + name
        return bytes.count <= MemoryLayout<sockaddr_un>.size ? bytes : nil
    }
}

extension Clock {
    /// CLOCK_MONOTONIC in microseconds, as `MONOTONIC_USEC` wants it.
    package static var monotonicMicroseconds: Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }
}

extension StandardStream {
    /// Whether standard error is the journal: `JOURNAL_STREAM` names it by device and inode (systemd.exec(5)). A line may
    /// then begin with its priority in angle brackets, and nowhere else.
    package static var isJournal: Bool {
        guard let words = ProcessEnvironment.value("JOURNAL_STREAM")?.split(separator: ":"), words.count == 2 else {
            return false
        }
        var status = stat()
        guard unsafe fstat(StandardStream.error.rawValue, &status) == 0 else { return false }
        return UInt64(words[0]) == UInt64(status.st_dev) && UInt64(words[1]) == UInt64(status.st_ino)
    }
}
