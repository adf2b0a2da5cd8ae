package import Time

/// One node of the election: Raft with pre-vote, and a lease whose end every voter has promised to wait for.
///
/// A value without clock, disk or network: an event and the time go in, effects come out, and `nextDeadline` says when
/// to come back. What a leader may do is bounded by its lease, what a voter may do by its promise; both are looked at
/// before any event is heard.
package struct RaftNode: Hashable, Sendable {
    /// What a node is at this moment, with the state that exists only then.
    enum State: Hashable, Sendable {
        /// No cluster is known yet.
        case waiting(Bootstrap)
        case follower(leader: NodeID?)
        /// Asks whether it would be elected; nobody's term moves (thesis §9.6).
        case preCandidate(Campaign)
        case candidate(Campaign)
        indirect case leader(Leadership)
    }

    var settings: Settings
    /// The configured timing, with what the nodes have agreed on in its place.
    package internal(set) var timing: Timing
    let storage: StorageID
    package internal(set) var hardState: HardState
    package internal(set) var log: Log
    package internal(set) var commitIndex: LogIndex
    var state: State

    var promise: Promise
    /// When the last promise is over that was longer than those that are asked for now.
    var overlongEnd: Instant
    /// The newest term known to hold nothing any more. Leader traffic of it is dead, however late it arrives.
    var released = Term(0)
    /// The newest term that this node led, until the keeper has answered that nothing of it is installed.
    var unreleased: Unreleased?
    /// When a node without a leader campaigns, if it owes no promise then.
    var electionTimer: Instant
    /// The latest leader's list: who campaigns first.
    var successors: [NodeID] = []
    /// Own campaigns since there was a leader.
    var vainCampaigns = 0
    /// Pre-votes asked for since a leader was heard.
    var vainQuestions = 0
    /// More of them do not lengthen a candidate's patience any more: 64 times that of the first.
    static let vainCampaignLimit = 6
    var writes: Writes
    var nextDiskTrial: Instant
    /// A snapshot that the leader is sending.
    var snapshotParts: SnapshotParts?

    var random: SeededRandom
    var now: Instant
    var effects: [Effect] = []
    var announcedRole: Role?
    var announcedMembership: Membership
    /// When to call `step(.timeElapsed)` if nothing else happens before.
    package private(set) var nextDeadline: Deadline?
    var isResigning = false

    /// Restores a node from its disk.
    ///
    /// It has forgotten whom it promised what, so it owes the longest promise it ever gave, from now on.
    package init(_ settings: Settings, stored: StoredState, seed: UInt64, at now: Instant) {
        self.settings = settings
        storage = stored.storage
        hardState = stored.hardState
        log = stored.log
        announcedMembership = stored.log.state.membership
        timing = settings.timing.following(stored.log.state.timing)
        promise = Promise(term: stored.hardState.term, end: now + stored.hardState.longestPromise)
        overlongEnd = promise.end
        // A snapshot is of committed entries only.
        commitIndex = stored.log.snapshot.index
        writes = Writes(stored)
        random = SeededRandom(seed: seed)
        self.now = now
        electionTimer = now + stored.hardState.longestPromise
        nextDiskTrial = now + Self.diskTrialInterval
        let isEmpty = stored.hardState.cluster == .none
        state = isEmpty ? .waiting(Bootstrap(nextHello: now)) : .follower(leader: nil)
        electionTimer = electionTimer + timing.slot * (rank + 1)
        nextDeadline = deadline
    }

    /// Applies one event and returns, in order, what the shell must do about it.
    package mutating func step(_ event: Event, at now: Instant) -> [Effect] {
        self.now = now
        // First the clock: whoever has lost the lease must not hear that it might still lead.
        passDeadlines()
        switch event {
        case .timeElapsed: break
        case .received(let message, let sender): receive(message, from: sender)
        case .persisted(let number): finishWrites(upTo: number)
        case .withdrawn(let term): finishWithdrawal(upTo: term)
        case .fitnessChanged(let fitness): settings.fitness = fitness
        case .timingWished(let wish): wishFor(wish)
        case .withdrawalChanged(let withdrawal): reckon(withdrawal: withdrawal)
        case .requested(let request, let number): answer(request, number)
        case .resign: resign()
        }
        handOverIfUnfit()
        announceRole()
        nextDeadline = deadline
        defer { effects = [] }
        return effects
    }

    private var deadline: Deadline? {
        let own: Deadline? =
            switch state {
            case .waiting(let bootstrap): .timer(bootstrap.nextHello)
            case .follower, .preCandidate, .candidate: electionDeadline
            case .leader(let leadership): leadership.nextDeadline(at: now)
            }
        guard let own else { return diskDeadline }
        guard let diskDeadline else { return own }
        return diskDeadline.isEarlier(than: own, at: now) ? diskDeadline : own
    }

    private mutating func passDeadlines() {
        switch state {
        case .waiting: sendHellosIfDue()
        case .follower, .preCandidate, .candidate: campaignIfDue()
        case .leader: leadOn()
        }
        tryDiskIfDue()
    }

    private mutating func receive(_ message: Message, from sender: Sender) {
        switch message {
        case .hello(let hello): receive(hello, from: sender)
        case .preVote(let request): answerPreVote(request, from: sender)
        case .preVoteReply(let reply): countPreVote(reply, from: sender)
        case .vote(let request): answerVote(request, from: sender)
        case .voteReply(let reply): countVote(reply, from: sender)
        case .append(let append): accept(append, from: sender)
        case .appendReply(let reply): count(reply, from: sender)
        case .snapshot(let piece): accept(piece, from: sender)
        case .timeoutNow(let handover): takeOver(handover)
        case .released(let term): learnReleased(term)
        }
    }
}

