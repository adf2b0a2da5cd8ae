import Time

extension RaftNode {
    /// Begins to lead: the will first, then the no-op that commits what came before (§8), with the first heartbeat.
    mutating func lead() {
        vainCampaigns = 0
        var leadership = Leadership(firstLeaseBy: now + timing.promise, nextHeartbeat: now)
        // Before the no-op, which so goes out with the first heartbeat.
        leadership.follow(otherMembers, from: lastIndex)
        state = .leader(leadership)
        append(.leadership)
        leadOn()
        // Behind the heartbeats, which an address waits for, and before the first hold.
        let firstHold = effects.firstIndex { if case .hold = $0 { true } else { false } } ?? effects.endIndex
        effects.insert(.prepareWill(term), at: firstHold)
    }

    /// Appends an entry of the own term; the next heartbeat takes it along.
    @discardableResult
    mutating func append(_ payload: LogPayload) -> LogIndex {
        let keep = lastIndex
        let entry = LogEntry(index: keep.next, term: term, payload: payload)
        log.append([entry])
        noteLog()
        persist([entry], after: keep)
        return entry.index
    }

    /// Steps down when the lease is over, otherwise sends the heartbeat that is due.
    mutating func leadOn() {
        guard case .leader(let leadership) = state else { return }
        // No heartbeat after this: one that reaches a bridge node would keep its promise from the others for ever.
        if leadership.leadershipEnd.hasPassed(at: now) {
            return stepDown(reason: leadership.lease == nil ? "no quorum answered" : "a quorum fell silent")
        }
        guard Deadline.timer(leadership.nextHeartbeat).hasPassed(at: now) else { return }
        sendHeartbeats()
    }

    /// Takes what the leader knows out of the state, to be changed without a copy of it all; it must be put back.
    private mutating func takeLeadership() -> Leadership? {
        guard case .leader(let leadership) = state else { return nil }
        state = .follower(leader: nil)
        return leadership
    }

    mutating func sendHeartbeats() {
        guard var leadership = takeLeadership() else { return }
        let members = otherMembers
        effects.reserveCapacity(effects.count + members.count + 1)
        leadership.nextHeartbeat = now + timing.heartbeat
        leadership.follow(members, from: lastIndex)
        noteSending(by: &leadership)
        successors = successorOrder(of: leadership)
        for member in members { replicate(to: member.id, with: &leadership) }
        renewLease(in: &leadership)
        state = .leader(leadership)
        advanceCommit()
        changeMembershipIfDue()
    }

    /// Sends one member what it lacks, under the latest sequence number.
    private mutating func replicate(to member: NodeID, with leadership: inout Leadership) {
        guard let sent = leadership.sent.last, let progress = leadership.progress[member] else { return }
        let previous = LogIndex(progress.next.number - 1)
        guard let previousTerm = log.term(at: previous) else {
            sendSnapshot(to: member, as: sent)
            leadership.progress[member]?.next = log.snapshot.index.next
            return
        }
        let news = Self.portion(of: log.entries(after: previous))
        send(
            .append(
                Append(
                    term: term,
                    sequence: sent.sequence,
                    promise: sent.promise,
                    previousIndex: previous,
                    previousTerm: previousTerm,
                    commit: commitIndex,
                    entries: news,
                    successors: successors
                )
            ),
            to: member
        )
        // Taken as arrived: should it be lost, the next heartbeat is refused and says where to go on.
        leadership.progress[member]?.next = LogIndex(progress.next.number + UInt64(news.count))
    }

    /// What fits in a datagram: some entries, or those up to the first that may be long.
    private static func portion(of entries: ArraySlice<LogEntry>) -> [LogEntry] {
        var portion: [LogEntry] = []
        for entry in entries.prefix(8) {
            portion.append(entry)
            switch entry.payload {
            case .leadership, .timing, .appointment: continue
            case .membership, .data: return portion
            }
        }
        return portion
    }

