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

    /// What the keeper owes an answer to.
    private enum Question: CaseIterable {
        /// Each is answered by `held` or `assigning`.
        case hold
        /// One answer may do for several of the same.
        case release
    }

    private struct Owed {
        var count: Int
        var timer: EventLoop.TimerID
    }

    /// How long an answer may take. Nothing hangs on it but how soon another node takes over: the agent goes on leading
    /// until the kernel itself has let go of the addresses.
    private var patience: Duration
    /// Behind it, so many looks with this pause. Timers run on through a suspend and a freezer, which stop the keeper as
    /// well: whoever wakes has passed one look at most, and the keeper has the others to take the addresses off.
    private var pause: Duration
    private static let looks = 10

    private let link: KeeperLink
    private let loop: EventLoop
    private var handler: ((Event) -> Void)?
    private var owed: [Question: Owed] = [:]
    private var exitRegistration: EventLoop.Registration?
    private var reason: String?
    private(set) var isLost = false

    /// - Parameter removal: How long it may take to put all VIPs on or off.
    init(_ link: KeeperLink, removal: Duration, on loop: EventLoop) {
        self.link = link
        self.loop = loop
        (patience, pause) = Self.bounds(removal)
    }

    /// The VIPs are other ones now.
    func follow(removal: Duration) { (patience, pause) = Self.bounds(removal) }

    private static func bounds(_ removal: Duration) -> (patience: Duration, pause: Duration) {
        (.milliseconds(400) + removal, .milliseconds(10) + removal / looks)
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
        switch request {
        case .hold: expect(.hold)
        case .release, .stop: expect(.release)
        case .will, .announce, .prepare, .adopt, .forget: break
        }
    }

    /// The last word is said: its end is no loss any more.
    func dismiss() {
        handler = nil
        forgive()
    }

    /// What a keeper that died since had still said is true and is believed: a dump has shown `released`, and the dead
    /// install nothing more.
    private func hear(_ report: KeeperReport) {
        guard reason == nil else { return }
        switch report {
        case .held, .assigning: settle(.hold, answers: 1)
        case .released(.all, _), .allOff: settle(.release, answers: .max)
        case .released(.group, _), .prepared, .unprepared, .adopted, .settled: break
        case .ready, .refused, .expired, .overran, .link, .contested, .notice, .tallied, .late: break
        }
        handler?(.reported(report))
    }

    private func expect(_ question: Question) {
        if owed[question] != nil { owed[question]?.count += 1 } else { awaitAnswer(question, count: 1) }
    }

    private func settle(_ question: Question, answers: Int) {
        guard let open = owed.removeValue(forKey: question) else { return }
        loop.cancel(open.timer)
        if open.count > answers { awaitAnswer(question, count: open.count - answers) }
    }

    private func awaitAnswer(_ question: Question, count: Int) {
        let timer = loop.schedule(after: patience) { [unowned self] in look(for: question, Self.looks) }
        owed[question] = Owed(count: count, timer: timer)
    }

    private func look(for question: Question, _ looksLeft: Int) {
        guard looksLeft > 0 else {
            owed[question] = nil
            return condemn("it does not answer")
        }
        owed[question]?.timer = loop.schedule(after: pause) { [unowned self] in look(for: question, looksLeft - 1) }
    }

    private func forgive() {
        for open in owed.values { loop.cancel(open.timer) }
        owed = [:]
    }

    /// Kills it, and calls it lost when it has ended: heartbeats go on meanwhile.
    private func condemn(_ reason: String) {
        guard self.reason == nil else { return }
        self.reason = reason
        forgive()
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