extension RaftNode {
    package var id: NodeID { settings.id }
    package var term: Term { hardState.term }
    package var membership: Membership { log.state.membership }
    package var lastIndex: LogIndex { log.lastIndex }
    var lastTerm: Term { log.lastTerm }

    package var role: Role {
        switch state {
        case .waiting: .waiting
        case .follower(let leader): .follower(term, leader: leader)
        case .preCandidate, .candidate: .candidate(term)
        case .leader: .leader(term)
        }
    }

    var otherVoters: [Member] { membership.voters.filter { $0.id != id } }
    /// Those that can be spoken to: whoever is only invited has no disk to put a log on yet.
    var otherMembers: [Member] { membership.members.filter { $0.id != id && $0.storage != .none } }

    /// Whether this node, with this very disk, is a voter.
    var isVoter: Bool { membership.voter(id)?.storage == storage }

    /// Whether it may stand for election: also when it has been voted out by a change that may never be committed, for
    /// then nobody else may have what it has (thesis §4.2.2).
    var mayStand: Bool {
        isVoter
            || log.membershipIndex > commitIndex && log.state(at: commitIndex).membership.voter(id)?.storage == storage
    }

    /// Whether it could hold the VIPs if it led.
    var mayHold: Bool { settings.fitness.mayHold && !appointment.isWitness && timing.isWorthHolding }

    /// What the leader is told.
    var fitness: Fitness {
        Fitness(
            priority: settings.fitness.isLast ? 0 : appointment.priority ?? settings.fitness.priority,
            mayHold: mayHold && !isDiskSlow,
            isImpaired: settings.fitness.isImpaired
        )
    }

    /// How many campaign before this node: its place in the leader's list, or behind it by name.
    var rank: Int {
        if let place = successors.firstIndex(of: id) { return place }
        let unlisted = membership.voters.map(\.id).filter { !successors.contains($0) }
        return successors.count + (unlisted.firstIndex(of: id) ?? unlisted.count)
    }

    mutating func send(_ message: Message, to node: NodeID) {
        effects.append(.send(message, to: node))
    }

    mutating func report(_ notice: Notice) {
        effects.append(.report(notice))
    }

    private mutating func announceRole() {
        guard role != announcedRole else { return }
        announcedRole = role
        effects.append(.roleChanged(role))
    }
}
