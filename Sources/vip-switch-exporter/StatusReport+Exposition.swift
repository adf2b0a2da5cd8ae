import Control

extension StatusReport {
    /// What an agent's status says in metrics.
    func write(to text: inout Exposition) {
        text.add(.build, [Sample(1, version)])
        text.add(.node, [Sample(1, node, cluster ?? "")])
        text.add(.uptime, uptime)
        text.add(.isLeader, leader == node)
        text.add(.hasLeader, leader != nil)
        text.add(.role, MetricFamily.roles.map { Sample($0 == role, $0) })
        text.add(.term, Double(term))
        text.add(.priority, standing.priority.map(Double.init))
        text.add(.eligible, standing.isEligible)
        text.add(.leaseLeft, leaseLeft)
        text.add(.smallestLease, smallestLeaseLeft)
        text.add(.lateness, keeperLateness)
        text.add(.leaderships, metrics.leaderships)
        text.add(.droppedLines, metrics.droppedLines)
        text.add(.lostHistory, metrics.lostHistory)
        text.add(.refused, dropped.sorted { $0.key < $1.key }.map { Sample(Double($0.value), $0.key) })
        writeTimes(to: &text)
        writeGroups(to: &text)
        writePeers(to: &text)
    }

    private func writeTimes(to text: inout Exposition) {
        text.add(.failover, [Sample(metrics.failover)])
        text.add(.lastFailover, lastFailover?.took)
        text.add(.fsync, [Sample(metrics.fsync)])
        text.add(.persist, [Sample(metrics.persist)])
        text.add(.roundTrip, [Sample(metrics.roundTrip)])
        text.add(.hook, [Sample(metrics.hook)])
    }

    private func writeGroups(to text: inout Exposition) {
        text.add(.held, groups.map { Sample($0.isHeldHere, $0.name) })
        text.add(.holder, groups.compactMap { group in group.holder.map { Sample(1, group.name, $0) } })
        text.add(.heldFor, groups.compactMap { group in group.heldFor.map { Sample($0.seconds, group.name) } })
        text.add(.vips, groups.map { Sample(Double($0.vips.count), $0.name) })
        text.add(.fault, groups.map { Sample($0.fault != nil, $0.name) })
        text.add(.contested, groups.map { Sample($0.contest != nil, $0.name) })
        text.add(.announcements, groups.flatMap(\.announcementSamples))
        text.add(.announcementFailures, groups.map { Sample(Double($0.announcements.failures), $0.name) })
        text.add(.conflicts, groups.map { Sample(Double($0.announcements.conflicts), $0.name) })
        text.add(.defences, groups.map { Sample(Double($0.announcements.defences), $0.name) })
        text.add(.duplicates, groups.map { Sample(Double($0.announcements.duplicates), $0.name) })
    }

    private func writePeers(to text: inout Exposition) {
        let speaking = peers.filter { $0.state == "up" || $0.state == "silent" }
        text.add(.peerUp, speaking.map { Sample($0.state == "up", $0.id) })
        text.add(.peerHeard, peers.compactMap { peer in peer.lastHeard.map { Sample($0.seconds, peer.id) } })
        let standings = peers.map { ($0.id, $0.standing) }
        text.add(.peerLag, standings.compactMap { peer, standing in standing.lag.map { Sample(Double($0), peer) } })
        text.add(.peerEligible, standings.compactMap { peer, standing in standing.isEligible.map { Sample($0, peer) } })
        text.add(.peerRoundTrip, peers.compactMap { peer in peer.roundTrip.map { Sample($0.seconds, peer.id) } })
    }
}

extension StatusReport.Group {
    fileprivate var announcementSamples: [Sample] {
        [
            Sample(Double(announcements.requests), name, "arp_request"),
            Sample(Double(announcements.replies), name, "arp_reply"),
            Sample(Double(announcements.advertisements), name, "advertisement"),
        ]
    }
}
