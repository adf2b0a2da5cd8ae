internal import CLinux
internal import Glibc
import Time

/// A file, or standard error, that lines are appended to.
package struct AppendFile: ~Copyable {
    private let descriptor: FileDescriptor

    /// Opens with O_APPEND; a missing file is made with mode 0640. A FIFO without a reader is an error, not a wait.
    package init(path: String) throws(Errno) {
        let flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK
        let opened = FileDescriptor(owning: try retrying { unsafe clinux_open(path, flags, 0o640) })
        try opened.setNonBlocking(false)
        descriptor = opened
    }

    /// Another descriptor of this process's standard error.
    package static func standardError() throws(Errno) -> AppendFile {
        let number = try retrying { clinux_fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3) }
        return AppendFile(descriptor: FileDescriptor(owning: number))
    }

    private init(descriptor: consuming FileDescriptor) { self.descriptor = descriptor }

    /// Whether `path` still names this file: after a rotation it names another one, or none.
    package borrowing func isNamed(_ path: String) -> Bool {
        guard let own = try? FileStatus(of: descriptor), let named = try? FileStatus(of: path) else { return false }
        return own.device == named.device && own.inode == named.inode
    }

    /// `write(2)`: returns how many bytes were taken; blocks.
    ///
    /// Standard error may be non-blocking, since that is a property of the open file and whoever else has it may have
    /// set it: then room is waited for, at most for `patience`.
    package borrowing func append(_ bytes: ArraySlice<UInt8>, patience: Duration) throws(Errno) -> Int {
        do throws(Errno) {
            return try descriptor.write(bytes)
        } catch {
            guard error == .wouldBlock else { throw error }
        }
        try descriptor.waitUntilWritable(upTo: patience)
        return try descriptor.write(bytes)
    }
}
