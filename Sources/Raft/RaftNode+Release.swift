import Time

/// A term that this node led and may still have VIPs of.
struct Unreleased: Hashable, Sendable {
    let term: Term
    /// Who is told to campaign as soon as nothing is held; nil when leadership was not given up by intent.
    var heir: NodeID?
}

extension RaftNode {
    /// Stops leading at once: the lease is over, or was never gained. Only the keeper's answer makes it known to the others.
    ///
    /// The promise to oneself stays: stepping down takes nothing back of what the lease was built on.
    mutating func stepDown(reason: String) {
        guard case .leader(let leadership) = state else { return }
        report(.steppedDown(term, reason: reason))
        becomeFollower(of: nil)
        unreleased = Unreleased(term: term, heir: leadership.heir)
        effects.append(.withdraw(term))
    }

    /// Stops leading when the VIPs are off, and not before: see `Leadership.Ending`.
    mutating func end(_ ending: Leadership.Ending, reason: String) {
        guard case .leader(var leadership) = state else { return }
        let isFirst = leadership.ending == nil
        leadership.ending = ending
        state = .leader(leadership)
        guard isFirst else { return }
        report(.ending(term, reason: reason))
        // The voters hear who is next before they hear that they are free, or two of them might think it is their turn.
        if let heir = leadership.heir, heir != successors.first { sendHeartbeats() }
        effects.append(.withdraw(term))
    }

    /// Somebody has entered a newer term: that ends the leadership, but no lease.
    mutating func makeWay(for newTerm: Term) {
        guard case .leader(let leadership) = state, leadership.lease != nil else { return adopt(newTerm) }
        var newest = newTerm
        if case .newerTerm(let known) = leadership.ending { newest = max(newest, known) }
        end(.newerTerm(newest), reason: "term \(newTerm) has begun")
    }

    /// The keeper has answered: nothing of `term` or older is installed, nor will be.
    mutating func finishWithdrawal(upTo term: Term) {
        if case .leader(let leadership) = state, let ending = leadership.ending, self.term <= term {
            switch ending {
            case .newerTerm(let newer): adopt(newer)
            case .handover: stepDown(reason: "the VIPs are off")
            }
            // They are off already: nobody is asked once more.
            effects.removeAll { $0 == .withdraw(term) }
        }
        guard let ended = unreleased, ended.term <= term else { return }
        unreleased = nil
        // First to whom everybody waits for: its requests carry the release to the voters (thesis §3.10).
        if let heir = ended.heir, ended.term == self.term {
            send(.timeoutNow(TimeoutNow(term: ended.term, lastIndex: lastIndex)), to: heir)
        }
        for voter in otherVoters { send(.released(ended.term), to: voter.id) }
        noteReleased(ended.term)
        if ended.heir != nil || isResigning {
            // Whoever gives leadership up by intent is the last to want it back.
            electionTimer = now + timing.promise + timing.slot * membership.voters.count
        }
        finishResigning()
    }

    /// Somebody's release or last will has arrived, or a candidate passes it on.
    mutating func learnReleased(_ term: Term, mayCampaign: Bool = true) {
        guard term > released else { return }
        // A leader of that very term is myself: I know better than a message in my name.
        if case .leader = state, term >= self.term { return }
        let isNews = term >= promise.term && promise.isOwed(at: now)
        noteReleased(term)
        guard isNews else { return }
        switch state {
        case .waiting, .leader: break
        case .follower, .preCandidate, .candidate:
            becomeFollower(of: nil)
            electionTimer = now + timing.slot * rank
            // Everyone learns from the vote request itself that nobody is in the way: no need to ask before.
            if rank == 0, mayCampaign { campaign(reason: .released(term)) }
        }
    }

    private mutating func noteReleased(_ term: Term) {
        released = max(released, term)
        promise.release(upTo: term, at: now)
    }

    /// Gives leadership up in good order.
    mutating func resign() {
        isResigning = true
        end(.handover(to: successors.first), reason: "this node gives leadership up")
        finishResigning()
    }

    private mutating func finishResigning() {
        guard isResigning, unreleased == nil else { return }
        if case .leader = state { return }
        isResigning = false
        effects.append(.resigned)
    }

    /// The leader holds nothing any more and wants this node to campaign now, without asking first.
    mutating func takeOver(_ handover: TimeoutNow) {
        guard handover.term == term, handover.lastIndex <= lastIndex else { return }
        switch state {
        case .waiting, .leader: return
        case .follower, .preCandidate: break
        case .candidate: return
        }
        noteReleased(handover.term)
        campaign(reason: .handedOver)
    }
}

/// Reasons of a leader's own to hand over.
extension RaftNode {
    /// A leader that may not hold the VIPs or is impaired, or whose disk hangs, leads only until somebody better is ready.
    mutating func handOverIfUnfit() {
        let isImpaired = settings.fitness.isImpaired
        guard !mayHold || isImpaired || isDiskStuck, case .leader(let leadership) = state, leadership.ending == nil,
            isDiskStuck || log.term(at: commitIndex) == term,
            let heir = fitHeir(leadership) ?? (mayHold ? nil : fitHeir(leadership, orImpaired: true))
        else { return }
        let reason =
            isDiskStuck
            ? "the disk does not answer"
            : mayHold ? "another node can hold the VIPs better" : "this node may not hold the VIPs"
        end(.handover(to: heir), reason: reason)
    }

    /// The best of the others, where it could take the VIPs now.
    func fitHeir(_ leadership: Leadership, orImpaired: Bool = false) -> NodeID? {
        successors.first { heirFault($0, leadership, orImpaired: orImpaired) == nil }
    }

    /// Why this node could not hand over now, to that node or to the best of the others; nil where it could.
    package func handoverFault(to heir: NodeID?) -> RequestFault? {
        guard case .leader(let leadership) = state else { return .isNoLeader(leader: nil) }
        guard leadership.ending == nil else { return .isEnding }
        guard let heir else { return fitHeir(leadership) == nil ? .hasNoSuccessor : nil }
        return heir == id ? .leadsAlready : heirFault(heir, leadership)
    }

    /// Why a node could not take over now.
    func heirFault(_ id: NodeID, _ leadership: Leadership, orImpaired: Bool = false) -> RequestFault? {
        guard membership.voter(id) != nil else { return .isNoVoter(id) }
        guard let progress = leadership.progress[id], leadership.isHeard(id, within: timing.promise, at: now),
            progress.match == lastIndex
        else { return .isBehind(id) }
        let most = orImpaired ? 1 : 0
        return progress.fitness.map { $0.reluctance <= most } == true ? nil : .mayNotHold(id)
    }

    /// A leader without a vote leads until that is committed, and no longer (thesis §4.2.2).
    mutating func leaveIfVotedOut() {
        guard case .leader(let leadership) = state, leadership.ending == nil,
            log.state(at: commitIndex).membership.voter(id)?.storage != storage
        else { return }
        end(.handover(to: successors.first), reason: "this node has no vote any more")
    }
}
