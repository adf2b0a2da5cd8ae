import Configuration
import Control
import Elections
import Failover
import Keeper
import Linux
import Net
import Observability
import Raft
import Time

extension Agent {
    func report() -> StatusReport {
        guard let status = election?.status else { preconditionFailure("status before there is an election") }
        let now = Clock.now()
        var report = StatusReport(
            version: programVersion,
            node: configuration.node.id,
            role: status.role.word,
            term: status.role.term?.number ?? 0
        )
        report.leader = leader?.id.text
        report.cluster = status.cluster == .none ? nil : status.cluster.description
        report.drainedSince = maintenance.since
        report.removalWitness = removal.witness?.text
        report.leaseLeft = status.lease.map { max(.zero, Deadline.either($0).remaining(at: now)) }
        report.smallestLeaseLeft = leaseMargin.smallest
        report.keeperLateness = keeperLateness
        report.groups = configuration.groups.map { describe($0, at: now) }
        report.peers = status.peers.map { describe($0, of: status, at: now) }
        describeSpeech(in: &report)
        report.uptime = now.longestElapsed(since: startedAt)
        report.standing = standing(status, at: now)
        report.lastFailover = lastFailover.map { StatusReport.Failover($0.0, to: configuration.node.id, at: $0.at) }
        report.metrics = metering.metrics
        report.metrics.droppedLines = log.droppedInAll
        report.metrics.lostHistory = history.lost
        for (refusal, count) in election?.refusals ?? [:] { report.dropped[refusal.rawValue] = Int(clamping: count) }
        return report
    }

    /// The holder is known here only of what this node holds; of the rest it is whoever leads.
    private func describe(_ group: GroupSettings, at now: Instant) -> StatusReport.Group {
        let vips = group.vips.map { StatusReport.VIP(address: "\($0.prefix)", interface: $0.interface) }
        var report = StatusReport.Group(name: group.name, vips: vips)
        report.announcements = announcements(of: group, at: now)
        report.fault =
            group.parts.compactMap { failover.linkFault(of: $0.name) }.first
            ?? failover.hookFault(of: group.name, at: now)
        report.contest = group.parts.compactMap { contests[$0.name] }.first
        if case .held(_, let since) = failover.groups.first(where: { $0.name == group.name })?.holding {
            report.isHeldHere = true
            report.holder = configuration.node.id
            report.note(since, at: now)
        } else if let leader, leader.id != election?.id {
            report.holder = leader.id.text
            report.note(leader.since, at: now)
        }
        return report
    }

    /// Of this node since its start, whether or not it holds the group now.
    private func announcements(of group: GroupSettings, at now: Instant) -> StatusReport.Announcements {
        var sum = StatusReport.Announcements()
        for tally in group.parts.compactMap({ tallies[$0.name] }) { sum.add(tally, at: now) }
        return sum
    }

    private func describe(
        _ peer: ElectionStatus.Peer,
        of status: ElectionStatus,
        at now: Instant
    ) -> StatusReport.Peer {
        let silence = election?.lastHeard(of: peer.node.id).map { now.longestElapsed(since: $0) }
        let state = state(of: peer, silence)
        var report = StatusReport.Peer(
            id: peer.node.id.text,
            address: "\(peer.node.endpoint)",
            state: state,
            lastHeard: state == "unknown" ? nil : silence,
            roundTrip: peer.roundTrip
        )
        report.standing = StatusReport.Standing(peer, of: status, isSilent: state == "silent")
        return report
    }

    /// A leader hears from everybody with each heartbeat; a follower from its leader, and from others when they campaign; a
    /// node without a cluster from all that it waits for.
    private func state(of peer: ElectionStatus.Peer, _ silence: Duration?) -> String {
        let shouldSpeak = !hasJoined || leader?.id == election?.id || leader?.id == peer.node.id
        guard shouldSpeak else { return "unknown" }
        return silence.map { $0 < configuration.cluster.timing.promise } == true ? "up" : "silent"
    }
}

extension StatusReport.Group {
    fileprivate mutating func note(_ start: Instant, at now: Instant) {
        let elapsed = now.longestElapsed(since: start)
        heldFor = elapsed
        since = Timestamp(nanoseconds: Clock.wallTime() - elapsed.nanoseconds).text
    }
}

extension StatusReport.Announcements {
    fileprivate mutating func add(_ tally: AnnouncementTally, at now: Instant) {
        requests += Int(clamping: tally.frames.requests)
        replies += Int(clamping: tally.frames.replies)
        advertisements += Int(clamping: tally.frames.advertisements)
        failures += Int(clamping: tally.frames.failures)
        conflicts += Int(clamping: tally.conflicts)
        defences += Int(clamping: tally.defences)
        duplicates += Int(clamping: tally.duplicates)
        guard let rival = tally.rival else { return }
        let ago = now.longestElapsed(since: rival.lastClaim)
        if let known = self.rival, known.lastClaim <= ago { return }
        self.rival = StatusReport.Rival(
            address: "\(rival.address)",
            hardware: "\(rival.hardware)",
            claims: Int(clamping: rival.claims),
            lastClaim: ago
        )
    }
}

extension Role {
    fileprivate var word: String {
        switch self {
        case .waiting: "waiting"
        case .follower: "follower"
        case .candidate: "candidate"
        case .leader: "leader"
        }
    }

    fileprivate var term: Term? {
        switch self {
        case .waiting: nil
        case .follower(let term, _), .candidate(let term), .leader(let term): term
        }
    }
}
