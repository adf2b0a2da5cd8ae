import Raft
import Time

/// What a leader may count on, reckoned from the datagrams alone.
struct LeaseBook {
    /// Of one node with one disk: what its latest acknowledgements are worth.
    private struct Acknowledged {
        let id: NodeID
        var storage: StorageID
        var end: Instant
        /// The newest heartbeat that it acknowledged.
        var sequence: UInt64

        func isOf(_ membership: Membership) -> Bool {
            let voters = membership.voters
            // The disks differ, so the names are compared once.
            return voters.indices.contains { voters[$0].storage.bits == storage.bits && voters[$0].id == id }
        }
    }

    private struct Sent {
        let sequence: UInt64
        let at: Instant
    }

    private(set) var term: Term?
    /// Whose book it is: a leader that has no vote counts no promise of its own.
    private var leader: (id: NodeID, storage: StorageID)?
    private var began: Instant?
    /// What was to be asked for then; the timing may have changed since.
    private var firstPromise: Duration = .zero
    /// Each number once, in their order.
    private var sent: [Sent] = []
    private var lastSent: Instant?
    /// The end of the leader's own promise, as a lease.
    private var own: Instant?
    private(set) var lastPromise: Duration = .zero
    /// What was asked for when the present step began.
    private(set) var promiseBefore: Duration = .zero
    private var ends: [Acknowledged] = []
    /// Room for the ends that count in a membership.
    private var known: [Instant] = []
    /// The end of the lease as it was gained; an answer that came too late gains none.
    private var gained: Instant?
    /// The membership before the present step and, where it has changed in it, behind.
    private(set) var memberships: [Membership] = []
    /// The newest heartbeat before the step in which the present membership was committed, or had been; nil: it is not.
    var settledAt: UInt64?
    /// The newest heartbeat before the present step.
    private(set) var newestBefore: UInt64 = 0

    mutating func open(_ term: Term, by leader: Machine, at now: Instant) {
        let memberships = memberships
        self = LeaseBook()
        self.leader = (leader.settings.id, leader.disk.storage)
        firstPromise = leader.agent?.raft.timing.promise ?? .zero
        self.memberships = memberships
        self.term = term
        began = now
    }

    mutating func close() { self = LeaseBook() }

    mutating func beginStep(_ membership: Membership, promise: Duration) {
        promiseBefore = promise
        newestBefore = sent.last?.sequence ?? 0
        if memberships.count != 1 || memberships.last != membership { memberships = [membership] }
    }

    mutating func follow(_ membership: Membership) {
        if memberships.last != membership { memberships.append(membership) }
    }

    mutating func note(sent sequence: UInt64, promise: Duration, own lease: Duration, at now: Instant) {
        // A number used twice counts from its first use; what goes to several at once is the same to all.
        if sent.last?.sequence == sequence, lastSent == now { return }
        let place = place(of: sequence)
        if place == sent.count || sent[place].sequence != sequence {
            sent.insert(Sent(sequence: sequence, at: now), at: place)
        }
        note(own: lease, promise: promise, at: now)
    }

    /// What a leader promises itself, with nobody to send anything to.
    mutating func note(own lease: Duration, promise: Duration, at now: Instant) {
        lastSent = now
        lastPromise = promise
        own = now + lease
        gain(at: now)
    }

    /// Of the first that has this number or a higher one: nearly always among the last.
    private func place(of sequence: UInt64) -> Int {
        var place = sent.count
        while place > 0, sent[place - 1].sequence >= sequence { place -= 1 }
        return place
    }

    private func start(of sequence: UInt64) -> Instant? {
        let place = place(of: sequence)
        return place < sent.count && sent[place].sequence == sequence ? sent[place].at : nil
    }

    private mutating func gain(at now: Instant) {
        guard let end = end(), !Deadline.either(end).hasPassed(at: now) else { return }
        // What the quorum of a smaller membership was good for stays good: it meets every quorum of the next one.
        gained = gained.map { Self.later($0, end) } ?? end
    }

