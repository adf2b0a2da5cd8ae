import Time

extension RaftNode {
    /// The longest promise that a leader may ask for; more is a mistake that would lock a cluster up.
    package static let promiseLimit: Duration = .seconds(60)

    /// Accepts a heartbeat, with the entries it brings, and promises what it asks for.
    mutating func accept(_ append: Append, from sender: Sender) {
        if case .waiting = state { return }
        guard append.term >= term else { return refuse(append, to: sender, index: lastIndex) }
        // A leader that has released sends no more in that term: this datagram is late, and promises nothing.
        guard append.term > released, append.promise <= Self.promiseLimit, append.promise >= .zero else { return }
        if append.term > term { adopt(append.term) }
        if case .leader = state { return }
        vainQuestions = 0
        makePromise(append)
        becomeFollower(of: sender.id)
        vainCampaigns = 0
        successors = append.successors
        electionTimer = now + append.promise + settings.timing.slot * rank
        guard term(at: append.previousIndex) == append.previousTerm else {
            return refuse(append, to: sender, index: lastPossibleMatch(before: append.previousIndex))
        }
        store(append)
        let matched = LogIndex(append.previousIndex.number + UInt64(append.entries.count))
        commitIndex = max(commitIndex, min(append.commit, matched))
        acknowledge(append, upTo: matched, to: sender.id)
    }

    /// Whatever comes from a leader is promised for, not its heartbeats alone; a longer promise than ever before is
    /// on the disk before the leader hears of it, for a restarted voter owes the longest.
    private mutating func makePromise(_ append: Append) {
        promise.extend(for: append.term, until: now + append.promise)
        guard append.promise > hardState.longestPromise else { return }
        hardState.longestPromise = append.promise
        persistHardState()
    }

    private mutating func refuse(_ append: Append, to sender: Sender, index: LogIndex) {
        // A refused place in the log is no refused leader: the promise was made, and is worth as much.
        let promised: Duration = append.term == term ? append.promise : .zero
        sendDurably(
            .appendReply(
                AppendReply(
                    term: term,
                    sequence: append.sequence,
                    promise: promised,
                    index: index,
                    isAccepted: false,
                    fitness: settings.fitness
                )
            ),
            to: sender.id
        )
    }

    /// Where to try next: before all entries of the term that does not fit (§5.3).
    private func lastPossibleMatch(before index: LogIndex) -> LogIndex {
        guard let misfit = term(at: index) else { return lastIndex }
        var place = index
        while place > commitIndex, term(at: place) == misfit { place = LogIndex(place.number - 1) }
        return place
    }

    /// Appends what is new; what contradicts the leader is cut off (§5.3).
    private mutating func store(_ append: Append) {
        let news = append.entries.drop { term(at: $0.index) == $0.term }
        guard let first = news.first else { return }
        let keep = LogIndex(first.index.number - 1)
        entries.removeLast(entries.count - Int(keep.number))
        entries += news
        noteMembership()
        persist(hardState: nil, keep: keep, entries: Array(news))
    }

    /// A membership is in force as soon as it stands in the log (§6).
    mutating func noteMembership() {
        let latest = Self.latestMembership(in: entries)
        guard latest != membership else { return }
        membership = latest
        effects.append(.joined(hardState.cluster, latest))
    }

    /// Acknowledges at once, for the lease does not wait for the log; and again when the log is on the disk.
    private mutating func acknowledge(_ append: Append, upTo matched: LogIndex, to leader: NodeID) {
        let durable = min(matched, writes.durableIndex)
        if writes.isHardStateDurable {
            send(.appendReply(accepted(append, upTo: durable)), to: leader)
            guard matched > durable else { return }
        }
        sendDurably(.appendReply(accepted(append, upTo: matched)), to: leader)
    }

    private func accepted(_ append: Append, upTo index: LogIndex) -> AppendReply {
        AppendReply(
            term: term,
            sequence: append.sequence,
            promise: append.promise,
            index: index,
            isAccepted: true,
            fitness: settings.fitness
        )
    }
}
