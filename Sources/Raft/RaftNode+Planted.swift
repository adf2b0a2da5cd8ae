package import Time

/// A mistake that the simulator plants into a node, to see that it would notice. Nothing else calls this.
package enum PlantedMistake: Hashable, Sendable {
    /// The node forgets what it owes.
    case forgottenPromise
    /// The node takes back what it promised since this was the end of its promise.
    case promiseTakenBack(to: Instant)
    /// A longest promise that is not asked for any more is forgotten at once.
    case hastyShrinking
    /// The node does not remember which terms were released.
    case forgottenReleases
    /// The node believes that its leader is dead, and owes nothing.
    case deadLeader(at: Instant)
    /// A leader whose lease is over goes by it for this much longer.
    case longerLeadership(Duration, at: Instant)
    /// A leader reckons all its heartbeats as if they had asked for this promise.
    case promisesTaken(for: Duration)
    /// A leader takes its membership for settled although nothing of its term is committed.
    case settledMembership
    /// A leader does not wait for the promises of a membership that is committed.
    case hastyMembership
}

extension RaftNode {
    package var promiseEnd: Instant { promise.end }

    /// Who is to take over from this leader.
    package var heir: NodeID? {
        if case .leader(let leadership) = state { leadership.heir } else { nil }
    }

    package var newestHeartbeat: (sequence: UInt64, promise: Duration)? {
        guard case .leader(let leadership) = state else { return nil }
        return leadership.sent.last.map { ($0.sequence, $0.promise) }
    }

    /// Whether it asks for pre-votes, and not for votes.
    package var isAskingFirst: Bool {
        if case .preCandidate = state { true } else { false }
    }

    package mutating func plant(_ mistake: PlantedMistake) {
        switch mistake {
        case .forgottenPromise: promise = Promise(term: promise.term, end: now)
        case .promiseTakenBack(let end): promise = Promise(term: promise.term, end: end)
        case .hastyShrinking: overlongEnd = now
        case .forgottenReleases: released = Term(0)
        case .deadLeader(let now):
            promise = Promise(term: promise.term, end: now)
            electionTimer = now + timing.slot * rank
            becomeFollower(of: nil)
        case .longerLeadership, .promisesTaken, .settledMembership, .hastyMembership:
            guard case .leader(var leadership) = state else { return }
            leadership.plant(mistake)
            state = .leader(leadership)
        }
    }
}

extension Leadership {
    fileprivate mutating func plant(_ mistake: PlantedMistake) {
        switch mistake {
        case .longerLeadership(let span, let now):
            if let lease, Deadline.either(lease).hasPassed(at: now) { self.lease = now + span }
        case .promisesTaken(let promise): sent = sent.map { Sent(sequence: $0.sequence, at: $0.at, promise: promise) }
        case .settledMembership: settledAt = settledAt ?? 0
        case .hastyMembership: if settledAt != nil { settledAt = 0 }
        case .forgottenPromise, .promiseTakenBack, .hastyShrinking, .forgottenReleases, .deadLeader: break
        }
    }
}
