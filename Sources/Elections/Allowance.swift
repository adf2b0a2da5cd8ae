internal import Time

/// So many acts a second and no more, with as many at once.
struct Allowance: Sendable {
    private let perSecond: Int64
    /// In billionths of an act: a nanosecond adds `perSecond` of them.
    private var left: Int64
    private var refilled: Instant?

    init(perSecond: Int64) {
        self.perSecond = perSecond
        left = perSecond * Self.act
    }

    private static let act: Int64 = 1_000_000_000

    /// Takes one act; false when none is left.
    mutating func take(at now: Instant) -> Bool {
        let elapsed = refilled.map { now.shortestElapsed(since: $0) } ?? .zero
        refilled = now
        let earned = min(max(elapsed.nanoseconds, 0), Self.act) * perSecond
        left = min(left + earned, perSecond * Self.act)
        guard left >= Self.act else { return false }
        left -= Self.act
        return true
    }
}
