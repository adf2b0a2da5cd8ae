import Simulator
import Testing

/// Row 13: a machine that stands still with its kernel, and goes on as if nothing had been.
@Suite struct `A holder's machine that stands still` {
    static let fault = Nanoseconds.seconds(3)

    private func run(_ seed: UInt64, _ fault: Fault) -> Outcome {
        var plan = Plan(seed: seed, starts: [0, 0, 0], lasting: .seconds(8))
        plan.faults = [Plan.Step(at: Self.fault, fault: fault)]
        return Simulation(plan).run()
    }

    /// Outside the model: its clocks do not know. The checker allows it one exchange of heartbeats and D.
    @Test(arguments: 1...5 as ClosedRange<UInt64>) func `lets go within a heartbeat's exchange when it was frozen`(
        seed: UInt64
    ) {
        let outcome = run(seed, .frozen(Fault.holder, for: .seconds(2)))
        #expect(outcome.violation == nil)
        #expect(outcome.holdings.count > 1, "another has taken over meanwhile")
        #expect(outcome.holdings.first?.node != outcome.holdings.last?.node, "and keeps it")
    }

    /// BOOTTIME counts the sleep: it lets go before it hears of anybody.
    @Test(arguments: 1...5 as ClosedRange<UInt64>) func `lets go at once when it was suspended`(seed: UInt64) {
        let outcome = run(seed, .suspended(Fault.holder, for: .seconds(2)))
        #expect(outcome.violation == nil)
        #expect(outcome.holdings.count > 1, "another has taken over meanwhile")
        #expect(outcome.holdings.first?.node != outcome.holdings.last?.node, "and keeps it")
    }
}
