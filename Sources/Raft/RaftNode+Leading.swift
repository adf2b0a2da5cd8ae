import Time

/// What only a leader knows.
struct Leadership: Sendable {
    /// Of one member, as its acknowledgements show it.
    struct Progress: Sendable {
        let storage: StorageID
        var next: LogIndex
        var match = LogIndex(0)
        /// The end of the lease that its latest promise is worth.
        var leaseEnd: Instant?
        /// The newest heartbeat that it promised for.
        var promised: UInt64 = 0
        var lastHeard: Instant?
        var roundTrip: Duration?
        var fitness: Fitness?
    }

    /// When a heartbeat left, to find again by its acknowledgement.
    struct Sent: Sendable {
        let sequence: UInt64
        let at: Instant
        let promise: Duration
    }

    /// As many heartbeats as are remembered; an acknowledgement of an older one is worth no lease.
    static let sentLimit = 64

    /// A leader without a lease by then has none to wait for.
    let firstLeaseBy: Instant
    var progress: [NodeID: Progress]
    var nextHeartbeat: Instant
    var lease: Instant?
    var lastSequence: UInt64 = 0
    /// Oldest first, with consecutive sequence numbers.
    var sent: [Sent] = []
    /// The newest heartbeat when the present membership was committed; nil before.
    var settledAt: UInt64?
    /// A newer term that somebody has entered: it is adopted when the VIPs are off, and no lease is renewed any more.
    var newerTerm: Term?
    /// A new disk under a known name, to be taken in.
    var applicant: Member?

    /// When the leader must act: at the latest when the lease is over.
    func nextDeadline(at now: Instant) -> Deadline {
        let heartbeat = Deadline.timer(nextHeartbeat)
        let end = leadershipEnd
        return heartbeat.remaining(at: now) < end.remaining(at: now) ? heartbeat : end
    }

    var leadershipEnd: Deadline {
        if let lease { .either(lease) } else { .either(firstLeaseBy) }
    }

    mutating func noteSent(at now: Instant, promise: Duration) {
        lastSequence += 1
        sent.append(Sent(sequence: lastSequence, at: now, promise: promise))
        if sent.count > Self.sentLimit { sent.removeFirst() }
    }

    /// Keeps the progress of those who are members, each with its present disk, and begins with those who are new.
    mutating func follow(_ members: [Member], from lastIndex: LogIndex) {
        let known = progress
        progress = [:]
        for member in members {
            let earlier = known[member.id].flatMap { $0.storage == member.storage ? $0 : nil }
            progress[member.id] = earlier ?? Progress(storage: member.storage, next: lastIndex.next)
        }
    }

    func sent(_ sequence: UInt64) -> Sent? {
        guard let first = sent.first, sequence >= first.sequence, sequence <= lastSequence else { return nil }
        return sent[Int(sequence - first.sequence)]
    }
}

extension RaftNode {
    /// Begins to lead: the will first, then the no-op that commits what came before (§8), with the first heartbeat.
    mutating func lead() {
        vainCampaigns = 0
        var leadership = Leadership(
            firstLeaseBy: now + settings.timing.promise,
            progress: [:],
            nextHeartbeat: now
        )
        // Before the no-op, which so goes out with the first heartbeat.
        leadership.follow(otherMembers, from: lastIndex)
        state = .leader(leadership)
        effects.append(.prepareWill(term))
        append(.leadership)
        leadOn()
    }

    /// Appends an entry of the own term; the next heartbeat takes it along.
    mutating func append(_ payload: LogPayload) {
        let keep = lastIndex
        let entry = LogEntry(index: keep.next, term: term, payload: payload)
        entries.append(entry)
        persist(hardState: nil, keep: keep, entries: [entry])
    }

    /// Steps down when the lease is over, otherwise sends the heartbeat that is due.
    mutating func leadOn() {
        guard case .leader(let leadership) = state else { return }
        // No heartbeat after this: one that reaches a bridge node would keep its promise from the others for ever.
        if leadership.leadershipEnd.hasPassed(at: now) {
            return stepDown(reason: leadership.lease == nil ? "no quorum answered" : "a quorum fell silent")
        }
        guard Deadline.timer(leadership.nextHeartbeat).hasPassed(at: now) else { return }
        sendHeartbeats(leadership)
    }

    private mutating func sendHeartbeats(_ leadership: Leadership) {
        var leadership = leadership
        leadership.nextHeartbeat = now + settings.timing.heartbeat
        leadership.follow(otherMembers, from: lastIndex)
        leadership.noteSent(at: now, promise: settings.timing.promise)
        // The leader is a voter like the others: what it asks of them it promises itself.
        promise.extend(for: term, until: now + settings.timing.promise)
        successors = successorOrder(of: leadership)
        for member in otherMembers { replicate(to: member.id, with: &leadership) }
        state = .leader(leadership)
        renewLease()
        advanceCommit()
        changeMembershipIfDue()
    }

