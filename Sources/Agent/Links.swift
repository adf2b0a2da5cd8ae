import Keeper
import Linux
import Observability
import Runner
import Scribe
import Time

/// The processes that the agent forked, before a loop listens to them.
struct Helpers {
    let keeper: KeeperLink
    let runner: HelperProcess
    let scribe: HelperProcess
    let logWriter: HelperProcess
}

/// The agent's ends of the other processes, in its loop.
///
/// Made before the agent that hears them, so `listener` comes after; nothing speaks before the loop runs.
final class Links {
    let loop: EventLoop
    let log: Logger
    let keeper: KeeperWatch
    private(set) var scribe: ScribeLink?
    private(set) var runner: RunnerLink?
    private let logLink: LogLink
    weak var listener: Agent?
    /// Set from when the log writer fell behind until it has caught up.
    private var pausing: EventLoop.TimerID?

    private static let longestPause: Duration = .seconds(1)

    /// - Parameter removal: How long it may take to put all VIPs on or off.
    init(
        _ helpers: Helpers,
        on loop: EventLoop,
        level: LogLevel,
        format: LogFormat,
        removal: Duration
    ) throws(Errno) {
        self.loop = loop
        keeper = KeeperWatch(helpers.keeper, removal: removal, on: loop)
        let hearing = LogHearing()
        let logLink = try LogLink(helpers.logWriter, on: loop) { hearing.listener?.hear($0) }
        self.logLink = logLink
        log = Logger(level: level, format: format) { line in logLink.write(line) }
        hearing.listener = self
        try keeper.start { [unowned self] in listener?.hear($0) }
        scribe = try ScribeLink(helpers.scribe, on: loop) { [unowned self] in listener?.hear($0) }
        runner = try RunnerLink(helpers.runner, on: loop) { [unowned self] in listener?.hear($0) }
    }

    func reopenLog() { logLink.reopen() }

    /// What hooks print waits in their pipes while the log writer is behind, and not for longer than that: the end of a hook
    /// comes by the same way, and a VIP may wait for it.
    func easeLog() {
        guard logLink.isBackedUp, pausing == nil else { return }
        runner?.pause()
        pausing = loop.schedule(after: Self.longestPause) { [unowned self] in runner?.resume() }
    }

    private func resumeHooks() {
        if let pausing { loop.cancel(pausing) }
        pausing = nil
        runner?.resume()
    }

    /// Lines go there from now on; nil for standard error.
    func moveLog(to path: String?) { logLink.move(to: path) }

    /// What the log writer says goes into the log itself, as soon as it can be written again.
    private func hear(_ event: LogLink.Event) {
        switch event {
        case .failing: break
        case .recovered(let lost): log.write(.linesLost, ["count": LogValue(lost)])
        case .drained:
            log.reportDropped()
            resumeHooks()
        case .gone: listener?.end(exitCode: .failure)
        }
    }

    /// Lets the log writer finish; a writer that hangs is left to itself.
    func close() {
        _ = runner?.stop(waitingUpTo: .seconds(1))
        _ = scribe?.stop(waitingUpTo: .seconds(1))
        _ = logLink.stop(waitingUpTo: .seconds(1))
    }

    /// Stands in for the links while they are being made.
    private final class LogHearing {
        weak var listener: Links?
    }
}
