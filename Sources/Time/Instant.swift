/// A reading of the two clocks that leases and promises are kept on.
///
/// `CLOCK_BOOTTIME` counts suspend but may be slewed by NTP; `CLOCK_MONOTONIC_RAW` is never slewed but
/// sleeps with the machine. A lease is over when **either** clock says so, a promise only when **both** do,
/// so that each errs to the safe side.
package struct Instant: Hashable, Sendable {
    /// Nanoseconds on `CLOCK_BOOTTIME`.
    package var boottime: Int64
    /// Nanoseconds on `CLOCK_MONOTONIC_RAW`.
    package var raw: Int64

    package init(boottime: Int64, raw: Int64) {
        self.boottime = boottime
        self.raw = raw
    }

    package static func + (instant: Instant, interval: Duration) -> Instant {
        Instant(
            boottime: instant.boottime + interval.nanoseconds,
            raw: instant.raw + interval.nanoseconds
        )
    }

    package static func - (instant: Instant, interval: Duration) -> Instant {
        instant + (.zero - interval)
    }

    /// The time that has passed since `earlier` by the faster clock: what a leader and the keeper reckon with.
    package func longestElapsed(since earlier: Instant) -> Duration {
        .nanoseconds(max(boottime - earlier.boottime, raw - earlier.raw))
    }

    /// The time that has passed since `earlier` by the slower clock: what a voter reckons with.
    package func shortestElapsed(since earlier: Instant) -> Duration {
        .nanoseconds(min(boottime - earlier.boottime, raw - earlier.raw))
    }
}

/// A moment to wait for, and which of the clocks must have reached it.
package enum Deadline: Hashable, Sendable {
    /// Over when either clock has passed it: the end of a lease.
    case either(Instant)
    /// Over when both clocks have passed it: the end of a promise.
    case both(Instant)
    /// A timer of no safety: `CLOCK_BOOTTIME` alone.
    case timer(Instant)

    /// The time left at `now`; zero or less when the deadline has passed.
    package func remaining(at now: Instant) -> Duration { .nanoseconds(nanosecondsLeft(at: now)) }

    package func hasPassed(at now: Instant) -> Bool { nanosecondsLeft(at: now) <= 0 }

    package func isEarlier(than other: Deadline, at now: Instant) -> Bool {
        nanosecondsLeft(at: now) < other.nanosecondsLeft(at: now)
    }

    private func nanosecondsLeft(at now: Instant) -> Int64 {
        switch self {
        case .either(let end): min(end.boottime - now.boottime, end.raw - now.raw)
        case .both(let end): max(end.boottime - now.boottime, end.raw - now.raw)
        case .timer(let end): end.boottime - now.boottime
        }
    }
}

extension Duration {
    /// Of whole nanoseconds; the general one calculates with 128 bits.
    package static func * (duration: Duration, count: Int) -> Duration {
        .nanoseconds(duration.nanoseconds * Int64(count))
    }

    /// Whole nanoseconds; saturates beyond some 292 years.
    package var nanoseconds: Int64 {
        // Up to nine seconds, which is nearly all of them, one division of 64 bits does.
        if let few = Int64(exactly: attoseconds) { return few / 1_000_000_000 }
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        if overflow { return seconds < 0 ? .min : .max }
        let (sum, carry) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
        return carry ? (seconds < 0 ? .min : .max) : sum
    }

    /// Milliseconds with a fraction, for people to read.
    package var milliseconds: Double { Double(nanoseconds) / 1e6 }
}
