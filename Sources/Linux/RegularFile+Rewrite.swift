internal import CLinux
internal import Glibc

extension Errno {
    package static let isLink = Errno(ELOOP)
}

extension RegularFile {
    /// Gives a file another content in one step, with the owner, group and mode that it has; durable when it returns.
    ///
    /// Throws ELOOP for a symbolic link, which would be replaced by a file, and EPERM where owner or group cannot be kept.
    package static func rewrite(_ path: String, with bytes: [UInt8]) throws(Errno) {
        let status = try FileStatus(of: path, followingLinks: false)
        guard status.kind != .symbolicLink else { throw .isLink }
        guard status.kind == .regular else { throw .invalidArgument }
        let draft = "\(path).new"
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
        let descriptor = FileDescriptor(owning: try retrying { unsafe clinux_open(draft, flags, 0o600) })
        do throws(Errno) {
            let number = descriptor.rawValue
            // Owner and group first: a change of them may take mode bits away.
            try keepOwner(of: status, number)
            try retrying { fchmod(number, status.permissions) }
            try descriptor.writeAll(bytes)
            try retrying { fsync(number) }
            try retrying { unsafe rename(draft, path) }
            try Folder.synchronize(Folder.parent(of: path))
        } catch {
            unsafe unlink(draft)
            throw error
        }
    }

    /// Another group does no harm where the mode gives it nothing.
    private static func keepOwner(of status: FileStatus, _ number: Int32) throws(Errno) {
        do throws(Errno) {
            try retrying { fchown(number, status.owner, status.group) }
        } catch {
            let isMine = status.owner == User.effective.id
            guard isMine, status.permissions & 0o070 == 0 else { throw error }
        }
    }
}
