import Time

/// How many operations the agent may ask for: so many a second, saved up for one second at most.
struct OperationBudget: Hashable, Sendable {
    private let perSecond: Int64
    /// In billionths of an operation, so that a nanosecond earns `perSecond` of them.
    private var saved: Int64
    private var counted: Instant?

    init(perSecond: Int) {
        self.perSecond = Int64(perSecond)
        saved = self.perSecond * 1_000_000_000
    }

    /// Whether one more is allowed at `now`.
    mutating func take(at now: Instant) -> Bool {
        earn(at: now)
        guard saved >= 1_000_000_000 else { return false }
        saved -= 1_000_000_000
        return true
    }

    private mutating func earn(at now: Instant) {
        let elapsed = counted.map { now.shortestElapsed(since: $0) } ?? .zero
        counted = now
        let nanoseconds = min(max(elapsed.nanoseconds, 0), 1_000_000_000)
        saved = min(saved + nanoseconds * perSecond, perSecond * 1_000_000_000)
    }
}
