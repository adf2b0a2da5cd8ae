import Raft
import Time

/// How long the address is away when its holder falls silent in a healthy cluster: one fault, and nothing else.
package struct FailoverStudy: Hashable, Sendable {
    package enum Silence: String, Hashable, Sendable, CaseIterable {
        /// Nothing gets to the holder or away from it.
        case cutOff = "cut-off"
        case powerLost = "power-lost"

        var words: String { self == .cutOff ? "cut off" : "without power" }
    }

    package var profile: Profile
    package var silence: Silence
    package var nodes: Int
    /// At least so long takes a write, and up to six times as much.
    package var write: Nanoseconds

    package init(
        _ profile: Profile,
        _ silence: Silence,
        nodes: Int = 3,
        write: Nanoseconds = .milliseconds(0.3)
    ) {
        self.profile = profile
        self.silence = silence
        self.nodes = nodes
        self.write = write
    }

    /// The fault comes when the cluster has long settled, at any phase of the heartbeat.
    package func plan(seed: UInt64) -> Plan {
        var dice = Dice(seed: seed, stream: .plan)
        let timing = profile.timing
        let promise = timing.promise.nanoseconds
        let starts = (0..<nodes).map { _ in dice.span(0...(.milliseconds(20))) }
        let settled = Nanoseconds.seconds(1) + 4 * promise
        let fault = settled + dice.span(0...(2 * timing.heartbeat.nanoseconds))
        // Silent beyond the end of what is measured.
        let span = 3 * promise + .seconds(1)
        var plan = Plan(seed: seed, starts: starts, timing: timing, lasting: fault + span)
        plan.write = write
        plan.faults = [Plan.Step(at: fault, fault: self.fault(lasting: 2 * span))]
        return plan
    }

    private func fault(lasting span: Nanoseconds) -> Fault {
        switch silence {
        case .cutOff: .isolated(Fault.holder, .both, for: span)
        case .powerLost: .powerLost(Fault.holder, restartAfter: span)
        }
    }

    package func run(seed: UInt64) -> FailoverRun {
        let plan = plan(seed: seed)
        return FailoverRun(Simulation(plan).run(), after: plan.faults[0].at)
    }
}

/// What one of the study's runs has shown.
package struct FailoverRun: Hashable, Sendable {
    package let seed: UInt64
    /// From the fault to the address in the next holder's kernel; nil: nobody took over, or a rule was broken.
    package let time: Nanoseconds?
    /// Terms between that of the old holder and that of the next: campaigns that were split or lost.
    package let lostTerms: Int

    /// A run whose process has died.
    package init(failed seed: UInt64) {
        self.seed = seed
        (time, lostTerms) = (nil, 0)
    }

    init(_ outcome: Outcome, after fault: Nanoseconds) {
        seed = outcome.plan.seed
        let old = outcome.holdings.last { $0.from < fault }
        let next = outcome.holdings.first { $0.from > fault && $0.node != old?.node }
        guard outcome.violation == nil, let old, let next, next.from < outcome.plan.healedAt else {
            (time, lostTerms) = (nil, 0)
            return
        }
        time = next.from - fault
        let terms = outcome.leaders.keys.sorted()
        let newTerm = terms.last { outcome.leaders[$0] == next.node } ?? Term(0)
        let oldTerm = terms.last { outcome.leaders[$0] == old.node && $0 < newTerm } ?? newTerm
        lostTerms = max(0, Int(newTerm.number - oldTerm.number) - 1)
    }
}

extension FailoverRun {
    package var text: String { "\(seed) \(time ?? -1) \(lostTerms)" }

    /// Nil when it is no such run.
    package init?(text: String) {
        let numbers = text.split(separator: " ").compactMap { Int64($0) }
        guard numbers.count == 3, numbers[0] > 0, numbers[2] >= 0 else { return nil }
        seed = UInt64(numbers[0])
        time = numbers[1] < 0 ? nil : numbers[1]
        lostTerms = Int(numbers[2])
    }
}
