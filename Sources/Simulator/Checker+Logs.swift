import Raft

/// What the whole cluster has written into its logs, by index; the founders' snapshot stands for index 1.
struct Chronicle {
    /// An entry as it was seen in some log.
    struct Seen: Hashable {
        let entry: LogEntry
        let previousTerm: Term
    }

    struct Committed {
        let entry: LogEntry
        /// What the log says up to it.
        let state: ClusterState
        /// The term that the node was in which first called it committed.
        let during: Term
    }

    private var seen: [[Seen]] = []
    private(set) var committed: [Committed] = []
    private(set) var founding: Snapshot?

    static let first: UInt64 = 2

    private static func place(_ index: LogIndex) -> Int { Int(index.number) - Int(first) }

    /// False when another entry of the same term stands there, or the same behind another: then it is no log of ours.
    mutating func note(_ entry: LogEntry, after previousTerm: Term) -> Bool {
        let place = Self.place(entry.index)
        while seen.count <= place { seen.append([]) }
        let new = Seen(entry: entry, previousTerm: previousTerm)
        guard let known = seen[place].first(where: { $0.entry.term == entry.term }) else {
            seen[place].append(new)
            return true
        }
        return known == new
    }

    mutating func note(founding snapshot: Snapshot) -> Bool {
        if founding == nil { founding = snapshot }
        return founding == snapshot
    }

    func committed(at index: LogIndex) -> Committed? {
        let place = Self.place(index)
        return committed.indices.contains(place) ? committed[place] : nil
    }

    /// Takes all up to an entry as committed; the entries before it are found by their terms, for a log may have thrown
    /// them away already.
    mutating func commit(upTo index: LogIndex, of term: Term, during: Term) {
        var chain: [LogEntry] = []
        var (place, term) = (Self.place(index), term)
        while place >= committed.count, let known = seen[place].first(where: { $0.entry.term == term }) {
            chain.append(known.entry)
            (place, term) = (place - 1, known.previousTerm)
        }
        for entry in chain.reversed() {
            var state = committed.last?.state ?? founding?.state ?? .empty
            state.apply(entry.payload)
            committed.append(Committed(entry: entry, state: state, during: during))
        }
    }
}

extension Checker {
    struct SeenLog: Equatable {
        var snapshot = LogIndex(0)
        var last = LogIndex(0)
        var lastTerm = Term(0)
        var commit = LogIndex(0)
    }

    /// After each step: what has changed in this node's log must fit all that was ever seen.
    mutating func stepped(_ machine: Machine, at moment: Nanoseconds) {
        guard let agent = machine.agent, agent.raft.hardState.cluster == cluster else { return }
        let seen = SeenLog(
            snapshot: agent.raft.log.snapshot.index,
            last: agent.raft.lastIndex,
            lastTerm: agent.raft.log.lastTerm,
            commit: agent.raft.commitIndex
        )
        let before = seenLogs[machine.index]
        guard seen != before, seen.last.number > 0 else { return }
        match(agent.raft.log, of: machine, at: moment)
        commit(agent.raft.log, upTo: seen.commit, agent.raft.term, machine, at: moment)
        if seen.snapshot != before.snapshot { judge(agent.raft.log.snapshot, of: machine, at: moment) }
        if case .leader(let term) = agent.raft.role { judgeChange(agent.raft, in: term, machine, at: moment) }
        seenLogs[machine.index] = seen
    }

    /// A leader changes the membership only when a quorum of the present one has promised behind its commit, and never
    /// before something of its own term is committed.
    private mutating func judgeChange(_ raft: RaftNode, in term: Term, _ machine: Machine, at moment: Nanoseconds) {
        guard books[machine.index].term == term else { return }
        if let former = books[machine.index].memberships.first, former != raft.membership {
            if !books[machine.index].hasPromised(former) {
                violate(.patientChanges, "n\(machine.index + 1) goes on to \(raft.membership.summary)", at: moment)
            }
            books[machine.index].settledAt = nil
        }
        guard books[machine.index].settledAt == nil, raft.log.term(at: raft.commitIndex) == term else { return }
        let isCommitted = raft.log.entries.allSatisfy { entry in
            if case .membership = entry.payload { entry.index <= raft.commitIndex } else { true }
        }
        if isCommitted { books[machine.index].settledAt = books[machine.index].newestBefore }
    }

