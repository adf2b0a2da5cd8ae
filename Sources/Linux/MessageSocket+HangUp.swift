internal import CLinux
internal import Glibc

extension MessageSocket {
    /// Whether the other side is gone, whatever of it is still queued: `POLLHUP`.
    package var isHungUp: Bool {
        var entry = pollfd(fd: descriptor.rawValue, events: 0, revents: 0)
        return unsafe poll(&entry, 1, 0) == 1 && entry.revents & Int16(POLLHUP | POLLERR | POLLNVAL) != 0
    }
}
