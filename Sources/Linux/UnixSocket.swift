internal import CLinux
internal import Glibc

/// Stream sockets with a name in the file system (unix(7)).
package enum UnixSocket {
    /// Connects without blocking: EAGAIN where too many wait to be accepted, ECONNREFUSED where nobody listens any more.
    package static func connect(to path: String) throws(Errno) -> FileDescriptor {
        let descriptor = try make()
        let number = descriptor.rawValue
        try unsafe withAddress(of: path) { (address, length) throws(Errno) in
            try retrying { unsafe Glibc.connect(number, address, length) }
        }
        return descriptor
    }

    fileprivate static func make() throws(Errno) -> FileDescriptor {
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        return FileDescriptor(owning: try retrying { socket(AF_UNIX, kind, 0) })
    }

    /// Throws ENAMETOOLONG beyond the 107 bytes that fit before the final zero.
    fileprivate static func withAddress(
        of path: String,
        _ body: (UnsafePointer<sockaddr>?, socklen_t) throws(Errno) -> Void
    ) throws(Errno) {
        var bytes = unsafe withUnsafeBytes(of: sa_family_t(AF_UNIX)) { unsafe Array($0) } + Array(path.utf8) + [0]
        guard bytes.count <= MemoryLayout<sockaddr_un>.size else { throw Errno(ENAMETOOLONG) }
        let length = socklen_t(bytes.count)
        bytes += Array(repeating: 0, count: MemoryLayout<sockaddr_un>.size - bytes.count)
        var failure: Errno?
        unsafe bytes.withUnsafeBytes { buffer in
            do throws(Errno) {
                try unsafe body(buffer.baseAddress?.assumingMemoryBound(to: sockaddr.self), length)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }
}

/// A socket that listens; its name goes with it.
package final class UnixListener {
    /// Why there can be none.
    package enum Refusal: Error, Hashable, Sendable {
        /// Somebody answers there.
        case inUse
        /// What stands there is no socket, and not ours to remove.
        case notASocket
        case failed(Errno)
    }

    /// For `EventLoop.watch`.
    package let descriptor: FileDescriptor
    private let path: String
    private let file: FileStatus

    /// Listens at `path` for those whom the mode lets in; a socket that nobody listens on any more is replaced.
    package init(at path: String, mode: UInt32) throws(Refusal) {
        let bound = try Self.bound(to: path)
        do throws(Errno) {
            file = try Self.open(bound, path, mode)
        } catch {
            throw .failed(error)
        }
        descriptor = bound
        self.path = path
    }

    deinit {
        // Not the socket of somebody who took the name since.
        if let now = try? FileStatus(of: path), now.inode == file.inode, now.device == file.device {
            _ = unsafe unlink(path)
        }
    }

    /// The next client, not blocking; nil where none waits.
    package func accept() throws(Errno) -> FileDescriptor? {
        let number = descriptor.rawValue
        do throws(Errno) {
            let flags = Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
            return FileDescriptor(owning: try retrying { clinux_accept4(number, flags) })
        } catch {
            if error == .wouldBlock || error == Errno(ECONNABORTED) { return nil }
            throw error
        }
    }

    private static func bound(to path: String) throws(Refusal) -> FileDescriptor {
        if let descriptor = try bind(path) { return descriptor }
        try removeStale(path)
        guard let descriptor = try bind(path) else { throw .inUse }
        return descriptor
    }

    /// Nobody can connect before listen(2), so nobody can before the mode is right.
    private static func open(
        _ descriptor: borrowing FileDescriptor,
        _ path: String,
        _ mode: UInt32
    ) throws(Errno) -> FileStatus {
        let number = descriptor.rawValue
        try retrying { unsafe chmod(path, mode) }
        try retrying { listen(number, 64) }
        return try FileStatus(of: path)
    }

    /// Nil where the name is taken.
    private static func bind(_ path: String) throws(Refusal) -> FileDescriptor? {
        do throws(Errno) {
            let descriptor = try UnixSocket.make()
            let number = descriptor.rawValue
            try unsafe UnixSocket.withAddress(of: path) { (address, length) throws(Errno) in
                try retrying { unsafe Glibc.bind(number, address, length) }
            }
            return descriptor
        } catch {
            if error == .addressInUse { return nil }
            throw .failed(error)
        }
    }

    /// Removes the socket of an agent that is gone; throws where there is another thing, or somebody who listens.
    private static func removeStale(_ path: String) throws(Refusal) {
        let (isSocket, isAnswered): (Bool, Bool)
        do throws(Errno) {
            isSocket = try FileStatus(of: path, followingLinks: false).kind == .socket
            isAnswered = isSocket ? try answers(path) : false
            if isSocket, !isAnswered { try retrying { unsafe unlink(path) } }
        } catch {
            throw .failed(error)
        }
        if !isSocket { throw .notASocket }
        if isAnswered { throw .inUse }
    }

    private static func answers(_ path: String) throws(Errno) -> Bool {
        do throws(Errno) {
            _ = try UnixSocket.connect(to: path)
            return true
        } catch {
            if error == .connectionRefused { return false }
            // Its queue is full: somebody listens, however slowly.
            if error == .wouldBlock { return true }
            throw error
        }
    }
}