    /// Sends one voter what it lacks, under the latest sequence number.
    private mutating func replicate(to voter: NodeID, with leadership: inout Leadership) {
        guard let sent = leadership.sent.last, let progress = leadership.progress[voter] else { return }
        let previous = LogIndex(progress.next.number - 1)
        guard let previousTerm = term(at: previous) else { return }
        let news = Self.portion(of: entries[Int(previous.number)...])
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
            to: voter
        )
        // Taken as arrived: should it be lost, the next heartbeat is refused and says where to go on.
        leadership.progress[voter]?.next = LogIndex(progress.next.number + UInt64(news.count))
    }

    /// What fits in a datagram: some entries, or those up to the first membership.
    private static func portion(of entries: ArraySlice<LogEntry>) -> [LogEntry] {
        var portion: [LogEntry] = []
        for entry in entries.prefix(8) {
            portion.append(entry)
            if case .membership = entry.payload { break }
        }
        return portion
    }
}

extension RaftNode {
    mutating func count(_ reply: AppendReply, from sender: Sender) {
        if reply.term > term { return makeWay(for: reply.term) }
        guard case .leader(var leadership) = state, reply.term == term, isMember(sender),
            var progress = leadership.progress[sender.id], progress.storage == sender.storage
        else { return }
        progress.lastHeard = now
        progress.fitness = reply.fitness
        let isBehind = note(reply, in: &progress, of: leadership)
        leadership.progress[sender.id] = progress
        if isBehind { resend(to: sender.id, with: &leadership) }
        state = .leader(leadership)
        renewLease()
        advanceCommit()
        changeMembershipIfDue()
        handOverIfUnfit()
    }

    /// Notes an acknowledgement; true when the voter lacks entries that are not under way.
    private func note(
        _ reply: AppendReply,
        in progress: inout Leadership.Progress,
        of leadership: Leadership
    ) -> Bool {
        if let sent = leadership.sent(reply.sequence), reply.promise > .zero {
            progress.roundTrip = now.longestElapsed(since: sent.at)
            progress.promised = max(progress.promised, sent.sequence)
            // Worth what was promised, and counted from when it was asked for, never from when it was answered.
            let end = sent.at + settings.timing.lease(ofPromise: min(reply.promise, sent.promise))
            if let earlier = progress.leaseEnd, earlier.raw > end.raw {} else { progress.leaseEnd = end }
        }
        guard reply.isAccepted else {
            let retry = LogIndex(min(reply.index.number, lastIndex.number) + 1)
            let isNews = retry < progress.next
            progress.next = max(progress.match.next, min(retry, progress.next))
            return isNews
        }
        progress.match = max(progress.match, min(reply.index, lastIndex))
        progress.next = max(progress.next, progress.match.next)
        return progress.next <= lastIndex
    }

    /// Sends at once instead of with the next heartbeat, under a sequence number of its own.
    private mutating func resend(to voter: NodeID, with leadership: inout Leadership) {
        leadership.noteSent(at: now, promise: settings.timing.promise)
        promise.extend(for: term, until: now + settings.timing.promise)
        replicate(to: voter, with: &leadership)
    }

    /// Moves the end of the lease: the latest moment up to which a quorum, this node included, has promised.
    private mutating func renewLease() {
        guard case .leader(var leadership) = state, let last = leadership.sent.last else { return }
        let own = last.at + settings.timing.lease(ofPromise: last.promise)
        let others = otherVoters.compactMap { leadership.progress[$0.id]?.leaseEnd }
        let ends = (others + [own]).sorted { $0.raw > $1.raw }
        guard ends.count >= membership.quorum else { return }
        let end = ends[membership.quorum - 1]
        if let lease = leadership.lease, lease.raw >= end.raw { return }
        // An answer that comes too late is worth nothing: passDeadlines has looked at the lease before.
        if Deadline.either(end).hasPassed(at: now) { return }
        leadership.lease = end
        state = .leader(leadership)
        if settings.fitness.mayHold, leadership.newerTerm == nil { effects.append(.hold(term, until: end)) }
    }

    /// Commits what a quorum has on its disks, if it is of this term (§5.4.2).
    mutating func advanceCommit() {
        guard case .leader(let leadership) = state else { return }
        let others = otherVoters.map { leadership.progress[$0.id]?.match ?? LogIndex(0) }
        let index = (others + [writes.durableIndex]).sorted(by: >)[membership.quorum - 1]
        if index > commitIndex, term(at: index) == term { commitIndex = index }
    }

    /// Who should lead next, best first: heard of lately, with the whole log, able to hold, preferred, near.
    func successorOrder(of leadership: Leadership) -> [NodeID] {
        func key(_ id: NodeID) -> (Int, Int, Int, Int64, NodeID) {
            guard let progress = leadership.progress[id], let lastHeard = progress.lastHeard,
                now.longestElapsed(since: lastHeard) < settings.timing.promise
            else { return (2, 1, 0, 0, id) }
            return (
                progress.match == lastIndex ? 0 : 1,
                progress.fitness?.mayHold == true ? 0 : 1,
                -Int(progress.fitness?.priority ?? 0),
                (progress.roundTrip ?? .zero).nanoseconds,
                id
            )
        }
        return otherVoters.map(\.id).sorted { key($0) < key($1) }
    }

    /// A leader that may not hold the VIPs leads only until somebody who may is ready.
    private mutating func handOverIfUnfit() {
        guard case .leader(let leadership) = state, !settings.fitness.mayHold, term(at: commitIndex) == term,
            let heir = successors.first, let progress = leadership.progress[heir],
            progress.fitness?.mayHold == true, progress.match == lastIndex
        else { return }
        stepDown(reason: "this node may not hold the VIPs", heir: heir)
    }
}
