internal import CLinux
internal import Glibc
import Time

/// A child of ours by pidfd_open(2): readable once it has ended, and never another process of the same number.
final class Pidfd {
    let pid: Int32
    /// For the event loop to watch; readable when the process has ended.
    let descriptor: FileDescriptor
    private var status: ExitStatus?

    /// Takes charge of a child just made; on failure it is killed at once, since nobody could follow it.
    init(ofNew pid: Int32) throws(Errno) {
        self.pid = pid
        do throws(Errno) {
            descriptor = FileDescriptor(owning: try retrying { clinux_pidfd_open(pid) })
        } catch {
            kill(pid, SIGKILL)
            waitpid(pid, nil, 0)
            throw error
        }
    }

    /// Leaves no zombie where the child has ended; one that still runs is the loop's to await.
    deinit { _ = try? reap() }

    /// A process that has ended is no error.
    func send(_ signal: Signal) throws(Errno) {
        let descriptor = descriptor.rawValue
        do throws(Errno) {
            try retrying { clinux_pidfd_send_signal(descriptor, signal.rawValue) }
        } catch {
            if error != .noProcess { throw error }
        }
    }

    var isReaped: Bool { status != nil }

    /// How the child ended; nil while it lives. Asked again, it answers the same.
    func reap() throws(Errno) -> ExitStatus? {
        if status == nil { status = try ExitStatus.reap(pid) }
        return status
    }

    /// Blocks until the child has ended, at most for `bound`.
    func wait(upTo bound: Duration) throws(Errno) -> ExitStatus? {
        let end = Clock.now() + bound
        while true {
            if let status = try reap() { return status }
            let left = Deadline.timer(end).remaining(at: Clock.now())
            guard left > .zero else { return nil }
            try descriptor.waitUntilReadable(upTo: left)
        }
    }
}
