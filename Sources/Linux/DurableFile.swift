internal import CLinux
internal import Glibc

/// A file whose bytes outlive a power failure once `synchronize()` has returned.
///
/// After a failed `synchronize()` nothing is known about the file any more: the kernel has marked the lost pages clean,
/// and the next call succeeds without having written them. Whoever gets an error from here must not go on with it.
package struct DurableFile: ~Copyable {
    private let descriptor: FileDescriptor

    /// Opens a file that exists, for reading and writing in place.
    package init(path: String) throws(Errno) {
        descriptor = try open(path, O_RDWR)
    }

    /// `pwrite(2)`: writes all bytes at `offset`.
    package borrowing func write(_ bytes: [UInt8], at offset: Int) throws(Errno) {
        let number = descriptor.rawValue
        var written = 0
        while written < bytes.count {
            let rest = Array(bytes[written...])
            let position = offset + written
            written += try retrying { unsafe pwrite(number, rest, rest.count, position) }
        }
    }

    /// `fdatasync(2)`: returns when the disk has what was written.
    package borrowing func synchronize() throws(Errno) {
        let number = descriptor.rawValue
        try retrying { fdatasync(number) }
    }
}

extension DurableFile {
    /// The content of a regular file; nil where there is none.
    ///
    /// Symbolic links are not followed. Throws EFBIG for a file of more than `limit` bytes, EINVAL for what is no file.
    package static func read(_ path: String, limit: Int) throws(Errno) -> [UInt8]? {
        let descriptor: FileDescriptor
        do {
            descriptor = try open(path, O_RDONLY)
        } catch .noEntry {
            return nil
        }
        var bytes: [UInt8] = []
        while true {
            let more = try descriptor.read(upTo: 65536)
            if more.isEmpty { return bytes }
            bytes += more
            if bytes.count > limit { throw .fileTooBig }
        }
    }

    /// Gives `path` a new content in one step: after a crash it has the old or the new one, whole.
    ///
    /// Writes `path`.new, syncs it, renames it, and syncs the folder, without which the new name might be lost. A
    /// failure leaves the old content.
    package static func replace(_ path: String, with bytes: [UInt8], mode: UInt32 = 0o600) throws(Errno) {
        let draft = path + ".new"
        do {
            let descriptor = try open(draft, O_WRONLY | O_CREAT | O_TRUNC, mode: mode)
            try descriptor.writeAll(bytes)
            let number = descriptor.rawValue
            try retrying { fsync(number) }
            try retrying { unsafe rename(draft, path) }
        } catch {
            // What is left of the draft takes room on a disk that may be full.
            unsafe unlink(draft)
            throw error
        }
        try Folder.synchronize(Folder.parent(of: path))
    }

    /// Removes a file for good; no error where there is none.
    package static func remove(_ path: String) throws(Errno) {
        do throws(Errno) {
            try retrying { unsafe unlink(path) }
        } catch .noEntry {
            return
        }
        try Folder.synchronize(Folder.parent(of: path))
    }
}

/// Opens a regular file: O_NONBLOCK, so that a FIFO of that name cannot hang us, and O_NOFOLLOW, so that a link cannot
/// lead us elsewhere.
private func open(_ path: String, _ flags: Int32, mode: UInt32 = 0) throws(Errno) -> FileDescriptor {
    let all = flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
    let descriptor = FileDescriptor(owning: try retrying { unsafe clinux_open(path, all, mode) })
    guard try FileStatus(of: descriptor).kind == .regular else { throw Errno.invalidArgument }
    return descriptor
}
