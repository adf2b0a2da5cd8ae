package import Time

/// Counts what repeats instead of printing it: for lines that strangers on the network can cause.
///
/// The first line of a kind passes and opens an interval, in which so many more pass as are allowed; the others are
/// counted, and the count comes with the next that passes or, if none comes, from `summaries(at:)`.
package struct RepeatFilter: Sendable {
    package enum Verdict: Hashable, Sendable {
        /// Print it; so many of its kind were kept back before.
        case pass(suppressed: Int)
        case suppress
    }

    private struct Kind {
        var end: Instant
        var passed = 1
        var suppressed = 0
    }

    /// The same bound for all kinds together, so that many kinds are no way around it: kinds beyond it are suppressed
    /// and counted under `otherKinds`.
    private let capacity: Int
    private let interval: Duration
    private var kinds: [String: Kind] = [:]

    /// The kind under which those beyond the capacity are counted.
    package static let otherKinds = "other"

    package init(interval: Duration = .seconds(60), capacity: Int = 64) {
        self.interval = interval
        self.capacity = capacity
    }

    /// - Parameter allowance: How many of the kind pass in an interval.
    package mutating func judge(_ kind: String, allowing allowance: Int = 1, at now: Instant) -> Verdict {
        if let known = kinds[kind], !Deadline.timer(known.end).hasPassed(at: now) {
            guard known.passed < allowance else {
                kinds[kind]?.suppressed += 1
                return .suppress
            }
            kinds[kind]?.passed += 1
            return .pass(suppressed: 0)
        }
        guard kinds[kind] != nil || kinds.count < capacity else {
            kinds[Self.otherKinds, default: Kind(end: now + interval)].suppressed += 1
            return .suppress
        }
        let before = kinds[kind]?.suppressed ?? 0
        kinds[kind] = Kind(end: now + interval)
        return .pass(suppressed: before)
    }

    /// What was kept back in intervals that are over, by kind; each is told once, and silent kinds are forgotten.
    package mutating func summaries(at now: Instant) -> [(kind: String, suppressed: Int)] {
        let over = kinds.filter { Deadline.timer($0.value.end).hasPassed(at: now) }
        for kind in over.keys { kinds[kind] = nil }
        return over.filter { $0.value.suppressed > 0 }.map { ($0.key, $0.value.suppressed) }.sorted { $0.0 < $1.0 }
    }
}
