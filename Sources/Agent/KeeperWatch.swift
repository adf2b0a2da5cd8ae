import Keeper
import Linux
import Time

/// The agent's view of the keeper: what was asked and not answered, and whether it can still be counted on.
///
/// A keeper that is gone, or does not answer for `patience`, is lost. It is killed and awaited before anything is
/// concluded from its silence: one that woke up later could install an address that another node holds by then.
final class KeeperWatch {
    enum Event {
        case reported(KeeperReport)
        /// The keeper was killed, has ended, and can install nothing more.
        case lost(reason: String)
    }

    /// How long an answer may take. Nothing hangs on it but how soon another node takes over: the agent goes on leading
    /// until the kernel itself has let go of the addresses.
    static let patience: Duration = .milliseconds(500)

    private let link: KeeperLink
    private let loop: EventLoop
    private var handler: ((Event) -> Void)?
    private var unanswered: EventLoop.TimerID?
    private var exitRegistration: EventLoop.Registration?
    private var reason: String?
    private(set) var isLost = false

    init(_ link: KeeperLink, on loop: EventLoop) {
        self.link = link
        self.loop = loop
    }

    var pid: Int32 { link.pid }

    func start(_ handler: @escaping (Event) -> Void) throws(Errno) {
        self.handler = handler
        try link.attach(to: loop) { [unowned self] event in
            switch event {
            case .reported(let report): hear(report)
            case .gone: condemn("it is gone")
            }
        }
    }

    func send(_ request: KeeperRequest) {
        guard !isLost, reason == nil else { return }
        guard link.send(request) else { return condemn("it takes no more requests") }
        if request.isAnswered, unanswered == nil {
            unanswered = loop.schedule(after: Self.patience) { [unowned self] in
                unanswered = nil
                condemn("it does not answer")
            }
        }
    }

    /// The last word is said: its end is no loss any more.
    func dismiss() {
        handler = nil
        clearUnanswered()
    }

    private func hear(_ report: KeeperReport) {
        guard reason == nil else { return }
        if case .notice = report {} else { clearUnanswered() }
        handler?(.reported(report))
    }

    private func clearUnanswered() {
        if let unanswered { loop.cancel(unanswered) }
        unanswered = nil
    }

    /// Kills it, and calls it lost when it has ended: heartbeats go on meanwhile.
    private func condemn(_ reason: String) {
        guard self.reason == nil else { return }
        self.reason = reason
        clearUnanswered()
        try? link.send(Signal.kill)
        exitRegistration = try? loop.watch(link.exitDescriptor) { [unowned self] _ in bury() }
    }

    private func bury() {
        guard let reason, !isLost, let status = try? link.reap() else { return }
        if let exitRegistration { loop.ignore(exitRegistration) }
        isLost = true
        handler?(.lost(reason: "\(reason) (\(status))"))
    }
}

extension KeeperRequest {
    /// Whether the keeper owes an answer to it.
    fileprivate var isAnswered: Bool {
        switch self {
        case .hold, .release, .stop: true
        case .will, .announce: false
        }
    }
}
