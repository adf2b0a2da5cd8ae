import Raft

/// When a node's heartbeats came in; some are remembered, for an acknowledgement that waits for the disk.
struct Receipts {
    private struct Receipt {
        let term: Term
        let sequence: UInt64
        let at: Nanoseconds

        func isOf(_ term: Term, _ sequence: UInt64) -> Bool { self.sequence == sequence && self.term == term }
    }

    private static let limit = 1024

    private var known: [Receipt] = []
    /// Nothing newer was ever noted: what is newer need not be looked for.
    private var newestTerm = Term(0)
    private var newestSequence: UInt64 = 0

    /// Of a datagram that came twice the first arrival counts, which errs in favour of the voter.
    mutating func note(_ term: Term, _ sequence: UInt64, at moment: Nanoseconds) {
        if !isNews(term, sequence), known.contains(where: { $0.isOf(term, sequence) }) { return }
        if known.count >= Self.limit { known.removeFirst(Self.limit / 2) }
        known.append(Receipt(term: term, sequence: sequence, at: moment))
    }

    private mutating func isNews(_ term: Term, _ sequence: UInt64) -> Bool {
        guard term > newestTerm || term == newestTerm && sequence > newestSequence else { return false }
        newestTerm = term
        newestSequence = sequence
        return true
    }

    func arrival(of term: Term, _ sequence: UInt64) -> Nanoseconds? {
        known.last { $0.isOf(term, sequence) }?.at
    }
}
