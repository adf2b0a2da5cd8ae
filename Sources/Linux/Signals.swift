internal import CLinux
internal import Glibc

/// The signals that we send or listen to.
package enum Signal: Hashable, Sendable, CaseIterable {
    case terminate, interrupt, hangup, user1, child, kill, stop, resume

    package var rawValue: Int32 {
        switch self {
        case .terminate: SIGTERM
        case .interrupt: SIGINT
        case .hangup: SIGHUP
        case .user1: SIGUSR1
        case .child: SIGCHLD
        case .kill: SIGKILL
        case .stop: SIGSTOP
        case .resume: SIGCONT
        }
    }

    init?(rawValue: Int32) {
        guard let signal = Signal.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
        self = signal
    }
}

/// The agent's signals, read from a signalfd(2) in its loop instead of interrupting it.
///
/// They stay blocked in this thread for as long as the value lives; helpers and hooks get a clean mask of their own.
package final class Signals {
    private static let heard: [Signal] = [.terminate, .interrupt, .hangup, .user1, .child]

    private let descriptor: FileDescriptor
    private let loop: EventLoop
    private let earlier: SignalMask
    private var registration: EventLoop.Registration?

    package init(on loop: EventLoop, _ handler: @escaping (Signal) -> Void) throws(Errno) {
        self.loop = loop
        earlier = SignalMask.current
        let mask = SignalMask(Self.heard)
        mask.add()
        descriptor = FileDescriptor(
            owning: try retrying { unsafe signalfd(-1, &mask.set, Int32(SFD_CLOEXEC) | Int32(SFD_NONBLOCK)) }
        )
        registration = try loop.watch(descriptor) { [unowned self] _ in deliver(to: handler) }
    }

    deinit {
        if let registration { loop.ignore(registration) }
        // What still waits was for us, and would kill once it is unblocked.
        while next() != nil {}
        earlier.replace()
    }

    private func deliver(to handler: (Signal) -> Void) {
        if let number = next(), let signal = Signal(rawValue: number) { handler(signal) }
    }

    /// The number of a signal that came.
    private func next() -> Int32? {
        let size = MemoryLayout<signalfd_siginfo>.size
        guard let record = try? descriptor.read(upTo: size), record.count == size else { return nil }
        // ssi_signo is the record's first field.
        return Int32(unsafe record.withUnsafeBytes { unsafe $0.load(as: UInt32.self) })
    }
}
