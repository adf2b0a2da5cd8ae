import Time

/// What follows from the log: who belongs to the cluster, how it is timed, and when old entries may go.
extension RaftNode {
    /// After every change of the log, for what it says is in force as soon as it stands there (§6).
    mutating func noteLog() {
        let agreed = settings.timing.following(log.state.timing)
        if agreed != timing {
            // What was promised until now may be longer than what will be.
            if agreed.promise < timing.promise { overlongEnd = promise.end }
            timing = agreed
            report(.timingChanged(agreed.wish))
            if case .leader = state { oweAgreedPromise() }
        }
        guard membership != announcedMembership else { return }
        announcedMembership = membership
        effects.append(.joined(hardState.cluster, membership))
    }

    /// Notes what the leader says is committed.
    mutating func commit(upTo index: LogIndex) {
        guard index > commitIndex else { return }
        commitIndex = index
        compactIfDue()
    }

    /// Lets a snapshot stand for the committed entries when there are many (§7).
    mutating func compactIfDue() {
        guard commitIndex.number >= log.snapshot.index.number + UInt64(settings.compaction) else { return }
        log.compact(upTo: commitIndex)
        persistLog()
    }

    /// Begins the log with a snapshot of the leader's.
    mutating func install(_ snapshot: Snapshot) {
        snapshotParts = nil
        // What is committed here is the same in the snapshot; of the rest nothing is known to be.
        if log.term(at: snapshot.index) != snapshot.term { writes.cutOff(after: commitIndex) }
        log.take(snapshot)
        commitIndex = snapshot.index
        noteLog()
        persistLog()
    }

    /// Sends all pieces of the snapshot that the log begins with.
    mutating func sendSnapshot(to member: NodeID, as sent: Leadership.Sent) {
        let pieces = log.snapshot.pieces
        for (place, facts) in pieces.enumerated() {
            let piece = SnapshotPiece(
                term: term,
                sequence: sent.sequence,
                promise: sent.promise,
                index: log.snapshot.index,
                indexTerm: log.snapshot.term,
                place: UInt8(place),
                count: UInt8(pieces.count),
                facts: facts
            )
            send(.snapshot(piece), to: member)
        }
    }
}

extension RaftNode {
    /// The configuration has changed.
    mutating func wishFor(_ wish: ClusterTiming) {
        settings.timing = settings.timing.following(wish)
        noteLog()
        agreeOnTimingIfDue()
    }

    /// Puts the timing into the log that a quorum of the voters is configured with: so a change is made by changing the
    /// configuration of one node after the other, and a single node with another file changes nothing.
    mutating func agreeOnTimingIfDue() {
        guard case .leader(let leadership) = state, leadership.settledAt != nil, leadership.ending == nil,
            log.state(at: commitIndex).timing == log.state.timing, let wish = commonWish(leadership),
            wish != log.state.timing, wish.isReasonable
        else { return }
        append(.timing(wish))
    }

    /// A leader asks for a longer promise when it would owe it itself.
    private mutating func oweAgreedPromise() {
        guard timing.promise > hardState.longestPromise else { return }
        hardState.longestPromise = timing.promise
        persistHardState()
    }

    /// After a crash the longest promise is owed that may still be; longer ones that have ended are forgotten.
    mutating func forgetOverlongPromise() {
        guard hardState.longestPromise > timing.promise, Deadline.both(overlongEnd).hasPassed(at: now) else { return }
        hardState.longestPromise = timing.promise
        persistHardState()
    }

    private func commonWish(_ leadership: Leadership) -> ClusterTiming? {
        let others = otherVoters.compactMap { leadership.progress[$0.id]?.wish }
        let wishes = isVoter ? others + [settings.timing.wish] : others
        return wishes.first { wish in wishes.count { $0 == wish } >= membership.quorum }
    }
}
