import Raft

extension Checker {
    /// After each step: what has changed in this node's log must fit all that was ever seen.
    mutating func stepped(_ machine: Machine, at moment: Nanoseconds) {
        guard let raft = machine.agent?.raft else { return }
        let seen = SeenLog(
            count: raft.entries.count,
            lastTerm: raft.entries.last?.term ?? Term(0),
            commit: raft.commitIndex
        )
        guard seen != seenLogs[machine.index] else { return }
        match(raft.entries, of: machine, at: moment)
        commit(upTo: raft.commitIndex, raft.entries, machine, at: moment)
        seenLogs[machine.index] = seen
    }

    /// An entry is known by index and term; it says the same, after the same, wherever it stands. By induction that is
    /// Log Matching.
    private mutating func match(_ entries: [LogEntry], of machine: Machine, at moment: Nanoseconds) {
        var previousTerm = Term(0)
        for (position, entry) in entries.enumerated() {
            if known.count <= position { known.append([]) }
            let seen = Entry(entry: entry, previousTerm: previousTerm)
            if let other = known[position].first(where: { $0.entry.term == entry.term }) {
                if other != seen { violate(.logMatching, "n\(machine.index + 1) at \(entry.index)", at: moment) }
            } else {
                known[position].append(seen)
            }
            if entry.index.number != UInt64(position + 1) || entry.term < previousTerm {
                violate(.logMatching, "n\(machine.index + 1) has no good order at \(position + 1)", at: moment)
            }
            previousTerm = entry.term
        }
    }

    private mutating func commit(
        upTo index: LogIndex,
        _ entries: [LogEntry],
        _ machine: Machine,
        at moment: Nanoseconds
    ) {
        guard index.number <= entries.count else {
            return violate(.committedStays, "n\(machine.index + 1) has committed more than it has", at: moment)
        }
        if index < seenLogs[machine.index].commit {
            violate(.committedStays, "the commit index of n\(machine.index + 1) falls to \(index)", at: moment)
        }
        for (position, entry) in entries.prefix(Int(index.number)).enumerated() {
            if position < committed.count {
                if committed[position] != entry {
                    violate(.committedStays, "n\(machine.index + 1) at \(entry.index)", at: moment)
                }
            } else {
                committed.append(entry)
                committedIn.append(machine.agent?.raft.term ?? entry.term)
            }
        }
    }

    /// Called when the commit index of `machine` has moved, with all disks in sight.
    mutating func judgeCommits(_ machines: [Machine], of machine: Machine, from first: Int, at moment: Nanoseconds) {
        if let membership = machine.agent?.raft.membership { books[machine.index].follow(membership) }
        for entry in committed.dropFirst(first) {
            // The founding membership is no log decision: everyone computes the same one.
            if entry.index.number == 1, case .membership = entry.payload { continue }
            let disks = machines.map(\.disk.durable).filter { disk in
                disk.entries.count >= entry.index.number && disk.entries[Int(entry.index.number) - 1] == entry
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
        guard let entries = machine.agent?.raft.entries else { return }
        // A leader of an older term, elected by votes that were long under way, need not have them.
        let required = zip(committed, committedIn).prefix { $0.1 < term }.map(\.0)
        if !entries.starts(with: required) {
            violate(.leaderCompleteness, "n\(machine.index + 1) leads t\(term) without all of them", at: moment)
        }
    }
}
