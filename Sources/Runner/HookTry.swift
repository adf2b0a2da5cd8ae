internal import Hooks
internal import Linux

/// One execution of a hook's program, from its start to the last line of its output.
///
/// It is over when the program has ended **and** both pipes are read to their end, so that no line is lost; or, where a
/// process that the hook left behind keeps a pipe open, `linger` after the program's end. The program is not reaped
/// before, so that the number of its group stays ours to kill.
final class HookTry {
    private let child: Child
    private let loop: EventLoop
    private let limits: RunnerLimits
    private let timeout: Duration
    /// With the reason where it failed.
    private let ended: (String?) -> Void
    private var pipes: [HookPipe] = []
    private var exit: EventLoop.Registration?
    private var timers: [EventLoop.TimerID] = []
    /// Why it counts as failed, however it ends; what it leaves behind is killed then.
    private var verdict: String?

    var pid: Int32 { child.pid }

    init(
        _ child: Child,
        timeout: Duration,
        limits: RunnerLimits,
        on loop: EventLoop,
        heard: @escaping (HookStream, [String]) -> Void,
        ended: @escaping (String?) -> Void
    ) throws(Errno) {
        self.child = child
        (self.loop, self.limits, self.timeout, self.ended) = (loop, limits, timeout, ended)
        for stream in [HookStream.output, .errors] {
            pipes.append(
                try HookPipe(stream, of: child, on: loop, heard: heard) { [unowned self] in endIfOver() }
            )
        }
        exit = try loop.watch(child.exitDescriptor) { [unowned self] _ in programEnded() }
        after(timeout) { $0.runOutOfTime() }
        listen()
    }

    /// Whoever lets a try go before its end, a failed `init` included, ends the hook.
    deinit {
        forget()
        kill()
    }

    func listen() { for pipe in pipes { pipe.listen() } }

    /// Lets the hook wait at its full pipes: the agent has not taken the earlier lines yet.
    func pause() { for pipe in pipes { pipe.pause() } }

    /// Kills the whole group, at once and without a word.
    func kill() { if !child.isReaped { try? child.signalGroup(.kill) } }

    /// Kills it, and has it end as failed for that reason.
    func condemn(_ reason: String) {
        verdict = reason
        kill()
    }
}

extension HookTry {
    /// TERM, for a hook that cleans up; KILL for what does not.
    private func runOutOfTime() {
        verdict = "no end within \(timeout); killed"
        try? child.signalGroup(.terminate)
        after(limits.grace) { $0.kill() }
    }

    private func programEnded() {
        if let exit { loop.ignore(exit) }
        exit = nil
        // What a hook leaves behind at a good end is its business (a daemon that it started); after a timeout it is not.
        if verdict != nil { kill() }
        after(limits.linger) { for pipe in $0.pipes { pipe.finish() } }
        endIfOver()
    }

    private func endIfOver() {
        guard exit == nil, pipes.allSatisfy(\.isAtEnd), let status = try? child.reap() else { return }
        forget()
        ended(failure(status))
    }

    private func failure(_ status: ExitStatus) -> String? {
        verdict ?? (status.isSuccess ? nil : "\(status)")
    }

    private func forget() {
        for timer in timers { loop.cancel(timer) }
        if let exit { loop.ignore(exit) }
        timers = []
    }

    private func after(_ interval: Duration, _ act: @escaping (HookTry) -> Void) {
        timers.append(loop.schedule(after: interval) { [unowned self] in act(self) })
    }
}
