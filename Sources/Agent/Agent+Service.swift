import Configuration
import Elections
import Failover
import Linux
import Net
import Raft
import Time

/// What the service manager hears of the agent (sd_notify(3)); nothing where none has started it.
final class ServiceReport {
    private let manager: ServiceManager
    private var status = ""
    private var lastPulse: Instant?

    init(_ manager: ServiceManager) { self.manager = manager }

    func isReady() { manager.tell("READY=1") }
    func isReloading() { manager.tell("RELOADING=1", "MONOTONIC_USEC=\(Clock.monotonicMicroseconds)") }
    func isStopping() { manager.tell("STOPPING=1") }

    /// For a stop that takes its time.
    func needs(_ time: Duration) { manager.tell("EXTEND_TIMEOUT_USEC=\(time.nanoseconds / 1000)") }

    func note(_ status: String) {
        guard status != self.status else { return }
        self.status = status
        manager.tell("STATUS=\(status)")
    }

    /// How often the agent must have done its work at least; nil where nobody waits for that.
    var interval: Duration? { manager.watchdog.map { .nanoseconds($0.nanoseconds / 4) } }

    /// The work is done. Twice in the time that it may take, so that one that is lost or late costs nothing.
    func pulse(at now: Instant) {
        guard let interval else { return }
        if let lastPulse, now.longestElapsed(since: lastPulse) < interval { return }
        lastPulse = now
        manager.tell("WATCHDOG=1")
    }
}

extension Agent {
    func tellReady() { service?.isReady() }
    func tellReloading() { service?.isReloading() }

    func tellStopping() {
        service?.isStopping()
        service?.needs(configuration.removal + hookPatience + .seconds(10))
    }

    func tellStatus() {
        guard let service, let status = election?.status else { return }
        service.note(words(for: status.role))
    }

    private func words(for role: Role) -> String {
        switch role {
        case .waiting: "waiting for the other nodes"
        case .candidate(let term): "no leader, term \(term.number)"
        case .follower(let term, let leader?): "follows \(leader), term \(term.number)"
        case .follower(let term, nil): "no leader, term \(term.number)"
        case .leader(let term): "leads, term \(term.number), \(holdings)"
        }
    }

    private static var mostNamed: Int { 8 }

    private var holdings: String {
        let held = failover.groups.filter { if case .held = $0.holding { true } else { false } }.map(\.name)
        if held.isEmpty { return "holds nothing" }
        let rest = held.count > Self.mostNamed ? " and \(held.count - Self.mostNamed) more" : ""
        return "holds " + held.prefix(Self.mostNamed).joined(separator: ", ") + rest
    }
}

// MARK: - The watchdog

extension Agent {
    /// A sign of life leaves when the election has gone through its deadlines, which is what renews the lease and sends the
    /// heartbeats, and at no other time. A node that hears nothing for long is made to look at them.
    func watchOverElection() {
        guard let interval = service?.interval else { return }
        election?.whenStepped = { [unowned self] in service?.pulse(at: Clock.now()) }
        attend(every: interval)
    }

    private func attend(every interval: Duration) {
        // A stopping node takes part in no election any more, and waits for its hooks within bounds of their own.
        if ending?.hasReleased == true { service?.pulse(at: Clock.now()) } else { election?.attend() }
        loop.schedule(after: interval) { [unowned self] in attend(every: interval) }
    }
}
