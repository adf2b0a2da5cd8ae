import Time

/// An election under way, or the question whether it would succeed.
struct Campaign: Hashable, Sendable {
    var votes: Set<NodeID> = []
    /// When each refusing voter will be free of its promise.
    var promiseEnds: [NodeID: Instant] = [:]
    /// The write that makes our own vote durable; it counts only then (thesis §9.4). Zero for a pre-vote.
    var ownVote: UInt64 = 0
    /// When those that have not answered are asked once more; nil for a pre-vote, which is asked anew anyhow.
    var nextRequest: Instant?

    func outcome(among membership: Membership) -> VoteOutcome {
        let refused = promiseEnds.keys.count { !votes.contains($0) }
        return membership.majority.outcome(granted: votes.count, refused: refused)
    }
}

extension RaftNode {
    /// A node campaigns when it owes nothing and its turn has come.
    var electionDeadline: Deadline? {
        guard mayStand else { return .timer(electionTimer) }
        return promise.isOwed(at: now)
            ? .both(Instant(boottime: max(promise.end.boottime, electionTimer.boottime), raw: promise.end.raw))
            : .timer(nextRequest.map { $0.boottime < electionTimer.boottime ? $0 : electionTimer } ?? electionTimer)
    }

    private var nextRequest: Instant? {
        if case .candidate(let campaign) = state { campaign.nextRequest } else { nil }
    }

    mutating func campaignIfDue() {
        askOnceMoreIfDue()
        guard Deadline.timer(electionTimer).hasPassed(at: now) else { return }
        guard mayStand else {
            // Nobody has spoken to it for long: it may have been removed, and invited again since.
            if case .follower = state { becomeFollower(of: nil) }
            electionTimer = now + Self.strangersHelloInterval
            return sayHello()
        }
        guard !promise.isOwed(at: now) else { return }
        // A disk that takes its time decides nothing, neither over the own vote nor over one that was just given away:
        // a new term would not be written any faster.
        guard writes.isHardStateDurable, !isDiskSilent(for: Self.diskPatience) else {
            return electionTimer = now + retryInterval()
        }
        ask()
    }

    /// Starts the pre-vote: forgets the leader (two nodes that each remember a dead one would refuse each other for
    /// ever), never the promise.
    private mutating func ask() {
        state = .preCandidate(Campaign(votes: isVoter ? [id] : []))
        electionTimer = now + retryInterval()
        if membership.quorum == 1, isVoter { return campaign(reason: .isAlone) }
        for voter in otherVoters { send(.preVote(voteRequest(in: term.next)), to: voter.id) }
        vainQuestions += 1
        // Nobody votes for a disk that the cluster has replaced: its leader takes it in again when it says hello.
        guard vainQuestions.isMultiple(of: Self.questionsBeforeHello) else { return }
        sayHello()
    }

    private mutating func sayHello() {
        for node in Set(settings.nodes.map(\.id) + membership.members.map(\.id)).sorted() where node != id {
            send(.hello(hello(to: node, wantsReply: false)), to: node)
        }
    }

    private static let questionsBeforeHello = 16
    private static let strangersHelloInterval: Duration = .seconds(1)

    /// Starts the election: a new term, and a vote for oneself. The requests leave while it is written, since the voters
    /// have to write as well: nobody becomes leader before the own vote is durable, so a node that forgets it has led
    /// nothing in that term, and whoever voted for it votes for no other (§5.2; the thesis has it of log entries, §10.2.1).
    mutating func campaign(reason: CampaignReason) {
        guard mayStand, !promise.isOwed(at: now), unreleased == nil else { return }
        hardState.term = term.next
        hardState.vote = id
        // A leader is a voter like the others and promises itself: that, too, is owed after a restart.
        hardState.longestPromise = max(hardState.longestPromise, timing.promise)
        report(.campaigning(term, reason: reason))
        let write = persistHardState()
        state = .candidate(Campaign(ownVote: write, nextRequest: now + timing.heartbeat))
        electionTimer = now + patience()
        for voter in otherVoters { send(.vote(voteRequest(in: term)), to: voter.id) }
    }

    /// A lost request or answer costs a heartbeat, not all of a candidate's patience.
    private mutating func askOnceMoreIfDue() {
        guard case .candidate(var campaign) = state, let due = campaign.nextRequest,
            Deadline.timer(due).hasPassed(at: now)
        else { return }
        campaign.nextRequest = now + timing.heartbeat
        state = .candidate(campaign)
        guard writes.isDurable(campaign.ownVote) else { return }
        for voter in otherVoters where !campaign.votes.contains(voter.id) && campaign.promiseEnds[voter.id] == nil {
            sendDurably(.vote(voteRequest(in: term)), to: voter.id)
        }
    }

    /// How long a candidate waits for votes: longer each time in vain, for disks may need longer than a heartbeat and
    /// each new term gives them more to write.
    private mutating func patience() -> Duration {
        let factor = 1 << min(vainCampaigns, Self.vainCampaignLimit)
        vainCampaigns += 1
        return retryInterval() * factor
    }

    private func voteRequest(in term: Term) -> VoteRequest {
        VoteRequest(term: term, lastIndex: lastIndex, lastTerm: lastTerm, released: released)
    }

    /// Two heartbeats at most: long enough for an answer, random so that equals do not meet again (§5.2).
    private mutating func retryInterval() -> Duration {
        timing.heartbeat + random.duration(below: timing.heartbeat)
    }
}

