import Configuration
import Control
import Elections
import Failover
import Keeper
import Raft
import Time

/// Why a node would hold the VIPs, or would not, in an operator's words.
extension Agent {
    func standing(_ status: ElectionStatus, at now: Instant) -> StatusReport.Standing {
        StatusReport.Standing(
            priority: Int(status.fitness.priority),
            isEligible: status.isVoter && status.fitness.mayHold && !status.fitness.isImpaired,
            reasons: reasons(status, at: now)
        )
    }

    private func reasons(_ status: ElectionStatus, at now: Instant) -> [String] {
        var reasons: [String] = []
        if memberWord.isWitness { reasons.append("it is a witness: it votes and holds nothing") }
        if !status.isVoter, status.cluster != .none { reasons.append("it has no vote") }
        if status.isDiskSlow { reasons.append("its disk is slow: a write took more than a second, or has not ended") }
        if let since = maintenance.since {
            reasons.append("it is drained since \(since); `vip-switch undrain` ends that")
        }
        for part in configuration.groups.flatMap(\.parts) {
            guard let fault = failover.linkFault(of: part.name) else { continue }
            let end = failover.linkSettles(part.name)
            reasons.append(
                "\(part.name): \(fault)" + (end.map { "; counts as good in \(left(until: $0, at: now))" } ?? "")
            )
        }
        let priority = memberWord.priority
        if priority != configuration.node.priority {
            reasons.append(
                "priority \(priority) by an operator's word goes before \(configuration.node.priority) in its file"
            )
        }
        reasons += failover.groups.map(\.name).compactMap { name in
            failover.hookFault(of: name, at: now).map { "\(name): \($0)" }
        }
        for behind in reasonsToRankBehind {
            reasons.append(
                "priority \(priority) counts as 0 for \(left(until: behind.until, at: now)) more: "
                    + behind.reason
            )
        }
        return reasons
    }

    /// In whole tenths of a second below ten, which is as exact as anybody reads.
    private func left(until end: Instant, at now: Instant) -> String {
        let tenths = max(0, Deadline.timer(end).remaining(at: now).nanoseconds) / 100_000_000
        return tenths < 100 ? "\(tenths / 10).\(tenths % 10) s" : "\(tenths / 10) s"
    }
}

extension StatusReport.Standing {
    /// Of a peer as its leader sees it; what it has only said as yes or no, it explains itself.
    init(_ peer: ElectionStatus.Peer, of status: ElectionStatus, isSilent: Bool) {
        self.init()
        guard case .leader = status.role else { return }
        priority = peer.fitness.map { Int($0.priority) }
        lag = peer.match.map { Int(clamping: status.lastIndex.number - min($0.number, status.lastIndex.number)) }
        place = peer.place.map { $0 + 1 }
        isEligible = peer.fault == nil
        guard let fault = peer.fault else { return }
        // Whatever else there is about it, it was so when it was last heard.
        reasons = [isSilent ? "it is not heard of" : fault.words(of: peer, lag: lag)]
    }
}

extension RequestFault {
    /// Of a node that could not take over now.
    fileprivate func words(of peer: ElectionStatus.Peer, lag: Int?) -> String {
        switch self {
        case .isNoVoter: "it has no vote"
        case .isBehind:
            lag.map { $0 > 0 } == true ? "it lacks \(lag ?? 0) entries of the log" : "it is not heard of"
        case .mayNotHold:
            peer.fitness.map { $0.mayHold } == true
                ? "something is wrong with it, such as a link without carrier; its own status says what"
                : "it may not hold VIPs: a witness, or its disk is slow; its own status says which"
        case .isNoLeader, .isEnding, .isChanging, .membership, .leadsAlready, .hasNoSuccessor, .isTooLong,
            .namesTooLong:
            "\(self)"
        }
    }
}

extension StatusReport.Failover {
    init(_ failover: FailoverWatch.Failover, to node: String, at time: String) {
        self.init(
            term: failover.term.number,
            group: failover.group,
            from: failover.from.text,
            to: node,
            time: time,
            kind: failover.kind.rawValue,
            cause: failover.cause,
            took: failover.took,
            electedAfter: failover.electedAfter
        )
    }
}