    mutating func note(acknowledged sequence: UInt64, worth lease: Duration, by sender: Sender, at now: Instant) {
        guard let start = start(of: sequence) else { return }
        note(Acknowledged(id: sender.id, storage: sender.storage, end: start + lease, sequence: sequence))
        gain(at: now)
    }

    private mutating func note(_ new: Acknowledged) {
        guard let place = ends.firstIndex(where: { $0.id == new.id }) else { return ends.append(new) }
        guard ends[place].storage == new.storage else { return ends[place] = new }
        ends[place].end = Self.later(ends[place].end, new.end)
        ends[place].sequence = max(ends[place].sequence, new.sequence)
    }

    /// Whether a quorum of the membership has promised since it was committed.
    func hasPromised(_ membership: Membership) -> Bool {
        guard let settledAt, let leader else { return false }
        let promised = ends.count { $0.isOf(membership) && $0.sequence > settledAt }
        let isVoter = membership.voter(leader.id)?.storage == leader.storage
        return promised + (isVoter ? 1 : 0) >= membership.quorum
    }

    /// The latest end that a quorum with the leader itself is good for; each clock by itself, which errs in favour of
    /// the leader, as does the choice between two memberships.
    mutating func end() -> Instant? {
        guard let own else { return nil }
        var latest: Instant?
        for place in memberships.indices {
            guard let end = end(own: own, in: memberships[place]) else { continue }
            latest = latest.map { Self.later($0, end) } ?? end
        }
        return latest
    }

    private mutating func end(own: Instant, in membership: Membership) -> Instant? {
        known.removeAll(keepingCapacity: true)
        for place in ends.indices where ends[place].isOf(membership) { known.append(ends[place].end) }
        if let leader, membership.voter(leader.id)?.storage == leader.storage { known.append(own) }
        guard let boottime = known.reached(by: membership.quorum, { $0.boottime }),
            let raw = known.reached(by: membership.quorum, { $0.raw })
        else { return nil }
        return Instant(boottime: boottime, raw: raw)
    }

    private static func later(_ a: Instant, _ b: Instant) -> Instant {
        Instant(boottime: max(a.boottime, b.boottime), raw: max(a.raw, b.raw))
    }

    /// Whether the lease has run out although the leader went on asking for more: no quorum has answered.
    func isUnanswered(at now: Instant, own lease: Duration, promise: Duration, wasFrozen: Bool) -> Bool {
        guard let began, let lastSent, !maySpeak(at: now, promise: promise) else { return false }
        return wasFrozen || gained.map { (lastSent + lease).raw > $0.raw } ?? (lastSent.raw >= began.raw)
    }

    /// Whether a leader may still speak: its lease lasts, or it has not had the time to gain one.
    func maySpeak(at now: Instant, promise: Duration) -> Bool {
        if let gained { return !Deadline.either(gained).hasPassed(at: now) }
        guard let began else { return false }
        return !Deadline.either(began + max(promise, firstPromise)).hasPassed(at: now)
    }
}

extension [Instant] {
    /// The highest reading that so many of them have or exceed; nil when they are fewer.
    fileprivate func reached(by count: Int, _ reading: (Instant) -> Int64) -> Int64? {
        var highest: Int64?
        for instant in self {
            let candidate = reading(instant)
            if let highest, candidate <= highest { continue }
            if self.count(where: { reading($0) >= candidate }) >= count { highest = candidate }
        }
        return highest
    }
}

extension Checker {
    /// What a promise is worth, reckoned here once more.
    func lease(ofPromise promise: Duration) -> Duration { plan.timing.lease(ofPromise: promise) }

