internal import CLinux
internal import Glibc

/// A file of the administrator's, read whole: symbolic links are followed, but what is no regular file is refused.
package struct RegularFile: Hashable, Sendable {
    package var bytes: [UInt8]
    /// Of the very file that was read, not of one that took its name meanwhile.
    package var status: FileStatus

    /// Throws EINVAL for what is no regular file, EFBIG for one of more than `limit` bytes.
    package static func read(_ path: String, limit: Int) throws(Errno) -> RegularFile {
        // O_NONBLOCK: a FIFO of that name cannot hang us.
        let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK
        let descriptor = FileDescriptor(owning: try retrying { unsafe clinux_open(path, flags, 0) })
        let status = try FileStatus(of: descriptor)
        guard status.kind == .regular else { throw status.kind == .directory ? Errno(EISDIR) : .invalidArgument }
        var bytes: [UInt8] = []
        while true {
            let more = try descriptor.read(upTo: 65536)
            if more.isEmpty { return RegularFile(bytes: bytes, status: status) }
            bytes += more
            if bytes.count > limit { throw Errno(EFBIG) }
        }
    }

    /// Writes a file that nobody but its owner may read, durably; throws EEXIST where something has that name.
    package static func create(_ path: String, with bytes: [UInt8]) throws(Errno) {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
        let descriptor = FileDescriptor(owning: try retrying { unsafe clinux_open(path, flags, 0o600) })
        do throws(Errno) {
            let number = descriptor.rawValue
            // The umask may have taken away what the owner needs.
            try retrying { fchmod(number, 0o600) }
            try descriptor.writeAll(bytes)
            try retrying { fsync(number) }
            try Folder.synchronize(Folder.parent(of: path))
        } catch {
            unsafe unlink(path)
            throw error
        }
    }

    /// Whether this process may do that with the path: `faccessat(2)` with the effective ids.
    package static func mayWrite(_ path: String) -> Bool {
        unsafe faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0
    }
}
