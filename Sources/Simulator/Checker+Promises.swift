import Raft
import Time

/// What a leader may count on, reckoned from the datagrams alone.
struct LeaseBook {
    /// Of one node with one disk.
    private struct Acknowledged {
        let storage: StorageID
        var end: Instant
    }

    private(set) var term: Term?
    private var began: Instant?
    private var sent: [UInt64: Instant] = [:]
    private var lastSent: Instant?
    private var ends: [NodeID: Acknowledged] = [:]
    /// The end of the lease as it was gained; an answer that came too late gains none.
    private var gained: Instant?
    /// The membership before the present step and, where it has changed in it, behind.
    private(set) var memberships: [Membership] = []

    mutating func open(_ term: Term, at now: Instant) {
        let memberships = memberships
        self = LeaseBook()
        self.memberships = memberships
        self.term = term
        began = now
    }

    mutating func close() { self = LeaseBook() }

    mutating func beginStep(_ membership: Membership) { memberships = [membership] }

    mutating func follow(_ membership: Membership) {
        if memberships.last != membership { memberships.append(membership) }
    }

    mutating func note(sent sequence: UInt64, own lease: Duration, at now: Instant) {
        // A number used twice counts from its first use.
        if sent[sequence] == nil { sent[sequence] = now }
        lastSent = now
        gain(own: lease, at: now)
    }

    private mutating func gain(own lease: Duration, at now: Instant) {
        guard let end = end(own: lease), !Deadline.either(end).hasPassed(at: now) else { return }
        // What the quorum of a smaller membership was good for stays good: it meets every quorum of the next one.
        gained = gained.map { Self.later($0, end) } ?? end
    }

    mutating func note(acknowledged sequence: UInt64, worth lease: Duration, by sender: Sender, at now: Instant) {
        guard let start = sent[sequence] else { return }
        defer { gain(own: lease, at: now) }
        var end = start + lease
        if let old = ends[sender.id], old.storage == sender.storage { end = Self.later(old.end, end) }
        ends[sender.id] = Acknowledged(storage: sender.storage, end: end)
    }

    /// The latest end that a quorum with the leader itself is good for; each clock by itself, which errs in favour of
    /// the leader, as does the choice between two memberships.
    func end(own lease: Duration) -> Instant? {
        guard let lastSent else { return nil }
        let ends = memberships.compactMap { end(own: lastSent + lease, in: $0) }
        return ends.dropFirst().reduce(ends.first) { known, end in known.map { Self.later($0, end) } }
    }

    private func end(own: Instant, in membership: Membership) -> Instant? {
        let others = membership.voters.compactMap { voter in
            ends[voter.id].flatMap { $0.storage == voter.storage ? $0.end : nil }
        }
        let known = others + [own]
        guard known.count >= membership.quorum else { return nil }
        let boottimes = known.map(\.boottime).sorted(by: >)
        let raws = known.map(\.raw).sorted(by: >)
        return Instant(boottime: boottimes[membership.quorum - 1], raw: raws[membership.quorum - 1])
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
        return !Deadline.either(began + promise).hasPassed(at: now)
    }
}

extension Checker {
    private func lease(of machine: Machine) -> Duration {
        plan.timing.lease(ofPromise: machine.settings.timing.promise)
    }

    /// Before the core hears of it: what it learns of releases, and which acknowledgements it may count.
    mutating func willStep(_ machine: Machine, _ event: Event, at moment: Nanoseconds, _ now: Instant) {
        if let membership = machine.agent?.raft.membership { books[machine.index].beginStep(membership) }
        // The core, too, looks at the clock before it hears of an acknowledgement.
        if !plan.isStrict { noteSilence(machine, at: moment, now) }
        switch event {
        case .withdrawn(let term): learn(term, machine)
        case .received(.released(let term), _): learn(term, machine)
        case .received(.timeoutNow(let handover), _): learn(handover.term, machine)
        case .received(.vote(let request), _), .received(.preVote(let request), _): learn(request.released, machine)
        case .received(.append(let append), _): noteReceipt(append, machine, at: moment)
        case .received(.appendReply(let reply), let sender):
            guard reply.term == books[machine.index].term, reply.promise > .zero else { return }
            let worth = plan.timing.lease(ofPromise: reply.promise)
            books[machine.index].note(acknowledged: reply.sequence, worth: worth, by: sender, at: now)
        default: break
        }
    }