    /// Sends at once instead of with the next heartbeat, under a sequence number of its own.
    private mutating func resend(to member: NodeID, with leadership: inout Leadership) {
        noteSending(by: &leadership)
        replicate(to: member, with: &leadership)
    }

    /// The leader is a voter like the others: what it asks of them it promises itself. So it asks for no more than what
    /// it would owe after a crash.
    private mutating func noteSending(by leadership: inout Leadership) {
        let asked = min(timing.promise, writes.certainPromise)
        leadership.noteSent(at: now, promise: asked)
        promise.extend(for: term, until: now + asked)
        forgetOverlongPromise()
    }
}

extension RaftNode {
    mutating func count(_ reply: AppendReply, from sender: Sender) {
        if reply.term > term { return makeWay(for: reply.term) }
        guard reply.term == term, isMember(sender), var leadership = takeLeadership() else { return }
        let isCounted = count(reply, from: sender, in: &leadership)
        if isCounted { renewLease(in: &leadership) }
        state = .leader(leadership)
        guard isCounted else { return }
        advanceCommit()
        changeMembershipIfDue()
        agreeOnTimingIfDue()
    }

    private mutating func count(_ reply: AppendReply, from sender: Sender, in leadership: inout Leadership) -> Bool {
        guard var progress = leadership.progress[sender.id], progress.storage == sender.storage else { return false }
        progress.lastHeard = now
        progress.fitness = reply.fitness
        progress.wish = reply.wish
        let isBehind = note(reply, in: &progress, of: leadership)
        leadership.progress[sender.id] = progress
        if isBehind { resend(to: sender.id, with: &leadership) }
        return true
    }

    /// Notes an acknowledgement; true when the member lacks entries that are not under way.
    private func note(
        _ reply: AppendReply,
        in progress: inout Leadership.Progress,
        of leadership: Leadership
    ) -> Bool {
        if let sent = leadership.sent(reply.sequence), reply.promise > .zero {
            progress.roundTrip = now.longestElapsed(since: sent.at)
            progress.promised = max(progress.promised, sent.sequence)
            // Worth what was promised, and counted from when it was asked for, never from when it was answered.
            let end = sent.at + timing.lease(ofPromise: min(reply.promise, sent.promise))
            if progress.leaseEnd.map({ left(until: $0) < left(until: end) }) ?? true { progress.leaseEnd = end }
        }
        guard reply.isAccepted else {
            let retry = LogIndex(min(reply.index.number, lastIndex.number) + 1)
            // A disk that lost what it had acknowledged refuses this for ever: it is not answered at once.
            let next = max(progress.match.next, min(retry, progress.next))
            defer { progress.next = next }
            return next < progress.next
        }
        progress.match = max(progress.match, min(reply.index, lastIndex))
        progress.next = max(progress.next, progress.match.next)
        return progress.next <= lastIndex
    }

    /// Moves the end of the lease: the latest moment up to which a quorum has promised.
    private mutating func renewLease(in leadership: inout Leadership) {
        guard let end = promisedEnd(leadership) else { return }
        if let lease = leadership.lease, left(until: lease) >= left(until: end) { return }
        // An answer that comes too late is worth nothing: passDeadlines has looked at the lease before.
        if Deadline.either(end).hasPassed(at: now) { return }
        leadership.lease = end
        guard isToHold(leadership) else { return }
        leadership.hasHeld = true
        effects.append(.hold(term, until: end))
    }

    /// A leader that is impaired first waits whether somebody sound answers, to whom it then hands over: nothing is put on
    /// here to be taken off again at once. Where nobody does, the VIPs are not left without a holder.
    private func isToHold(_ leadership: Leadership) -> Bool {
        guard mayHold, leadership.ending == nil else { return false }
        return !settings.fitness.isImpaired || leadership.hasHeld || otherVoters.isEmpty
            || Deadline.timer(leadership.firstLeaseBy).hasPassed(at: now)
    }

