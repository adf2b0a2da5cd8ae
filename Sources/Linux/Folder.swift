internal import CLinux
internal import Glibc

/// What is asked of folders that hold durable files.
package enum Folder {
    /// `mkdir(2)` for this user alone, durably; the folder above must exist.
    package static func create(_ path: String) throws(Errno) {
        try retrying { unsafe mkdir(path, 0o700) }
        try synchronize(parent(of: path))
    }

    /// Makes names that were added, changed or removed in the folder durable.
    package static func synchronize(_ path: String) throws(Errno) {
        let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC
        let folder = FileDescriptor(owning: try retrying { unsafe clinux_open(path, flags, 0) })
        let number = folder.rawValue
        try retrying { fsync(number) }
    }

    /// `rename(2)`: what had the new name is gone.
    package static func rename(_ path: String, to other: String) throws(Errno) {
        try retrying { unsafe Glibc.rename(path, other) }
    }

    /// The folder that a path names its last part in: `/a` for `/a/b`, `.` for `b`.
    package static func parent(of path: String) -> String {
        var trimmed = path[...]
        while trimmed.count > 1, trimmed.last == "/" { trimmed.removeLast() }
        guard let slash = trimmed.lastIndex(of: "/") else { return "." }
        return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
    }
}
