internal import CLinux
internal import Glibc

/// An open file, socket or other kernel object; closed when the value ends.
package struct FileDescriptor: ~Copyable {
    package let rawValue: Int32

    /// Takes over a descriptor that nobody else closes.
    package init(owning rawValue: Int32) { self.rawValue = rawValue }

    /// `F_DUPFD_CLOEXEC` of fcntl(2): one more descriptor of what somebody else's stands for.
    package init(duplicating other: Int32) throws(Errno) {
        rawValue = try retrying { clinux_fcntl(other, F_DUPFD_CLOEXEC, 0) }
    }

    deinit { _ = Glibc.close(rawValue) }

    /// Closes and reports what `close(2)` says; the descriptor is gone either way.
    package consuming func close() throws(Errno) {
        let number = rawValue
        discard self
        // Linux frees the descriptor even on EINTR: a second close could hit somebody else's.
        if Glibc.close(number) == -1, Errno.last != .interrupted { throw Errno.last }
    }

    /// Gives up ownership: the caller closes.
    package consuming func release() -> Int32 {
        let number = rawValue
        discard self
        return number
    }
}

extension FileDescriptor {
    /// `read(2)`: at most `count` bytes, none at end-of-file.
    package borrowing func read(upTo count: Int) throws(Errno) -> [UInt8] {
        let number = rawValue
        var failure: Errno?
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            do throws(Errno) {
                filled = try retrying { unsafe Glibc.read(number, buffer.baseAddress, count) }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// `write(2)`: returns how many bytes were taken.
    package borrowing func write(_ bytes: some Sequence<UInt8>) throws(Errno) -> Int {
        let number = rawValue
        let array = Array(bytes)
        return try retrying { unsafe Glibc.write(number, array, array.count) }
    }

    /// `send(2)` on a stream socket: returns how many bytes were taken. A closed other end is EPIPE, not SIGPIPE.
    package borrowing func send(_ bytes: some Sequence<UInt8>) throws(Errno) -> Int {
        let number = rawValue
        let array = Array(bytes)
        return try retrying { unsafe Glibc.send(number, array, array.count, Int32(MSG_NOSIGNAL)) }
    }

    /// Writes all bytes; for blocking descriptors.
    package borrowing func writeAll(_ bytes: [UInt8]) throws(Errno) {
        var rest = bytes[...]
        while !rest.isEmpty { rest = rest.dropFirst(try write(rest)) }
    }

    package borrowing func setNonBlocking(_ on: Bool) throws(Errno) {
        let number = rawValue
        let flags = try retrying { clinux_fcntl(number, F_GETFL, 0) }
        let wanted = on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK
        try retrying { clinux_fcntl(number, F_SETFL, Int(wanted)) }
    }
}

/// Two connected descriptors, of a pipe (`read`, `write`) or of a socket pair.
package struct DescriptorPair: ~Copyable {
    package var first: FileDescriptor
    package var second: FileDescriptor

    /// `pipe2(2)` with CLOEXEC; `first` is the end to read.
    package static func pipe() throws(Errno) -> DescriptorPair {
        var ends: [Int32] = [-1, -1]
        try retrying { unsafe clinux_pipe2(&ends, O_CLOEXEC) }
        return DescriptorPair(first: .init(owning: ends[0]), second: .init(owning: ends[1]))
    }

    /// A SOCK_SEQPACKET pair with CLOEXEC: message boundaries are kept, and the peer's death is seen.
    package static func seqpacket() throws(Errno) -> DescriptorPair {
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_SEQPACKET.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        try retrying { unsafe socketpair(AF_UNIX, kind, 0, &ends) }
        return DescriptorPair(first: .init(owning: ends[0]), second: .init(owning: ends[1]))
    }
}
