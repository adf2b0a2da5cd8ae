import Time

/// When the neighbours are told of a group that has just been put on: a burst, the same again five seconds after the
/// first round, then every `refresh`.
///
/// A neighbour that missed the first burst (its switch was still learning, its queue was full) hears the second.
struct AnnouncementSchedule: Hashable, Sendable {
    /// From the first round of a burst to the first of the next (keepalived's `vrrp_garp_master_delay`).
    static let pause = Duration.seconds(5)

    private let announcing: KeeperPlan.Announcing
    private let begin: Instant
    /// The next round, counted from 0.
    private var round: Int

    /// - Parameter isFirstRoundOut: The addresses were announced one by one as they came on.
    init(_ announcing: KeeperPlan.Announcing, from begin: Instant, isFirstRoundOut: Bool) {
        self.announcing = announcing
        self.begin = begin
        round = isFirstRoundOut ? 1 : 0
    }

    /// When the next round is due; nil when there is none any more.
    var next: Instant? { offset(of: round).map { begin + $0 } }

    /// Whether a round is due, which it then counts as sent. Refreshes that were slept through are not made up for.
    mutating func takeRound(at now: Instant) -> Bool {
        guard isDue(at: now) else { return false }
        repeat { round += 1 } while round > 2 * announcing.count && isDue(at: now)
        return true
    }

    private func isDue(at now: Instant) -> Bool {
        next.map { Deadline.timer($0).hasPassed(at: now) } ?? false
    }

    private func offset(of round: Int) -> Duration? {
        let burst = announcing.count
        let second = max(Self.pause, announcing.interval * burst)
        if round < burst { return announcing.interval * round }
        if round < 2 * burst { return second + announcing.interval * (round - burst) }
        guard announcing.refresh > .zero else { return nil }
        return second + announcing.interval * (burst - 1) + announcing.refresh * (round - 2 * burst + 1)
    }
}
