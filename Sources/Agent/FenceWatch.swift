import Time

/// When the fence has closed behind a keeper that is dead.
///
/// A gate stays open for 0.9 of what was left of a hold when the keeper asked for it, by a clock that may be slewed by a
/// tenth. The dead ask for nothing more, so after the longest lease that was ever granted every gate is closed, at whatever
/// moment before its death the keeper had been held up.
struct FenceWatch {
    private var longestLease = Duration.zero

    mutating func note(leaseUntil end: Instant, at now: Instant) {
        longestLease = max(longestLease, end.longestElapsed(since: now))
    }

    func end(afterDeathAt death: Instant) -> Deadline { .both(death + longestLease) }
}
