internal import CLinux
internal import Glibc
internal import Time

/// Asks a question of a forked child that has no capabilities and lives no longer than the answer: for parsing what a
/// privileged process had better not parse.
package enum UnprivilegedAnswer {
    /// What `body` answers in the child; nil where it has no answer, dies, or takes longer than `bound`.
    ///
    /// The child keeps standard error and its end of a pipe, and no other descriptor. An answer of more than `limit`
    /// bytes is none. Call it while there is one thread only.
    package static func ask(
        limit: Int,
        within bound: Duration = .seconds(10),
        _ body: () -> [UInt8]?
    ) throws(Errno) -> [UInt8]? {
        let pipe = try DescriptorPair.pipe()
        let pid = try retrying { fork() }
        if pid == 0 { answer(body, through: pipe.second) }
        let end = pipe.second.release()
        _ = Glibc.close(end)
        let child = try Pidfd(ofNew: pid)
        let bytes = try? readAll(from: pipe.first, limit: limit, until: Clock.now() + bound)
        if bytes == nil { try child.send(.kill) }
        guard try child.wait(upTo: .seconds(5))?.isSuccess == true else { return nil }
        return bytes
    }

    static func answer(_ body: () -> [UInt8]?, through end: consuming FileDescriptor) -> Never {
        let lowest: Int32 = 3
        let number = end.release()
        if number != lowest { dup2(number, lowest) }
        _ = clinux_close_range(UInt32(lowest) + 1, .max)
        guard (try? Capabilities.dropAll()) != nil, (try? Capabilities.setNoNewPrivileges()) != nil,
            let bytes = body(), (try? FileDescriptor(owning: lowest).writeAll(bytes)) != nil
        else { _exit(1) }
        _exit(0)
    }

    private static func readAll(
        from descriptor: borrowing FileDescriptor,
        limit: Int,
        until end: Instant
    ) throws(Errno) -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            let left = Deadline.timer(end).remaining(at: Clock.now())
            guard left > .zero else { throw .timedOut }
            try descriptor.setNonBlocking(true)
            do throws(Errno) {
                let more = try descriptor.read(upTo: 65_536)
                if more.isEmpty { return bytes }
                bytes += more
            } catch .wouldBlock {
                try descriptor.waitUntilReadable(upTo: left)
            }
            guard bytes.count <= limit else { throw .messageTooLong }
        }
    }
}