    /// Before the core hears of it: what it learns of releases, and which acknowledgements it may count.
    mutating func willStep(_ machine: Machine, _ agent: Agent, _ event: Event, at moment: Nanoseconds, _ now: Instant) {
        books[machine.index].beginStep(agent.raft.membership, promise: agent.raft.timing.promise)
        // The core, too, looks at the clock before it hears of an acknowledgement.
        if plan.exclusivity == .prompt { noteSilence(machine, at: moment, now) }
        switch event {
        case .withdrawn(let term): learn(term, machine)
        case .received(.released(let term), _): bury(term, machine, agent, at: moment)
        case .received(.timeoutNow(let handover), _): learn(handover.term, machine)
        case .received(.vote(let request), _), .received(.preVote(let request), _):
            bury(request.released, machine, agent, at: moment)
        case .received(.append(let append), _): receipts[machine.index].note(append.term, append.sequence, at: moment)
        case .received(.snapshot(let piece), _): receipts[machine.index].note(piece.term, piece.sequence, at: moment)
        case .received(.appendReply(let reply), let sender):
            guard reply.term == books[machine.index].term, reply.promise > .zero else { return }
            let worth = plan.timing.lease(ofPromise: reply.promise)
            books[machine.index].note(acknowledged: reply.sequence, worth: worth, by: sender, at: now)
        default: break
        }
    }

    /// Whoever is told so knows it until it restarts; a leader knows better of its own term.
    private mutating func bury(_ term: Term, _ machine: Machine, _ agent: Agent, at moment: Nanoseconds) {
        learn(term, machine)
        if case .leader = agent.raft.role { return }
        if let known = tombstones[machine.index], known.term >= term { return }
        tombstones[machine.index] = Tombstone(term: term, since: moment)
    }

    private mutating func learn(_ term: Term, _ machine: Machine) {
        releases[machine.index] = max(releases[machine.index], term)
    }

    /// An acknowledgement leaves: from its receipt on, something is owed.
    mutating func promised(_ reply: AppendReply, _ machine: Machine, at moment: Nanoseconds) {
        guard reply.promise > .zero else { return }
        let arrival = receipts[machine.index].arrival(of: reply.term, reply.sequence)
        if let arrival, let tombstone = tombstones[machine.index], reply.term <= tombstone.term,
            arrival > tombstone.since
        {
            violate(.deadPromises, "n\(machine.index + 1) promises to t\(reply.term)", at: moment)
        }
        owe(reply.promise, in: reply.term, from: arrival ?? moment, machine, at: moment)
    }

    mutating func owe(
        _ promise: Duration,
        in term: Term,
        from start: Nanoseconds,
        _ machine: Machine,
        at moment: Nanoseconds
    ) {
        // The fastest clock of all runs 0.1 % fast.
        let end = start + promise.nanoseconds / 1001 * 1000
        owed[machine.index].removeAll { $0.end <= moment || $0.term == term && $0.end <= end }
        if end > moment { owed[machine.index].append(Owed(term: term, storage: machine.disk.storage, end: end)) }
    }

    /// A new vote is about to be written down.
    mutating func willPersist(_ write: Persistence, _ machine: Machine, at moment: Nanoseconds) {
        guard let state = write.hardState, let vote = state.vote else { return }
        let ballot = Ballot(storage: machine.disk.storage, term: state.term)
        guard decided[machine.index] != ballot else { return }
        decided[machine.index] = ballot
        if let promise = owed[machine.index].first(where: { $0.end > moment && $0.term > releases[machine.index] }) {
            violate(
                .promiseKept,
                "n\(machine.index + 1) votes for \(vote) in t\(state.term) and owes t\(promise.term) until "
                    + Trace.seconds(promise.end),
                at: moment
            )
        }
    }

    mutating func willHold(
        _ term: Term,
        until: Instant,
        _ machine: Machine,
        at moment: Nanoseconds,
        _ now: Instant
    ) {
        if let membership = machine.agent?.raft.membership { books[machine.index].follow(membership) }
        // One node alone sends no heartbeats: it promises itself.
        if isAlone(machine) { noteSoloHeartbeat(term, machine, now) }
        if wills[machine.index] < term { violate(.willFirst, "n\(machine.index + 1) holds t\(term)", at: moment) }
        guard books[machine.index].term == term, let end = books[machine.index].end() else {
            return violate(.leaseHolds, "n\(machine.index + 1) holds t\(term) without a quorum", at: moment)
        }
        if until.boottime > end.boottime || until.raw > end.raw {
            violate(.leaseHolds, "n\(machine.index + 1) holds t\(term) until \(until) instead of \(end)", at: moment)
        }
        if machine.disk.durable.hardState.longestPromise < books[machine.index].lastPromise {
            violate(.durableFirst, "n\(machine.index + 1) holds by a promise that it would forget", at: moment)
        }
    }

