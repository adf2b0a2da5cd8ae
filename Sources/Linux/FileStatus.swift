internal import CLinux
internal import Glibc

/// What stat(2) says about a file.
package struct FileStatus: Hashable, Sendable {
    package enum Kind: Hashable, Sendable { case regular, directory, symbolicLink, socket, other }

    package var kind: Kind
    package var owner: UInt32
    package var group: UInt32
    /// Permission, sticky and set-id bits: `0o7777`.
    package var permissions: UInt32
    package var size: Int64
    package var device: UInt64
    package var inode: UInt64
    /// When the content and when anything of the file last changed, in nanoseconds since 1970.
    package var modified: Int64
    package var changed: Int64

    package init(of path: String, followingLinks: Bool = true) throws(Errno) {
        var status = stat()
        try retrying { unsafe followingLinks ? stat(path, &status) : lstat(path, &status) }
        self.init(status)
    }

    package init(of descriptor: borrowing FileDescriptor) throws(Errno) {
        var status = stat()
        let number = descriptor.rawValue
        try retrying { unsafe fstat(number, &status) }
        self.init(status)
    }

    private init(_ status: stat) {
        kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .regular
            case S_IFDIR: .directory
            case S_IFLNK: .symbolicLink
            case S_IFSOCK: .socket
            default: .other
            }
        (owner, group, permissions) = (status.st_uid, status.st_gid, status.st_mode & 0o7777)
        (size, device, inode) = (Int64(status.st_size), UInt64(status.st_dev), UInt64(status.st_ino))
        (modified, changed) = (Self.nanoseconds(status.st_mtim), Self.nanoseconds(status.st_ctim))
    }

    private static func nanoseconds(_ time: timespec) -> Int64 {
        Int64(time.tv_sec).multipliedReportingOverflow(by: 1_000_000_000).partialValue &+ Int64(time.tv_nsec)
    }

    package var isSticky: Bool { permissions & 0o1000 != 0 }
    package var isWritableByGroup: Bool { permissions & 0o020 != 0 }
    package var isWritableByOthers: Bool { permissions & 0o002 != 0 }
    package var isExecutable: Bool { permissions & 0o111 != 0 }
}

extension FileStatus {
    /// Where a symbolic link points: `readlink(2)`.
    package static func target(ofLink path: String) throws(Errno) -> String {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let capacity = buffer.count
        let length = try retrying {
            unsafe buffer.withUnsafeMutableBytes { bytes in
                guard let first = unsafe bytes.assumingMemoryBound(to: CChar.self).baseAddress else { return -1 }
                return unsafe readlink(path, first, capacity)
            }
        }
        return String(decoding: buffer.prefix(length), as: UTF8.self)
    }
}
