internal import CLinux
internal import Glibc

/// What statfs(2) says of the file system that a path lies on.
package struct FileSystem: Hashable, Sendable {
    package enum Kind: Hashable, Sendable { case tmpfs, overlay, nfs, other }

    package var kind: Kind
    package var isReadOnly: Bool
    /// `ST_NOSUID`: set-id bits and capabilities of files count for nothing.
    package var isNoSuid: Bool
    /// For an ordinary user.
    package var freeBytes: Int64
    /// Nil where the file system makes inodes as it needs them.
    package var freeInodes: Int64?

    package init(of path: String) throws(Errno) {
        var found = clinux_file_system()
        try retrying { unsafe clinux_file_system(path, &found) }
        kind =
            switch found.type {
            case 0x0102_1994: .tmpfs  // TMPFS_MAGIC
            case 0x794c_7630: .overlay  // OVERLAYFS_SUPER_MAGIC
            case 0x6969: .nfs  // NFS_SUPER_MAGIC
            default: .other
            }
        isReadOnly = found.flags & 0x1 != 0  // ST_RDONLY
        isNoSuid = found.flags & 0x2 != 0
        freeBytes = Int64(clamping: found.blocks_available.multipliedReportingOverflow(by: UInt64(found.block_size)).0)
        freeInodes = found.files == 0 ? nil : Int64(clamping: found.files_free)
    }
}
