/// Why a node cannot go on alone.
package enum RecoveryFault: Error, Hashable, Sendable {
    /// It has no cluster that could be recovered.
    case belongsToNone
    /// It is no member, and with it there would be more than may be.
    case isFull(limit: Int)
}

extension StoredState {
    /// The state of a node that founds its cluster anew, as the only voter: for a cluster whose quorum is lost for good,
    /// by the word of an operator who has stopped all other nodes.
    ///
    /// It is another cluster, so that a node of the old one that was stopped only for a while is not heard. Each former
    /// member is invited under its name: it enters with an empty disk, and no vote of the old cluster counts.
    package func recovered(
        as node: ConfiguredNode,
        cluster: ClusterID
    ) throws(RecoveryFault) -> StoredState {
        guard hardState.cluster != .none else { throw .belongsToNone }
        let former = log.state.membership
        let membership = Membership(
            voters: [Member(id: node.id, storage: storage, endpoint: node.endpoint)],
            entrants: (former.voters + former.entrants).filter { $0.id != node.id }.map { $0.with(.none) },
            learners: former.learners.filter { $0.id != node.id }.map { $0.with(.none) }
        )
        guard membership.members.count <= Membership.limit else { throw .isFull(limit: Membership.limit) }
        // In the next term nobody has voted yet, and no entry of it can stand anywhere.
        let term = hardState.term.next
        let snapshot = Snapshot(
            index: log.lastIndex.next,
            term: term,
            state: ClusterState(
                membership: membership,
                timing: log.state.timing,
                appointments: log.state.appointments.filter { membership.member($0.key) != nil }
            )
        )
        let promise = hardState.longestPromise
        return StoredState(
            storage: storage,
            hardState: HardState(term: term, vote: nil, longestPromise: promise, cluster: cluster),
            log: Log(snapshot: snapshot)
        )
    }
}