    /// Goes by another D from now on, and so do the promises that are there already where it is longer.
    ///
    /// The lease itself stays as it is, for it is held by: whoever wants to put on what takes longer waits for its end. But
    /// with four voters or more it is not the latest of the ends that a quorum has promised, and one of the later ones
    /// would come to bear it after that.
    mutating func reckon(withdrawal: Duration) {
        let growth = withdrawal - timing.withdrawal
        settings.timing.withdrawal = withdrawal
        timing.withdrawal = withdrawal
        guard growth > .zero, var leadership = takeLeadership() else { return }
        for member in otherMembers {
            guard let end = leadership.progress[member.id]?.leaseEnd else { continue }
            leadership.progress[member.id]?.leaseEnd = end - growth
        }
        state = .leader(leadership)
    }

    private func promisedEnd(_ leadership: Leadership) -> Instant? {
        guard let last = leadership.sent.last else { return nil }
        var ends: [Instant] = []
        ends.reserveCapacity(membership.voters.count + 1)
        for place in membership.voters.indices where membership.voters[place].id != id {
            if let end = leadership.progress[membership.voters[place].id]?.leaseEnd { ends.append(end) }
        }
        // A leader that was voted out still leads until that is committed, by the promises of the others alone.
        if isVoter { ends.append(last.at + timing.lease(ofPromise: last.promise)) }
        // On each clock, the whole quorum must still have promised: of promises of different lengths the one that is over
        // first on one clock need not be it on the other.
        return membership.majority.reached(ends, by: left(until:)).map { last in
            ends.filter { left(until: $0) >= left(until: last) }.reduce(last) {
                Instant(boottime: min($0.boottime, $1.boottime), raw: min($0.raw, $1.raw))
            }
        }
    }

    /// By the clock that is first: where one runs faster, the end that is later on the other is none.
    private func left(until end: Instant) -> Duration { Deadline.either(end).remaining(at: now) }

    /// Commits what a quorum has on its disks, if it is of this term (§5.4.2).
    mutating func advanceCommit() {
        guard commitIndex < lastIndex, case .leader(let leadership) = state else { return }
        var matches = otherVoters.map { leadership.progress[$0.id]?.match ?? LogIndex(0) }
        if isVoter { matches.append(writes.durableIndex) }
        let index = membership.majority.committed(matches)
        guard index > commitIndex, log.term(at: index) == term else { return }
        commitIndex = index
        compactIfDue()
        leaveIfVotedOut()
    }

    /// Who should lead next, best first: the named heir, then heard of lately, with the whole log, able to hold,
    /// preferred, near.
    private func successorOrder(of leadership: Leadership) -> [NodeID] {
        otherVoters.map { suitability(of: $0.id, leadership) }.sorted().map(\.id)
    }

    private func suitability(of id: NodeID, _ leadership: Leadership) -> Suitability {
        guard let progress = leadership.progress[id], leadership.isHeard(id, within: timing.promise, at: now) else {
            return Suitability(log: 2, hold: 2, priority: 0, distance: 0, id: id)
        }
        return Suitability(
            log: leadership.heir == id ? -1 : progress.match == lastIndex ? 0 : 1,
            hold: progress.fitness?.reluctance ?? 2,
            priority: -Int(progress.fitness?.priority ?? 0),
            distance: (progress.roundTrip ?? .zero).nanoseconds,
            id: id
        )
    }
}

/// How well a node would lead; the lesser is the better, field by field.
private struct Suitability: Comparable {
    let log: Int
    let hold: Int
    let priority: Int
    let distance: Int64
    let id: NodeID

    static func < (a: Suitability, b: Suitability) -> Bool {
        (a.log, a.hold, a.priority, a.distance, a.id) < (b.log, b.hold, b.priority, b.distance, b.id)
    }
}
