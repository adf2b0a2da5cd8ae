package import Time

/// What people ask an election; a copy without influence.
package struct ElectionStatus: Hashable, Sendable {
    package struct Peer: Hashable, Sendable {
        package let member: Member
        /// Known to a leader only, as is the next.
        package let roundTrip: Duration?
        package let match: LogIndex?
    }

    package let role: Role
    package let cluster: ClusterID
    package let peers: [Peer]
    /// The end of the leader's lease; nil where there is none.
    package let lease: Instant?
    package let promiseLeft: Duration
    package let lastIndex: LogIndex
    package let commitIndex: LogIndex
}

extension RaftNode {
    package var status: ElectionStatus {
        var leadership: Leadership?
        if case .leader(let current) = state { leadership = current }
        let peers = otherVoters.map { member in
            let progress = leadership?.progress[member.id]
            return ElectionStatus.Peer(
                member: member,
                roundTrip: progress?.roundTrip,
                match: progress?.match
            )
        }
        return ElectionStatus(
            role: role,
            cluster: hardState.cluster,
            peers: peers,
            lease: leadership?.lease,
            promiseLeft: promise.left(at: now),
            lastIndex: lastIndex,
            commitIndex: commitIndex
        )
    }
}