extension RaftNode {
    /// Answers without moving a timer, a term or a promise: asking often must not keep others from being elected.
    mutating func answerPreVote(_ request: VoteRequest, from sender: Sender) {
        learnReleased(request.released, mayCampaign: false)
        // A disk that is behind would let the candidate raise its term for an answer that comes too late, and then again.
        let isGranted =
            !promise.isOwed(at: now) && request.term > term && isUpToDate(request) && !isWaiting
            && writes.isHardStateDurable
        send(.preVoteReply(reply(to: request, isGranted: isGranted)), to: sender.id)
    }

    mutating func answerVote(_ request: VoteRequest, from sender: Sender) {
        learnReleased(request.released, mayCampaign: false)
        // Inside a promise a request is not even heard: neither vote nor term moves (thesis §4.2.3).
        guard !promise.isOwed(at: now), request.term >= term, !isWaiting else {
            return sendDurably(.voteReply(reply(to: request, isGranted: false)), to: sender.id)
        }
        let isNewTerm = request.term > term
        if isNewTerm { enter(request.term) }
        let isGranted = (hardState.vote == nil || hardState.vote == sender.id) && isUpToDate(request)
        let isNewVote = isGranted && hardState.vote == nil
        if isNewVote { hardState.vote = sender.id }
        // The new term and the vote in one write: an election waits for it.
        if isNewTerm || isNewVote { persistHardState() }
        // The vote reaches the disk before the reply leaves: a node that forgets its vote can elect two leaders (§5.2).
        sendDurably(.voteReply(reply(to: request, isGranted: isGranted)), to: sender.id)
        guard isGranted else { return }
        becomeFollower(of: nil)
        electionTimer = now + timing.promise + timing.slot * rank
    }

    private func reply(to request: VoteRequest, isGranted: Bool) -> VoteReply {
        VoteReply(
            term: term,
            asked: request.term,
            isGranted: isGranted,
            promiseLeft: isGranted ? .zero : promise.left(at: now)
        )
    }

    /// Whether the candidate's log is at least as good as ours (§5.4.1).
    private func isUpToDate(_ request: VoteRequest) -> Bool {
        (request.lastTerm, request.lastIndex) >= (lastTerm, lastIndex)
    }

    private var isWaiting: Bool {
        if case .waiting = state { return true }
        return false
    }
}

extension RaftNode {
    mutating func countPreVote(_ reply: VoteReply, from sender: Sender) {
        guard case .preCandidate(var campaign) = state, reply.asked == term.next, isVoter(sender) else { return }
        if reply.isGranted {
            campaign.votes.insert(sender.id)
        } else {
            // Or two nodes with a higher term and shorter logs would block the one that can win for ever.
            if reply.term > term { return adopt(reply.term) }
            campaign.promiseEnds[sender.id] = now + reply.promiseLeft
            waitForPromises(campaign)
        }
        state = .preCandidate(campaign)
        if campaign.outcome(among: membership) == .won { self.campaign(reason: .hearsNoLeader) }
    }

    mutating func countVote(_ reply: VoteReply, from sender: Sender) {
        if !reply.isGranted && reply.term > term { return makeWay(for: reply.term) }
        guard case .candidate(var campaign) = state, reply.asked == term, isVoter(sender) else { return }
        if reply.isGranted {
            campaign.votes.insert(sender.id)
        } else {
            campaign.promiseEnds[sender.id] = now + reply.promiseLeft
            waitForPromises(campaign)
        }
        state = .candidate(campaign)
        leadIfElected()
    }

    mutating func countOwnVote() {
        guard case .candidate(var campaign) = state, writes.isDurable(campaign.ownVote) else { return }
        if isVoter { campaign.votes.insert(id) }
        state = .candidate(campaign)
        leadIfElected()
    }

    private mutating func leadIfElected() {
        guard case .candidate(let campaign) = state, campaign.outcome(among: membership) == .won,
            writes.isDurable(campaign.ownVote)
        else { return }
        lead()
    }

    /// The next try comes when a quorum will be free of its promises, not blindly.
    private mutating func waitForPromises(_ campaign: Campaign) {
        let missing = membership.quorum - campaign.votes.union(isVoter ? [id] : []).count
        let ends = campaign.promiseEnds.values.sorted { $0.boottime < $1.boottime }
        guard missing > 0, missing <= ends.count, Deadline.timer(ends[missing - 1]).remaining(at: now) > .zero
        else { return }
        // The first of the successors waits for nothing but the promises: what chance adds would only let it meet the next.
        let chance: Duration = rank == 0 ? .zero : random.duration(below: timing.slot / 2)
        electionTimer = ends[missing - 1] + timing.slot * rank + chance
    }

    /// Votes and acknowledgements count for a voter's name and disk together: an emptied disk is somebody else.
    func isVoter(_ sender: Sender) -> Bool { membership.voter(sender.id)?.storage == sender.storage }

    func isMember(_ sender: Sender) -> Bool { membership.member(sender.id)?.storage == sender.storage }

    /// Moves to a higher term.
    mutating func adopt(_ newTerm: Term) {
        enter(newTerm)
        persistHardState()
    }

    /// Moves to a higher term; the caller writes it down.
    private mutating func enter(_ newTerm: Term) {
        stepDown(reason: "term \(newTerm) has begun")
        hardState.term = newTerm
        hardState.vote = nil
        becomeFollower(of: nil)
    }

    /// Follows `leader`; keeps the promise and the timer, which are the caller's to move.
    mutating func becomeFollower(of leader: NodeID?) {
        state = .follower(leader: leader)
    }
}
