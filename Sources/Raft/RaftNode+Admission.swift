import Time

/// How the leader takes a node in whose disk was lost: the old disk out, the new one in as a learner, and a vote for it
/// when it has caught up. One step at a time (thesis §4.1), each in the log.
///
/// A new disk may not simply go on in the old one's place: it has forgotten the votes and promises of that one.
extension RaftNode {
    /// Somebody without a cluster asks for one.
    mutating func consider(_ hello: Hello, from sender: Sender) {
        guard case .leader(var leadership) = state, hello.cluster == nil || hello.cluster?.id == hardState.cluster,
            !isMember(sender), let node = settings.nodes.first(where: { $0.id == sender.id }), node.id != id,
            !isHeard(node.id, by: leadership)
        else { return }
        leadership.applicant = Member(id: node.id, storage: sender.storage, endpoint: node.endpoint)
        state = .leader(leadership)
        changeMembershipIfDue()
    }

    /// Two nodes of one name must not take the membership from each other for ever: the one that speaks keeps it.
    private func isHeard(_ node: NodeID, by leadership: Leadership) -> Bool {
        guard let lastHeard = leadership.progress[node]?.lastHeard else { return false }
        return now.longestElapsed(since: lastHeard) < settings.timing.promise
    }

    mutating func changeMembershipIfDue() {
        settleMembership()
        guard case .leader(var leadership) = state, mayChangeMembership(leadership),
            let (next, reason) = nextMembership(leadership)
        else { return }
        leadership.settledAt = nil
        state = .leader(leadership)
        report(.membershipChanged(next, reason: reason))
        append(.membership(next))
        noteMembership()
        guard case .leader(var current) = state else { return }
        current.follow(otherMembers, from: lastIndex)
        state = .leader(current)
    }

    /// Notes from which heartbeat on the present membership is committed.
    private mutating func settleMembership() {
        guard case .leader(var leadership) = state, leadership.settledAt == nil, term(at: commitIndex) == term,
            membershipIndex <= commitIndex
        else { return }
        leadership.settledAt = leadership.lastSequence
        state = .leader(leadership)
    }

    /// Not before an entry of the own term is committed, or two leaders could each change a membership that the other
    /// does not know (Ongaro, raft-dev 2015); and not before a quorum has promised for a heartbeat that was sent after
    /// the last change was committed, or two changes within one promise would make quorums that do not meet.
    private func mayChangeMembership(_ leadership: Leadership) -> Bool {
        guard let settledAt = leadership.settledAt else { return false }
        let promised = otherVoters.filter { (leadership.progress[$0.id]?.promised ?? 0) > settledAt }
        return promised.count + 1 >= membership.quorum && leadership.lastSequence > settledAt
    }

    private func nextMembership(_ leadership: Leadership) -> (Membership, reason: String)? {
        if let learner = membership.learners.first(where: { hasCaughtUp($0, leadership) }) {
            return (membership.promoting(learner), "\(learner.id) has caught up")
        }
        guard let applicant = leadership.applicant else { return nil }
        switch membership.member(applicant.id) {
        case applicant: return nil
        case .some: return (membership.removing(applicant.id), "\(applicant.id) has lost its disk")
        case nil: return (membership.adding(learner: applicant), "\(applicant.id) comes with a new disk")
        }
    }

    private func hasCaughtUp(_ learner: Member, _ leadership: Leadership) -> Bool {
        guard let progress = leadership.progress[learner.id], progress.storage == learner.storage else { return false }
        return progress.match >= commitIndex && progress.promised > 0
    }

    private var membershipIndex: LogIndex {
        let latest = entries.last { if case .membership = $0.payload { true } else { false } }
        return latest?.index ?? LogIndex(0)
    }

    /// The disk under a name in the newest membership that no leader can lose any more.
    func committedStorage(of node: NodeID) -> StorageID? {
        Self.latestMembership(in: Array(entries.prefix(Int(commitIndex.number)))).member(node)?.storage
    }
}
