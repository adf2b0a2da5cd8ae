import Time

/// The two clocks of one machine, each running at its own rate, which changes from time to time.
struct NodeClock {
    /// In parts of a million: 1,000,000 is true.
    struct Rates: Hashable, Sendable {
        var boottime: Int64
        var raw: Int64

        static let exact = Rates(boottime: 1_000_000, raw: 1_000_000)
    }

    private(set) var rates = Rates.exact
    private var since: Nanoseconds = 0
    private var then: Instant

    /// A machine that is switched on at this moment.
    init(startedAt moment: Nanoseconds, showing reading: Instant, rates: Rates) {
        since = moment
        then = reading
        self.rates = rates
    }

    func reading(at moment: Nanoseconds) -> Instant {
        let passed = moment - since
        return Instant(
            boottime: then.boottime + passed * rates.boottime / 1_000_000,
            raw: then.raw + passed * rates.raw / 1_000_000
        )
    }

    /// Sets the clocks back: for a machine that will not have counted so much of the true time to come.
    mutating func skip(boottime: Nanoseconds, raw: Nanoseconds) {
        then = Instant(
            boottime: then.boottime - boottime * rates.boottime / 1_000_000,
            raw: then.raw - raw * rates.raw / 1_000_000
        )
    }

    mutating func change(to rates: Rates, at moment: Nanoseconds) {
        then = reading(at: moment)
        since = moment
        self.rates = rates
    }

    /// The true moment at which the deadline will have passed if the rates stay as they are.
    func moment(of deadline: Deadline) -> Nanoseconds {
        switch deadline {
        case .either(let end): min(boottime(reaches: end), raw(reaches: end))
        case .both(let end): max(boottime(reaches: end), raw(reaches: end))
        case .timer(let end): boottime(reaches: end)
        }
    }

    private func boottime(reaches end: Instant) -> Nanoseconds {
        since + trueTime(of: end.boottime.subtractingReportingOverflow(then.boottime), at: rates.boottime)
    }

    private func raw(reaches end: Instant) -> Nanoseconds {
        since + trueTime(of: end.raw.subtractingReportingOverflow(then.raw), at: rates.raw)
    }

    /// An hour stands for everything longer: no run lasts that long.
    private func trueTime(of span: (partialValue: Int64, overflow: Bool), at rate: Int64) -> Nanoseconds {
        let hour = Nanoseconds.seconds(3600)
        let clamped = span.overflow ? hour : max(-hour, min(hour, span.partialValue))
        return (clamped * 1_000_000 + rate - 1) / rate
    }
}