    private mutating func learn(_ term: Term, _ machine: Machine) {
        releases[machine.index] = max(releases[machine.index], term)
    }

    private mutating func noteReceipt(_ append: Append, _ machine: Machine, at moment: Nanoseconds) {
        let known = receipts[machine.index]
        // Of a datagram that came twice the first arrival counts, which errs in favour of the voter.
        if known.contains(where: { $0.term == append.term && $0.sequence == append.sequence }) { return }
        if known.count >= Self.receiptLimit { receipts[machine.index].removeFirst(Self.receiptLimit / 2) }
        receipts[machine.index].append(Receipt(term: append.term, sequence: append.sequence, at: moment))
    }

    /// An acknowledgement leaves: from its receipt on, something is owed.
    mutating func promised(_ reply: AppendReply, _ machine: Machine, at moment: Nanoseconds) {
        guard reply.promise > .zero else { return }
        let receipt = receipts[machine.index].last { $0.term == reply.term && $0.sequence == reply.sequence }
        owe(reply.promise, in: reply.term, from: receipt?.at ?? moment, machine, at: moment)
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
        if end > moment { owed[machine.index].append(Owed(term: term, end: end)) }
    }

    /// A new vote is about to be written down.
    mutating func willPersist(_ write: Persistence, _ machine: Machine, at moment: Nanoseconds) {
        guard let state = write.hardState, let vote = state.vote else { return }
        let ballot = Ballot(storage: machine.disk.durable.storage, term: state.term)
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
        if plan.starts.count == 1 { noteSoloHeartbeat(term, machine, now) }
        if wills[machine.index] < term { violate(.willFirst, "n\(machine.index + 1) holds t\(term)", at: moment) }
        guard books[machine.index].term == term, let end = books[machine.index].end(own: lease(of: machine)) else {
            return violate(.leaseHolds, "n\(machine.index + 1) holds t\(term) without a quorum", at: moment)
        }
        if until.boottime > end.boottime || until.raw > end.raw {
            violate(.leaseHolds, "n\(machine.index + 1) holds t\(term) until \(until) instead of \(end)", at: moment)
        }
        if machine.disk.durable.hardState.longestPromise < machine.settings.timing.promise {
            violate(.durableFirst, "n\(machine.index + 1) holds by a promise that it would forget", at: moment)
        }
    }

    /// What is on the disk has changed. A vote counts from here on: before, a crash undoes it, and nobody has heard of it.
    mutating func persisted(_ machine: Machine, at moment: Nanoseconds) {
        let state = machine.disk.durable.hardState
        guard let vote = state.vote else { return }
        let earlier = votes.updateValue(vote, forKey: Ballot(storage: machine.disk.durable.storage, term: state.term))
        if let earlier, earlier != vote {
            violate(.oneVoteATerm, "n\(machine.index + 1) in t\(state.term): \(earlier) and \(vote)", at: moment)
        }
    }

    private mutating func noteSoloHeartbeat(_ term: Term, _ machine: Machine, _ now: Instant) {
        if books[machine.index].term != term { books[machine.index].open(term, at: now) }
        books[machine.index].note(sent: UInt64(bitPattern: now.raw), own: lease(of: machine), at: now)
    }

    mutating func changed(_ machine: Machine, to role: Role, at moment: Nanoseconds, _ now: Instant) {
        if case .leader(let term) = role {
            neglects[machine.index].isCutOff = false
            leads(machine, in: term, at: moment)
            if books[machine.index].term != term { books[machine.index].open(term, at: now) }
        } else {
            books[machine.index].close()
        }
    }

    mutating func joined(_ machine: Machine, _ id: ClusterID, _ membership: Membership, at moment: Nanoseconds) {
        if let cluster, cluster != id { violate(.oneCluster, "n\(machine.index + 1) joins \(id)", at: moment) }
        cluster = id
    }

    mutating func resigned(_ machine: Machine, at moment: Nanoseconds) {
        if machine.kernel.installed != nil {
            violate(.releaseIsTrue, "n\(machine.index + 1) has resigned with the VIP on", at: moment)
        }
    }
}