    /// An entry is known by index and term; it says the same, after the same, wherever it stands. By induction that is
    /// Log Matching.
    private mutating func match(_ log: Log, of machine: Machine, at moment: Nanoseconds) {
        var (previous, previousTerm) = (log.snapshot.index, log.snapshot.term)
        for entry in log.entries {
            if !chronicle.note(entry, after: previousTerm) {
                violate(.logMatching, "n\(machine.index + 1) at \(entry.index)", at: moment)
            }
            if entry.index != LogIndex(previous.number + 1) || entry.term < previousTerm {
                violate(.logMatching, "n\(machine.index + 1) has no good order at \(entry.index)", at: moment)
            }
            (previous, previousTerm) = (entry.index, entry.term)
        }
    }

    private mutating func commit(
        _ log: Log,
        upTo index: LogIndex,
        _ during: Term,
        _ machine: Machine,
        at moment: Nanoseconds
    ) {
        guard let term = log.term(at: index) else {
            return violate(.committedStays, "n\(machine.index + 1) has not the \(index) it committed", at: moment)
        }
        if index < seenLogs[machine.index].commit {
            violate(.committedStays, "the commit index of n\(machine.index + 1) falls to \(index)", at: moment)
        }
        for entry in log.entries.prefix(while: { $0.index <= index }) {
            guard let known = chronicle.committed(at: entry.index) else { break }
            if known.entry != entry { violate(.committedStays, "n\(machine.index + 1) at \(entry.index)", at: moment) }
        }
        if index.number >= Chronicle.first { chronicle.commit(upTo: index, of: term, during: during) }
    }

    /// A snapshot says what the committed entries say that it stands for.
    private mutating func judge(_ snapshot: Snapshot, of machine: Machine, at moment: Nanoseconds) {
        if snapshot.index.number < Chronicle.first {
            if !chronicle.note(founding: snapshot) {
                violate(.oneCluster, "n\(machine.index + 1) has other founders", at: moment)
            }
            return
        }
        let known = chronicle.committed(at: snapshot.index)
        if known?.entry.term != snapshot.term || known?.state != snapshot.state {
            violate(.committedStays, "the snapshot of n\(machine.index + 1) at \(snapshot.index)", at: moment)
        }
    }

    /// Called when more is committed, with all disks in sight.
    mutating func judgeCommits(_ machines: [Machine], of machine: Machine, from first: Int, at moment: Nanoseconds) {
        if let membership = machine.agent?.raft.membership { books[machine.index].follow(membership) }
        for committed in chronicle.committed.dropFirst(first) {
            let entry = committed.entry
            let disks = machines.map(\.disk.durable).filter { disk in
                disk.log.snapshot.index > entry.index || disk.log.term(at: entry.index) == entry.term
            }
            let isBacked = books[machine.index].memberships.contains { membership in
                let storages = Set(membership.voters.map(\.storage))
                // A disk that was lost may have had it when it said so.
                return disks.count { storages.contains($0.storage) } + lostDisks >= membership.quorum
            }
            if !isBacked {
                violate(.quorumHasIt, "entry \(entry.index) of t\(entry.term) is on \(disks.count) disks", at: moment)
            }
        }
    }

    mutating func leads(_ machine: Machine, in term: Term, at moment: Nanoseconds) {
        if let other = leaders[term], other != machine.index {
            violate(.oneLeaderATerm, "n\(other + 1) and n\(machine.index + 1) in t\(term)", at: moment)
        }
        leaders[term] = machine.index
        guard let log = machine.agent?.raft.log else { return }
        // A leader of an older term, elected by votes that were long under way, need not have them.
        let lacks = chronicle.committed.prefix { $0.during < term }.contains {
            $0.entry.index > log.snapshot.index && log.term(at: $0.entry.index) != $0.entry.term
        }
        if lacks {
            violate(.leaderCompleteness, "n\(machine.index + 1) leads t\(term) without all of them", at: moment)
        }
    }
}
