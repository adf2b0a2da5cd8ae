import Time

/// What a voter owes: to help nobody become leader before `end`.
///
/// The safety of the whole rests here (a lease is never longer than the promises of a quorum), so it shortens for one
/// reason only: whoever it was made to has said, or left as a last will, that it holds nothing any more.
struct Promise: Hashable, Sendable {
    /// The newest term whose leader it was made to; `released` of this term or a newer one ends it.
    private(set) var term: Term
    /// Over when both clocks have passed it.
    private(set) var end: Instant

    init(term: Term, end: Instant) {
        self.term = term
        self.end = end
    }

    func isOwed(at now: Instant) -> Bool { !Deadline.both(end).hasPassed(at: now) }

    /// Zero when nothing is owed.
    func left(at now: Instant) -> Duration { max(.zero, Deadline.both(end).remaining(at: now)) }

    /// Promises once more; what was promised before is not shortened, whatever the new length.
    mutating func extend(for term: Term, until end: Instant) {
        self.term = max(self.term, term)
        self.end = Instant(boottime: max(self.end.boottime, end.boottime), raw: max(self.end.raw, end.raw))
    }

    /// Ends what was promised to leaders of `term` and older ones.
    ///
    /// Older ones too: the leader of `term` was elected by a quorum that owed nothing, so their leases were over.
    mutating func release(upTo term: Term, at now: Instant) {
        if self.term <= term { end = now }
    }
}
