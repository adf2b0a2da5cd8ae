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
            log.write(.keeperLostFenced, ["reason": LogValue(reason)])
            return watchFence(until: fenceWatch.end(afterDeathAt: Clock.now()))
        }
        guard configuration.kernelLifetime > 0 else {
            // Nothing would ever take them off: whoever starts us again, or `release`, has to, and soon.
            log.write(.keeperLostForGood, ["reason": LogValue(reason)])
            ending = Ending(exitCode: .failure)
            return exit()
        }
        log.write(.keeperLost, ["reason": LogValue(reason)])
        watchAddresses()
    }

    func hear(_ report: KeeperReport) {
        switch report {
        case .ready: break
        case .refused(let text): log.write(.keeperRefused, ["reason": LogValue(text)])
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
        case .notice(let notice): write(notice)
        case .tallied(let part, let tally): tallies[part] = tally
        case .late(let lateness): keeperLateness = lateness
        case .prepared(_, let number): hear(prepared: .keeper, number: number.count)
        case .unprepared(let reasons, let number): hear(unprepared: .keeper, reasons, number: number.count)
        case .adopted(let number): hear(following: .keeper, number: number.count)
        case .settled: settleReload()
        case .allOff: exit()
        }
    }

    /// What is promised to the other nodes was not kept, so they shall come first for a while.
    private func rankBehind(_ time: Duration, _ allowed: Duration) {
        log.write(.guaranteeBroken, ["took": LogValue(time), "allowed": LogValue(allowed)])
        rankBehind(
            for: Self.overrunPenalty,
            because: "it took \(milliseconds(time)) to take the VIPs off, where \(milliseconds(allowed)) are allowed"
        )
    }

    private func milliseconds(_ time: Duration) -> String { "\(time.nanoseconds / 1_000_000) ms" }

    private func write(_ notice: KeeperNotice) {
        // Not by whom: `ip` in a loop is another process each time. Nor how often, which only grows.
        log.write(
            LogEvent(notice.event),
            list: notice.fields.map { ($0.name, LogValue($0.value)) },
            besides: ["by", "claims"]
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
        log.write(.vipsGone)
        conclude()
    }

    /// Goes on leading without a keeper until nobody can reach the VIPs here, though the kernel has them for longer.
    private func watchFence(until end: Deadline) {
        loop.schedule(end) { [unowned self] in
            log.write(.fenceClosed)
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

extension LogEvent {
    init(_ event: KeeperNotice.Event) {
        switch event {
        case .requestRefused: self = .requestRefused
        case .leftoverRemoved: self = .leftoverRemoved
        case .strangerRemoved: self = .strangerRemoved
        case .putBack: self = .vipPutBack
        case .contested: self = .vipContested
        case .calm: self = .vipCalm
        case .putOnAnew: self = .vipPutOnAnew
        case .notRemoved: self = .vipNotRemoved
        case .notListed: self = .addressesNotListed
        case .rivalClaims: self = .rivalClaims
        case .claimsUnheard: self = .claimsUnheard
        case .notAnnounced: self = .notAnnounced
        case .fenceRestored: self = .fenceRestored
        case .fenceClosedEarly: self = .fenceClosedEarly
        case .fenceNotRenewed: self = .fenceNotRenewed
        case .fenceNotClosed: self = .fenceNotClosed
        case .fenceNotChanged: self = .fenceNotChanged
        }
    }
}
