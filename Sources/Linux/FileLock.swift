internal import CLinux
internal import Glibc

/// An exclusive lock on a file, held until the value or the process ends (classic fcntl(2) locks).
///
/// Not flock(2) nor an open-file-description lock: those pass to forked children, so that a helper left over would
/// keep the lock of a dead agent, and they cannot name their holder. In return a classic lock is lost as soon as its
/// process closes *any* descriptor of the file: open it nowhere else.
package struct FileLock: ~Copyable {
    package enum Outcome: ~Copyable {
        case acquired(FileLock)
        /// Another process has it; its pid is 0 where that process lives in another pid namespace.
        case held(by: Int32)
    }

    private let descriptor: FileDescriptor

    /// Makes the file (mode 0600) where it is missing, and tries once.
    package static func acquire(_ path: String) throws(Errno) -> Outcome {
        let flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW
        let descriptor = FileDescriptor(owning: try retrying { unsafe clinux_open(path, flags, 0o600) })
        let number = descriptor.rawValue
        while true {
            do throws(Errno) {
                try perform(F_SETLK, on: number)
                return .acquired(FileLock(descriptor: descriptor))
            } catch {
                guard error == .wouldBlock || error == .accessDenied else { throw error }
            }
            let found = try perform(F_GETLK, on: number)
            // Released between the two calls: try again.
            if found.l_type != Int16(F_UNLCK) { return .held(by: found.l_pid) }
        }
    }

    @discardableResult
    private static func perform(_ command: Int32, on number: Int32) throws(Errno) -> flock {
        var lock = flock()
        lock.l_type = Int16(F_WRLCK)
        lock.l_whence = Int16(SEEK_SET)
        try retrying { unsafe clinux_fcntl_lock(number, command, &lock) }
        return lock
    }
}