    /// What is on the disk has changed. A vote counts from here on: before, a crash undoes it, and nobody has heard of it.
    mutating func persisted(_ machine: Machine, at moment: Nanoseconds) {
        let state = machine.disk.durable.hardState
        for promise in owed[machine.index] where promise.term > releases[machine.index] {
            guard promise.storage == machine.disk.storage, promise.end - moment > state.longestPromise.nanoseconds
            else { continue }
            let left = Duration.nanoseconds(promise.end - moment).milliseconds
            violate(.promiseRemembered, "n\(machine.index + 1) owes t\(promise.term) \(left) more", at: moment)
        }
        guard let vote = state.vote else { return }
        let earlier = votes.updateValue(vote, forKey: Ballot(storage: machine.disk.storage, term: state.term))
        if let earlier, earlier != vote {
            violate(.oneVoteATerm, "n\(machine.index + 1) in t\(state.term): \(earlier) and \(vote)", at: moment)
        }
    }

    /// Whether it had nobody to send heartbeats to when the present step began, or when it ended.
    private func isAlone(_ machine: Machine) -> Bool {
        books[machine.index].memberships.contains {
            !$0.members.contains { $0.id != machine.settings.id && $0.storage != .none }
        }
    }

    private mutating func noteSoloHeartbeat(_ term: Term, _ machine: Machine, _ now: Instant) {
        if books[machine.index].term != term { books[machine.index].open(term, by: machine, at: now) }
        // The timing may have changed in this step, behind its heartbeat; and it is no more than is owed after a crash.
        let asked = max(books[machine.index].promiseBefore, machine.agent?.raft.timing.promise ?? .zero)
        let promise = min(asked, machine.disk.durable.hardState.longestPromise)
        let lease = lease(ofPromise: promise)
        books[machine.index].note(own: lease, promise: promise, at: now)
    }

    mutating func changed(_ machine: Machine, to role: Role, at moment: Nanoseconds, _ now: Instant) {
        if case .leader(let term) = role {
            neglects[machine.index].isCutOff = false
            hasLed = true
            leads(machine, in: term, at: moment)
            if books[machine.index].term != term { books[machine.index].open(term, by: machine, at: now) }
        } else {
            books[machine.index].close()
        }
    }

    mutating func joined(_ machine: Machine, _ id: ClusterID, _ machines: [Machine], at moment: Nanoseconds) {
        defer { cluster = id }
        guard let cluster, cluster != id else { return }
        // A disk that is lost while a cluster is founded may leave a founder behind in one that never comes to life. It cannot
        // do harm: two clusters of the same nodes have no two quorums.
        let isStillborn = lostDisks > 0 && !hasLed
        if !isStillborn, machines.contains(where: { $0 !== machine && $0.belongs(to: cluster) }) {
            return violate(.oneCluster, "n\(machine.index + 1) joins \(id)", at: moment)
        }
        forgetCluster()
    }

    /// Nobody belongs to it any more, or it never came to life: what was written and decided there binds nobody.
    private mutating func forgetCluster() {
        hasLed = false
        chronicle = Chronicle()
        leaders = [:]
        newestClaim = Term(0)
        releases = releases.map { _ in Term(0) }
        tombstones = tombstones.map { _ in nil }
        seenLogs = seenLogs.map { _ in SeenLog() }
    }

    mutating func resigned(_ machine: Machine, at moment: Nanoseconds) {
        // Behind a closed fence it is there for nobody.
        if machine.kernel.answers(at: moment) {
            violate(.releaseIsTrue, "n\(machine.index + 1) has resigned with the VIP on", at: moment)
        }
    }
}
