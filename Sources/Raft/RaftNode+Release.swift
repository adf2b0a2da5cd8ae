import Time

/// A term that this node led and may still have VIPs of.
struct Unreleased: Hashable, Sendable {
    let term: Term
    /// Who is told to campaign as soon as nothing is held; nil when leadership was not given up by intent.
    var heir: NodeID?
}

extension RaftNode {
    /// Stops leading. The VIPs go first; only the keeper's answer makes it known to the others.
    ///
    /// The promise to oneself stays: stepping down takes nothing back of what the lease was built on.
    mutating func stepDown(reason: String, heir: NodeID? = nil) {
        guard case .leader = state else { return }
        report(.steppedDown(term, reason: reason))
        becomeFollower(of: nil)
        unreleased = Unreleased(term: term, heir: heir)
        effects.append(.withdraw(term))
    }

    /// Somebody has entered a newer term: that ends the leadership, but no lease.
    ///
    /// The heartbeats go on until the VIPs are off, for the other nodes would be free after a promise, and a keeper that
    /// was lost with its addresses on may take longer than that.
    mutating func makeWay(for newTerm: Term) {
        guard case .leader(var leadership) = state, leadership.lease != nil else { return adopt(newTerm) }
        let isFirst = leadership.newerTerm == nil
        leadership.newerTerm = max(leadership.newerTerm ?? newTerm, newTerm)
        state = .leader(leadership)
        if isFirst { effects.append(.withdraw(term)) }
    }

    /// The keeper has answered: nothing of `term` or older is installed, nor will be.
    mutating func finishWithdrawal(upTo term: Term) {
        if case .leader(let leadership) = state, let newerTerm = leadership.newerTerm, self.term <= term {
            adopt(newerTerm)
        }
        guard let ended = unreleased, ended.term <= term else { return }
        unreleased = nil
        for voter in otherVoters { send(.released(ended.term), to: voter.id) }
        // Behind the release, so that the heir's voters have heard it when they are asked (thesis §3.10).
        if let heir = ended.heir, ended.term == self.term {
            send(.timeoutNow(TimeoutNow(term: ended.term, lastIndex: lastIndex)), to: heir)
        }
        noteReleased(ended.term)
        if ended.heir != nil || isResigning {
            // Whoever gives leadership up by intent is the last to want it back.
            electionTimer = now + settings.timing.promise + settings.timing.slot * membership.voters.count
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
            electionTimer = now + settings.timing.slot * rank
            // Everyone learns from the vote request itself that nobody is in the way: no need to ask before.
            if rank == 0, mayCampaign { campaign(reason: "the leader of term \(term) has released") }
        }
    }

    private mutating func noteReleased(_ term: Term) {
        released = max(released, term)
        promise.release(upTo: term, at: now)
    }

    /// Gives leadership up in good order.
    mutating func resign() {
        isResigning = true
        // The list that the others have: by one made now two of them might think that it is their turn.
        stepDown(reason: "handing over", heir: successors.first)
        finishResigning()
    }

    private mutating func finishResigning() {
        guard isResigning, unreleased == nil else { return }
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
        campaign(reason: "leadership was handed over")
    }
}
