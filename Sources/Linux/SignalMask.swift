internal import CLinux
internal import Glibc

/// A set of blocked signals of the calling thread.
final class SignalMask {
    var set = sigset_t()

    init(_ signals: [Signal]) {
        unsafe sigemptyset(&set)
        for signal in signals { unsafe sigaddset(&set, signal.rawValue) }
    }

    static var current: SignalMask {
        let mask = SignalMask([])
        unsafe pthread_sigmask(SIG_BLOCK, nil, &mask.set)
        return mask
    }

    static var everything: SignalMask {
        let mask = SignalMask([])
        unsafe sigfillset(&mask.set)
        return mask
    }

    /// Blocks these too.
    func add() { unsafe pthread_sigmask(SIG_BLOCK, &set, nil) }

    /// Blocks these and no others.
    func replace() { unsafe pthread_sigmask(SIG_SETMASK, &set, nil) }
}

extension Signals {
    /// Writing to a pipe or socket whose reader is gone is an error to handle, not a death: SIGPIPE is ignored.
    package static func ignorePipe() { _ = signal(SIGPIPE, SIG_IGN) }

    /// A helper outlives what is sent to the agent's whole group or by name: it ends when the agent is gone.
    static func ignoreInHelper() {
        for number in [SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGPIPE] {
            _ = signal(number, SIG_IGN)
        }
    }
}
