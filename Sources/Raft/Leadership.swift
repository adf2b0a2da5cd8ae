import Time

/// What only a leader knows.
struct Leadership: Hashable, Sendable {
    /// Of one member, as its acknowledgements show it.
    struct Progress: Hashable, Sendable {
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
        var wish: ClusterTiming?
    }

    /// When a heartbeat left, to find again by its acknowledgement.
    struct Sent: Hashable, Sendable {
        let sequence: UInt64
        let at: Instant
        let promise: Duration
    }

    /// Why a leader stops leading as soon as its VIPs are off. Until then it goes on renewing its lease without holding by
    /// it: its heartbeats keep the other nodes from the VIPs, however long a lost keeper lets the kernel take.
    enum Ending: Hashable, Sendable {
        /// Somebody has entered a newer term.
        case newerTerm(Term)
        /// In good order; the heir is told to campaign.
        case handover(to: NodeID?)
    }

    /// As many heartbeats as are remembered; an acknowledgement of an older one is worth no lease.
    static let sentLimit = 64

    /// A leader without a lease by then has none to wait for.
    let firstLeaseBy: Instant
    var progress = Roster<Progress>()
    var nextHeartbeat: Instant
    var lease: Instant?
    /// Whether it has held by that lease.
    var hasHeld = false
    var lastSequence: UInt64 = 0
    /// Oldest first, with consecutive sequence numbers.
    var sent: [Sent] = []
    /// The newest heartbeat when the present membership was committed; nil before.
    var settledAt: UInt64?
    var ending: Ending?
    /// A new disk under a known name, to be taken in.
    var applicant: Member?

    init(firstLeaseBy: Instant, nextHeartbeat: Instant) {
        self.firstLeaseBy = firstLeaseBy
        self.nextHeartbeat = nextHeartbeat
    }

    /// When the leader must act: at the latest when the lease is over.
    func nextDeadline(at now: Instant) -> Deadline {
        let heartbeat = Deadline.timer(nextHeartbeat)
        let end = leadershipEnd
        return heartbeat.isEarlier(than: end, at: now) ? heartbeat : end
    }

    var leadershipEnd: Deadline {
        if let lease { .either(lease) } else { .either(firstLeaseBy) }
    }

    var heir: NodeID? {
        if case .handover(let heir) = ending { heir } else { nil }
    }

    mutating func noteSent(at now: Instant, promise: Duration) {
        lastSequence += 1
        sent.append(Sent(sequence: lastSequence, at: now, promise: promise))
        if sent.count > Self.sentLimit { sent.removeFirst() }
    }

    /// Keeps the progress of those who are members, each with its present disk, and begins with those who are new.
    mutating func follow(_ members: [Member], from lastIndex: LogIndex) {
        let known = progress
        if known.count == members.count, members.allSatisfy({ known[$0.id]?.storage == $0.storage }) { return }
        progress = Roster()
        for member in members {
            let earlier = known[member.id].flatMap { $0.storage == member.storage ? $0 : nil }
            progress[member.id] = earlier ?? Progress(storage: member.storage, next: lastIndex.next)
        }
    }

    func sent(_ sequence: UInt64) -> Sent? {
        guard let first = sent.first, sequence >= first.sequence, sequence <= lastSequence else { return nil }
        return sent[Int(sequence - first.sequence)]
    }

    func isHeard(_ node: NodeID, within span: Duration, at now: Instant) -> Bool {
        guard let lastHeard = progress[node]?.lastHeard else { return false }
        return now.longestElapsed(since: lastHeard) < span
    }
}
