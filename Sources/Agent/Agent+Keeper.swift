import Configuration
import Elections
import Failover
import Keeper
import Linux
import Net
import Observability
import Raft
import Time

extension Agent {
    /// How often the kernel is asked for its addresses when there is no keeper to ask.
    private static let addressPoll: Duration = .milliseconds(20)
    /// How long a node that was too slow to let go ranks behind the others.
    private static let overrunPenalty: Duration = .seconds(600)

    func hear(_ event: KeeperWatch.Event) {
        switch event {
        case .reported(let report): hear(report)
        case .lost(let reason): lose(reason)
        }
    }

    private func lose(_ reason: String) {
        if configuration.fence == .nftables {
            log.error("the keeper is lost; the fence closes before the VIPs", ["reason": LogValue(reason)])
            return watchFence(until: fenceWatch.end(afterDeathAt: Clock.now()))
        }
        guard configuration.kernelLifetime > 0 else {
            // Nothing would ever take them off: whoever starts us again, or `release`, has to, and soon.
            log.error("the keeper is lost, and the VIPs stay: kernel_lifetime is 0", ["reason": LogValue(reason)])
            ending = Ending(exitCode: .failure)
            return exit()
        }
        log.error("the keeper is lost; the VIPs go by the kernel's lifetime", ["reason": LogValue(reason)])
        watchAddresses()
    }

    func hear(_ report: KeeperReport) {
        switch report {
        case .ready: break
        case .refused(let text): log.error("the keeper refused", ["reason": LogValue(text)])
        case .held(let part, let term, let failures?): feed(.assignmentFailed(part: part, term, reason: failures))
        case .held(let part, let term, nil): feed(.assigned(part: part, term))
        // Alive and at work: many VIPs take a while.
        case .assigning: break
        case .released(.all, let term): feed(.withdrawn(term))
        // A group that a reload has done away with; all others are released together.
        case .released(.group(let part), _): feed(.partWithdrawn(part))
        case .expired(let part, let term): feed(.expired(part: part, term))
        case .link(let part, let fault): feed(.linkChanged(part: part, fault: fault))
        case .contested(let part, let words): contests[part] = words
        case .overran(let time, let allowed): rankBehind(time, allowed)
        case .notice(let notice): writeOnce(notice)
        case .tallied(let part, let tally): tallies[part] = tally
        case .late(let lateness): keeperLateness = lateness
        case .prepared(let digest): keeperPrepared(digest)
        case .unprepared(let reasons): refuseReload(reasons.map { "the keeper: \($0)" })
        case .adopted: break
        case .settled: settleReload()
        case .allOff: exit()
        }
    }

    /// What is promised to the other nodes was not kept, so they shall come first for a while.
    private func rankBehind(_ time: Duration, _ allowed: Duration) {
        log.error(
            "a broken guarantee: the VIPs were off later than the lease reckons with, and two nodes may have had them",
            ["took": LogValue(time), "allowed": LogValue(allowed)]
        )
        rankBehind(for: Self.overrunPenalty)
    }

    /// The first of its kind in a minute; the others are counted.
    private func writeOnce(_ notice: KeeperNotice) {
        let now = Clock.now()
        for (kind, count) in keeperRepeats.summaries(at: now) {
            log.warn("keeper, more of the same", ["event": LogValue(kind), "suppressed": LogValue(count)])
        }
        // Not by whom: `ip` in a loop is another process each time.
        let facts = notice.fields.filter { $0.name != "by" }.map { "\($0.name)=\($0.value)" }
        let kind = ([notice.message] + facts).joined(separator: " ")
        if case .pass = keeperRepeats.judge(kind, at: now) { write(notice) }
    }

    /// The keeper's words are constant in its source, but they arrive as text: they become a field.
    func write(_ notice: KeeperNotice) {
        let facts = notice.fields.map { "\($0.name)=\($0.value)" }
        log.log(
            LogLevel(notice.level),
            "keeper",
            ["event": LogValue(notice.message), "facts": .list(facts)]
        )
    }

    /// Goes on leading without a keeper until the kernel shows none of the VIPs: no other node may have them before.
    private func watchAddresses() {
        let begin = Clock.now()
        guard hasNoVIPs() else {
            // Among thousands of addresses a look takes as long as a heartbeat may be late.
            let pause = max(Self.addressPoll, Clock.now().longestElapsed(since: begin) * 9)
            loop.schedule(after: pause) { [unowned self] in watchAddresses() }
            return
        }
        log.notice("the kernel has none of the VIPs any more")
        conclude()
    }

    /// Goes on leading without a keeper until nobody can reach the VIPs here, though the kernel has them for longer.
    private func watchFence(until end: Deadline) {
        loop.schedule(end) { [unowned self] in
            log.notice("the fence before the VIPs has closed")
            conclude()
        }
    }

    private func conclude() {
        areVIPsGone = true
        end(exitCode: .failure)
        if let term = election?.term { feed(.withdrawn(term)) }
        // It was lost with the last question unanswered.
        if ending?.isDestroying == true { exit() }
    }

    /// An unprivileged look into the kernel; what cannot be read counts as there.
    private func hasNoVIPs() -> Bool {
        guard let addresses = try? Netlink().addresses() else { return false }
        let vips = formerVIPs.union(configuration.groups.flatMap(\.vips).map(\.prefix.address))
        return !addresses.contains { vips.contains($0.prefix.address) }
    }
}

extension LogLevel {
    init(_ level: KeeperNotice.Level) {
        switch level {
        case .debug: self = .debug
        case .info: self = .info
        case .notice: self = .notice
        case .warn: self = .warn
        case .error: self = .error
        }
    }
}
