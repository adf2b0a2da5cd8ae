import Elections
import Linux
import Observability
import Raft
import Time

/// Tells when a peer falls silent and when it is back, as only a leader can know: one more may be one too many.
struct PeerWatch {
    static let interval: Duration = .seconds(1)
    private var silent: Set<NodeID> = []

    /// What has changed: who fell silent, who is back.
    mutating func look(at peers: [(id: NodeID, isSilent: Bool)]) -> (lost: [NodeID], back: [NodeID]) {
        let now = Set(peers.filter(\.isSilent).map(\.id))
        defer { silent = now }
        // Who is not there any more was removed, and is not back.
        let heard = Set(peers.map(\.id)).subtracting(now)
        return (now.subtracting(silent).sorted(), silent.intersection(heard).sorted())
    }
}

extension Agent {
    func watchPeers() {
        loop.schedule(after: PeerWatch.interval) { [unowned self] in
            lookAtPeers()
            lookWhetherRemoved()
            log.reportRepeats()
            watchPeers()
        }
    }

    private func lookAtPeers() {
        guard let election, case .leader = election.status.role else { return peerWatch = PeerWatch() }
        let now = Clock.now()
        for time in election.status.peers.compactMap(\.roundTrip) { metering.noteRoundTrip(time) }
        let peers = election.status.peers.map { peer in
            let silence = election.lastHeard(of: peer.node.id).map { now.longestElapsed(since: $0) }
            return (id: peer.node.id, isSilent: silence.map { $0 > PeerWatch.interval } ?? true)
        }
        let (lost, back) = peerWatch.look(at: peers)
        let up = LogValue(1 + peers.filter { !$0.isSilent }.count)
        for peer in lost { log.write(.peerSilent, ["peer": LogValue(peer), "nodes_up": up]) }
        // Whoever was cut off together with a peer may have learnt meanwhile that the VIPs are there.
        if !back.isEmpty { announceAnew() }
        for peer in back { log.write(.peerBack, ["peer": LogValue(peer), "nodes_up": up]) }
    }
}
