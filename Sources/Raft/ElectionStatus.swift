package import Time

/// What people ask an election; a copy without influence.
package struct ElectionStatus: Hashable, Sendable {
    package struct Peer: Hashable, Sendable {
        package let node: ConfiguredNode
        /// Known to a leader only, as is the next.
        package let roundTrip: Duration?
        package let match: LogIndex?
        /// What it has said of itself.
        package let fitness: Fitness?
        /// Its place among the successors, counted from 0.
        package let place: Int?
        /// Why it could not take over now; nil where it could, and where this node does not lead.
        package let fault: RequestFault?
    }

    package let role: Role
    package let cluster: ClusterID
    package let peers: [Peer]
    /// The end of the leader's lease; nil where there is none.
    package let lease: Instant?
    package let promiseLeft: Duration
    package let lastIndex: LogIndex
    package let commitIndex: LogIndex
    package let membership: Membership
    package let timing: ClusterTiming
    /// The latest change of the membership is not committed yet.
    package let isChanging: Bool
    package let appointments: [NodeID: Appointment]
    /// What the leader hears of this node.
    package let fitness: Fitness
    /// The last write took too long for a leader, or one does not end.
    package let isDiskSlow: Bool
    package let isVoter: Bool
}

extension RaftNode {
    package var status: ElectionStatus {
        var leadership: Leadership?
        if case .leader(let current) = state { leadership = current }
        let peers = otherNodes.map { node in
            let progress = leadership?.progress[node.id]
            return ElectionStatus.Peer(
                node: node,
                roundTrip: progress?.roundTrip,
                match: progress?.match,
                fitness: progress?.fitness,
                place: progress == nil ? nil : successors.firstIndex(of: node.id),
                fault: leadership.flatMap { heirFault(node.id, $0) }
            )
        }
        return ElectionStatus(
            role: role,
            cluster: hardState.cluster,
            peers: peers,
            lease: leadership?.lease,
            promiseLeft: promise.left(at: now),
            lastIndex: lastIndex,
            commitIndex: commitIndex,
            membership: membership,
            timing: timing.wish,
            isChanging: log.membershipIndex > commitIndex,
            appointments: log.state.appointments,
            fitness: fitness,
            isDiskSlow: isDiskSlow,
            isVoter: isVoter
        )
    }

    /// The other members; before there is a cluster the nodes that the configuration names.
    private var otherNodes: [ConfiguredNode] {
        if case .waiting = state { return settings.nodes.filter { $0.id != id } }
        return otherMembers.map { ConfiguredNode(id: $0.id, endpoint: $0.endpoint) }
    }
}
