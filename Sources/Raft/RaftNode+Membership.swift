import Time

/// How the membership changes: one step at a time (thesis §4.1), each in the log.
///
/// A member that comes with a new disk is taken in by the leader itself. The new disk may not simply go on in the old
/// one's place: it has forgotten the votes and promises of that one. So the old one's vote goes, and the new one gets
/// one when it has caught up.
extension RaftNode {
    /// Somebody without a cluster asks for one: a member that was invited, or has lost its disk.
    mutating func consider(_ hello: Hello, from sender: Sender) {
        guard case .leader(var leadership) = state, hello.cluster == nil || hello.cluster?.id == hardState.cluster,
            let member = membership.member(sender.id), member.storage != sender.storage, member.id != id,
            // Two nodes of one name must not take the membership from each other for ever: the one that speaks keeps it.
            !leadership.isHeard(member.id, within: timing.promise, at: now)
        else { return }
        leadership.applicant = member.with(sender.storage)
        state = .leader(leadership)
        changeMembershipIfDue()
    }

    mutating func changeMembershipIfDue() {
        guard case .leader(let known) = state else { return }
        if known.settledAt == nil { settleMembership() }
        guard known.applicant != nil || !membership.entrants.isEmpty else { return }
        guard case .leader(let leadership) = state, let (next, reason) = nextMembership(leadership),
            mayChangeMembership(leadership)
        else { return }
        changeMembership(to: next, reason: reason)
    }

    @discardableResult
    mutating func changeMembership(to next: Membership, reason: String) -> LogIndex {
        guard case .leader(var leadership) = state else { return lastIndex }
        leadership.settledAt = nil
        state = .leader(leadership)
        report(.membershipChanged(next, reason: reason))
        let index = append(.membership(next))
        guard case .leader(var current) = state else { return index }
        current.follow(otherMembers, from: lastIndex)
        state = .leader(current)
        return index
    }

    /// Notes from which heartbeat on the present membership is committed.
    private mutating func settleMembership() {
        guard case .leader(var leadership) = state, leadership.settledAt == nil, log.term(at: commitIndex) == term,
            log.membershipIndex <= commitIndex
        else { return }
        leadership.settledAt = leadership.lastSequence
        state = .leader(leadership)
    }

    /// Not before an entry of the own term is committed, or two leaders could each change a membership that the other
    /// does not know (Ongaro, raft-dev 2015); and not before a quorum has promised for a heartbeat that was sent after
    /// the last change was committed, or two changes within one promise would make quorums that do not meet.
    func mayChangeMembership(_ leadership: Leadership) -> Bool {
        guard leadership.ending == nil, let settledAt = leadership.settledAt else { return false }
        let promised = otherVoters.count { (leadership.progress[$0.id]?.promised ?? 0) > settledAt }
        return promised + (isVoter ? 1 : 0) >= membership.quorum && leadership.lastSequence > settledAt
    }

    private func nextMembership(_ leadership: Leadership) -> (Membership, reason: String)? {
        if let entrant = membership.entrants.first(where: { hasCaughtUp($0, leadership) }) {
            return (membership.givingVote(to: entrant), "\(entrant.id) has caught up")
        }
        guard let applicant = leadership.applicant, let member = membership.member(applicant.id),
            member.storage != applicant.storage
        else { return nil }
        let reason = member.storage == .none ? "\(member.id) has come" : "\(member.id) comes with a new disk"
        return (membership.replacingStorage(of: member.id, with: applicant.storage), reason)
    }

    private func hasCaughtUp(_ entrant: Member, _ leadership: Leadership) -> Bool {
        guard let progress = leadership.progress[entrant.id], progress.storage == entrant.storage else { return false }
        return progress.match >= commitIndex && progress.promised > 0
    }

    /// The disk under a name in the newest membership that no leader can lose any more.
    func committedStorage(of node: NodeID) -> StorageID? {
        log.state(at: commitIndex).membership.member(node)?.storage
    }
}
