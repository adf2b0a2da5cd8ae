package import Time

/// The longest that a process was late so far when it was woken for a deadline.
package struct Lateness: Hashable, Sendable {
    package private(set) var largest = Duration.zero

    package init() {}

    /// Takes a deadline that was waited for since `armed` and heard of at `now`; returns the lateness where it is larger
    /// than any before. A deadline that had passed already when it was set makes nobody late.
    package mutating func note(_ deadline: Deadline, armed: Instant, at now: Instant) -> Duration? {
        let late = min(.zero - deadline.remaining(at: now), now.longestElapsed(since: armed))
        guard late > largest else { return nil }
        largest = late
        return late
    }
}
