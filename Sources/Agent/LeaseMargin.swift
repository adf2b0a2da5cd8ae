import Raft
import Time

/// How close the lease has come to its end so far: the least that was left of it when it was renewed.
struct LeaseMargin {
    private var last: (term: Term, until: Instant)?
    /// Zero where it was over before it was renewed; nil before the first renewal.
    private(set) var smallest: Duration?

    /// The lease of `term` lasts until `until` from now on. A new term renews nothing, and several groups have one lease.
    mutating func note(_ term: Term, until: Instant, at now: Instant) {
        defer { last = (term, until) }
        guard let last, last.term == term, last.until != until else { return }
        let left = max(.zero, Deadline.either(last.until).remaining(at: now))
        smallest = min(smallest ?? left, left)
    }
}
