import Raft
import Time

/// What a small cluster has done so far, as far as the invariants need it. It is a part of the world's state: two ways to
/// the same nodes are one only where this is the same, too.
struct Ledger: Hashable {
    struct Ballot: Hashable {
        let storage: StorageID
        let term: Term
    }

    struct Position: Hashable {
        let index: LogIndex
        let term: Term
    }

    struct Known: Hashable {
        let payload: LogPayload
        let previousTerm: Term
    }

    struct Committed: Hashable {
        let entry: LogEntry
        let inTerm: Term
    }

    var leaders: [Term: Int] = [:]
    var votes: [Ballot: NodeID] = [:]
    var known: [Position: Known] = [:]
    var committed: [LogIndex: Committed] = [:]
    /// The newest term of which somebody has said that nothing is held.
    var claimed = Term(0)
}

extension Ledger {
    typealias Breach = (rule: Violation.Rule, detail: String)

    mutating func leads(_ node: Int, _ raft: RaftNode, in term: Term) -> Breach? {
        if let other = leaders.updateValue(node, forKey: term), other != node {
            return (.oneLeaderATerm, "n\(other + 1) and n\(node + 1) in t\(term)")
        }
        // A leader of an older term, elected by votes that were long under way, need not have them.
        let missing = committed.values.filter { $0.inTerm < term }.first { required in
            required.entry.index > raft.log.snapshot.index && !raft.log.entries.contains(required.entry)
        }
        return missing.map { (.leaderCompleteness, "n\(node + 1) leads t\(term) without entry \($0.entry.index)") }
    }

    mutating func persisted(_ state: HardState, on storage: StorageID, of node: Int) -> Breach? {
        guard let vote = state.vote else { return nil }
        let earlier = votes.updateValue(vote, forKey: Ballot(storage: storage, term: state.term))
        guard let earlier, earlier != vote else { return nil }
        return (.oneVoteATerm, "n\(node + 1) in t\(state.term): \(earlier) and \(vote)")
    }

    /// An entry is known by index and term; it says the same, after the same, wherever it stands. By induction that is Log
    /// Matching.
    mutating func match(_ log: Log, of node: Int) -> Breach? {
        for (previousTerm, entry) in zip([log.snapshot.term] + log.entries.map(\.term), log.entries) {
            let position = Position(index: entry.index, term: entry.term)
            let seen = Known(payload: entry.payload, previousTerm: previousTerm)
            if let other = known.updateValue(seen, forKey: position), other != seen || entry.term < previousTerm {
                return (.logMatching, "n\(node + 1) at \(entry.index)")
            }
        }
        return nil
    }

    mutating func commit(_ raft: RaftNode, of node: Int, before: LogIndex) -> Breach? {
        if raft.commitIndex < before {
            return (.committedStays, "the commit index of n\(node + 1) falls to \(raft.commitIndex)")
        }
        for entry in raft.log.entries where entry.index <= raft.commitIndex {
            if let other = committed[entry.index] {
                if other.entry != entry { return (.committedStays, "n\(node + 1) at \(entry.index)") }
            } else {
                committed[entry.index] = Committed(entry: entry, inTerm: raft.term)
            }
        }
        return nil
    }
}
