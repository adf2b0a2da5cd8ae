/// What is left of a random plan when a failing run is made smaller; the command line says it in the same words.
package struct Reduction: Hashable, Sendable {
    /// The faults that are kept, by their numbers in the whole plan, which begin with 1; nil: all.
    package var faults: [Int]?
    /// Nodes that never were, by their numbers in the whole plan. Those behind them move up: without n2, n3 is n2.
    package var without: [Int]
    /// When everything heals, if that is earlier than in the whole plan.
    package var until: Nanoseconds?

    package init(faults: [Int]? = nil, without: [Int] = [], until: Nanoseconds? = nil) {
        self.faults = faults
        self.without = without
        self.until = until
    }

    package static let none = Reduction()

    /// The options of `vip-switch-simulate` that reduce a plan like this.
    package var arguments: [String] {
        var arguments: [String] = []
        if let faults { arguments += ["--faults", faults.isEmpty ? "none" : Self.list(faults)] }
        if !without.isEmpty { arguments += ["--without", Self.list(without)] }
        if let until { arguments += ["--until", Trace.brief(until)] }
        return arguments
    }

    private static func list(_ numbers: [Int]) -> String { numbers.map { "\($0)" }.joined(separator: ",") }
}

extension Plan {
    /// The same plan with that much less in it.
    package func reduced(by reduction: Reduction) -> Plan {
        var plan = self
        plan.healedAt = min(healedAt, reduction.until ?? healedAt)
        plan.faults = kept(by: reduction).map(\.step)
        let kept = starts.indices.filter { !reduction.without.contains($0 + 1) }
        plan.starts = kept.map { starts[$0] }
        plan.promiseFactors = kept.map { promiseFactors[$0] }
        plan.witnesses = Set(witnesses.compactMap { kept.firstIndex(of: $0) })
        plan.misconfigured = misconfigured.compactMap { kept.firstIndex(of: $0) }
        return plan
    }

    /// The faults that are left, aimed at the nodes that are left, with their numbers in this plan.
    package func kept(by reduction: Reduction) -> [(number: Int, step: Step)] {
        let end = min(healedAt, reduction.until ?? healedAt)
        return faults.enumerated().compactMap { place, step in
            guard reduction.faults?.contains(place + 1) ?? true, step.at < end,
                let fault = reduction.without.sorted(by: >).reduce(step.fault, { $0?.without($1 - 1) })
            else { return nil }
            return (place + 1, Step(at: step.at, fault: fault))
        }
    }
}

extension Fault {
    /// The same in a cluster that lacks a node; nil: nothing of it is left.
    fileprivate func without(_ node: Int) -> Fault? {
        var fault = self
        if case .partitioned(let side, let isSymmetric, let span) = self {
            let rest = side.filter { $0 != node }
            guard !rest.isEmpty else { return nil }
            fault = .partitioned(rest, isSymmetric: isSymmetric, for: span)
        }
        var isGone = false
        fault = fault.redirected { target in
            if target == node { isGone = true }
            return target > node ? target - 1 : target
        }
        return isGone ? nil : fault
    }
}
