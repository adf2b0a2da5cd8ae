internal import CLinux
internal import Glibc
internal import Time

/// A process forked from the agent that lives on the other end of a SOCK_SEQPACKET pair: keeper, scribe, runner.
///
/// Each has a session of its own, ignores TERM, INT and HUP, and holds no descriptor but standard input, output and
/// error and its own end. So no helper keeps another's or the agent's end open, and each sees end-of-file as soon as
/// the agent is gone, however it went and in whatever order they were forked.
package final class HelperProcess {
    package let name: String
    /// The agent's end; closing it (by letting this value go) tells the helper to end.
    package let socket: MessageSocket
    private let process: Pidfd

    package var pid: Int32 { process.pid }

    /// Forks; `body` runs in the child with its end of the pair, which blocks until `body` says otherwise.
    ///
    /// **Every other descriptor is closed in the child**, its numbers free for others: `body` opens what it needs
    /// itself and must not use a descriptor that the agent opened before. Call it while there is one thread only.
    /// - Parameter name: At most 15 bytes, shown by `ps -o comm`.
    package static func start(
        name: String,
        limit: Int = 65_536,
        body: (consuming FileDescriptor) -> Never
    ) throws(Errno) -> HelperProcess {
        let pair = try DescriptorPair.seqpacket()
        // Nothing may arrive between the fork and the child's own dispositions.
        let mask = SignalMask.current
        SignalMask.everything.add()
        defer { mask.replace() }
        let pid = try retrying { fork() }
        if pid == 0 { body(become(name, pair.second)) }
        return HelperProcess(
            name: name,
            process: try Pidfd(ofNew: pid),
            socket: MessageSocket(pair.first, limit: limit)
        )
    }

    /// What the child is before anything else.
    private static func become(_ name: String, _ end: consuming FileDescriptor) -> FileDescriptor {
        Signals.ignoreInHelper()
        setsid()
        // Paths are absolute; no helper keeps a file system busy that the agent was started in.
        unsafe chdir("/")
        unsafe _ = name.withCString { clinux_prctl(PR_SET_NAME, UInt(bitPattern: $0), 0, 0, 0) }
        let lowest: Int32 = 3
        let number = end.release()
        if number != lowest { dup2(number, lowest) }
        _ = clinux_fcntl(lowest, F_SETFD, Int(FD_CLOEXEC))
        _ = clinux_close_range(UInt32(lowest) + 1, .max)
        SignalMask([]).replace()
        return FileDescriptor(owning: lowest)
    }

    private init(name: String, process: Pidfd, socket: MessageSocket) {
        self.name = name
        self.process = process
        self.socket = socket
    }

    /// For the event loop to watch: readable when the helper has ended.
    package var exitDescriptor: FileDescriptor { _read { yield process.descriptor } }

    package func send(_ signal: Signal) throws(Errno) { try process.send(signal) }

    /// How the helper ended, which leaves no zombie; nil while it lives.
    package func reap() throws(Errno) -> ExitStatus? { try process.reap() }

    /// Blocks until the helper has ended, at most for `bound`.
    package func wait(upTo bound: Duration) throws(Errno) -> ExitStatus? { try process.wait(upTo: bound) }

    /// Kills the helper and waits, so that it can do nothing more once this returns.
    package func kill(waitingUpTo bound: Duration = .seconds(5)) throws(Errno) -> ExitStatus? {
        try send(.kill)
        return try wait(upTo: bound)
    }
}

extension HelperProcess {
    /// Ends a helper from within: `_exit(2)`, since what the agent registered with atexit(3) is not the helper's to run.
    package static func end(_ code: Int32 = 0) -> Never { _exit(code) }
}
