import Time

/// What every message of a leader has: whoever accepts one makes a promise.
private struct LeaderWord {
    let term: Term
    let sequence: UInt64
    let promise: Duration
}

extension RaftNode {
    /// The longest promise that a leader may ask for; more is a mistake that would lock a cluster up.
    package static let promiseLimit: Duration = .seconds(60)

    /// Accepts a heartbeat, with the entries it brings, and promises what it asks for.
    mutating func accept(_ append: Append, from sender: Sender) {
        let word = LeaderWord(term: append.term, sequence: append.sequence, promise: append.promise)
        guard follow(word, of: sender) else { return }
        successors = append.successors
        electionTimer = now + append.promise + timing.slot * rank
        let append = append.behind(log.snapshot)
        guard log.term(at: append.previousIndex) == append.previousTerm else {
            return refuse(word, to: sender, index: lastPossibleMatch(before: append.previousIndex))
        }
        store(append)
        let matched = LogIndex(append.previousIndex.number + UInt64(append.entries.count))
        commit(upTo: min(append.commit, matched))
        acknowledge(word, upTo: matched, to: sender.id)
    }

    /// Accepts a piece of a snapshot, promises likewise, and begins its log with the whole when it has it.
    mutating func accept(_ piece: SnapshotPiece, from sender: Sender) {
        let word = LeaderWord(term: piece.term, sequence: piece.sequence, promise: piece.promise)
        guard follow(word, of: sender) else { return }
        electionTimer = now + piece.promise + timing.slot * rank
        if piece.index > commitIndex {
            if snapshotParts?.belongs(piece) != true { snapshotParts = SnapshotParts(for: piece) }
            if let snapshot = snapshotParts?.take(piece) { install(snapshot) }
        }
        // What is committed here is committed there, so it is the same.
        acknowledge(word, upTo: commitIndex, to: sender.id)
    }

    /// Follows the sender, and promises; false when it is no leader to be heard.
    private mutating func follow(_ word: LeaderWord, of sender: Sender) -> Bool {
        if case .waiting = state { return false }
        guard word.term >= term else {
            refuse(word, to: sender, index: lastIndex)
            return false
        }
        // A leader that has released sends no more in that term: this datagram is late, and promises nothing.
        guard word.term > released, word.promise <= Self.promiseLimit, word.promise >= .zero else { return false }
        if word.term > term { adopt(word.term) }
        if case .leader = state { return false }
        vainQuestions = 0
        vainCampaigns = 0
        makePromise(word)
        becomeFollower(of: sender.id)
        return true
    }

    /// Whatever comes from a leader is promised for, not its heartbeats alone; a longer promise than ever before is
    /// on the disk before the leader hears of it, for a restarted voter owes the longest.
    private mutating func makePromise(_ word: LeaderWord) {
        promise.extend(for: word.term, until: now + word.promise)
        // Not the end of this one alone: an even longer one may have been made before, and be owed for longer.
        if word.promise > timing.promise { overlongEnd = promise.end }
        guard word.promise > hardState.longestPromise else { return forgetOverlongPromise() }
        hardState.longestPromise = word.promise
        persistHardState()
    }

    private mutating func refuse(_ word: LeaderWord, to sender: Sender, index: LogIndex) {
        // A refused place in the log is no refused leader: the promise was made, and is worth as much.
        let promised: Duration = word.term == term ? word.promise : .zero
        sendDurably(reply(to: word, promised: promised, index: index, isAccepted: false), to: sender.id)
    }

    /// Where to try next: before all entries of the term that does not fit (§5.3).
    private func lastPossibleMatch(before index: LogIndex) -> LogIndex {
        guard let misfit = log.term(at: index) else { return lastIndex }
        var place = index
        while place > commitIndex, log.term(at: place) == misfit { place = LogIndex(place.number - 1) }
        return place
    }

    /// Appends what is new; what contradicts the leader is cut off (§5.3).
    private mutating func store(_ append: Append) {
        let news = append.entries.drop { log.term(at: $0.index) == $0.term }
        guard let first = news.first else { return }
        let keep = LogIndex(first.index.number - 1)
        log.cutOff(after: keep)
        log.append(news)
        noteLog()
        persist(Array(news), after: keep)
    }

    /// Acknowledges at once, for the lease does not wait for the log; and again when the log is on the disk.
    private mutating func acknowledge(_ word: LeaderWord, upTo matched: LogIndex, to leader: NodeID) {
        let durable = min(matched, writes.durableIndex)
        if writes.isHardStateDurable {
            send(reply(to: word, promised: word.promise, index: durable, isAccepted: true), to: leader)
            guard matched > durable else { return }
        }
        sendDurably(reply(to: word, promised: word.promise, index: matched, isAccepted: true), to: leader)
    }

    private func reply(to word: LeaderWord, promised: Duration, index: LogIndex, isAccepted: Bool) -> Message {
        .appendReply(
            AppendReply(
                term: term,
                sequence: word.sequence,
                promise: promised,
                index: index,
                isAccepted: isAccepted,
                fitness: fitness,
                wish: settings.timing.wish
            )
        )
    }
}

extension Append {
    /// The same without what a snapshot stands for: that is committed, so the sender has the same.
    fileprivate func behind(_ snapshot: Snapshot) -> Append {
        guard previousIndex < snapshot.index else { return self }
        return Append(
            term: term,
            sequence: sequence,
            promise: promise,
            previousIndex: snapshot.index,
            previousTerm: snapshot.term,
            commit: commit,
            entries: Array(entries.drop { $0.index <= snapshot.index }),
            successors: successors
        )
    }
}
