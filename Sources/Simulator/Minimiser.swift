/// Makes a failing run small: fewer faults, fewer nodes, an earlier end, as long as it breaks the same rule.
///
/// The faults are left out by delta debugging (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing
/// Input", 2002): halves first, then ever smaller parts. What is left can lose no single part of the last size tried.
package struct Minimiser {
    private let whole: Plan
    private let rule: Violation.Rule
    package private(set) var reduction: Reduction
    /// What the reduced plan breaks, and when.
    package private(set) var violation: Violation
    package private(set) var runs = 0
    /// A bound was reached before there was nothing more to leave out.
    package private(set) var isCutShort = false
    private var occurrences = 0

    package static let runLimit = 300
    /// A bound of the work, which unlike a bound of time is the same on every machine: some seconds.
    package static let occurrenceLimit = 2_000_000

    /// Minimises at once. `violation` is what the whole plan breaks.
    package init(_ plan: Plan, _ violation: Violation) {
        whole = plan
        rule = violation.rule
        self.violation = violation
        reduction = Reduction(faults: Array(plan.faults.indices.map { $0 + 1 }), until: plan.healedAt)
        minimise()
    }

    private mutating func minimise() {
        endEarlier()
        leaveOutFaults()
        if leaveOutNodes() { leaveOutFaults() }
        endEarlier()
    }

    /// Whether the smaller plan breaks the same rule; if so, it is the one to go on with.
    private mutating func accept(_ candidate: Reduction) -> Bool {
        guard runs < Self.runLimit, occurrences < Self.occurrenceLimit else {
            isCutShort = true
            return false
        }
        let outcome = Simulation(whole.reduced(by: candidate)).run()
        runs += 1
        occurrences += outcome.occurrences
        guard let violation = outcome.violation, violation.rule == rule else { return false }
        self.violation = violation
        reduction = candidate
        reduction.faults = whole.kept(by: candidate).map(\.number)
        return true
    }
}

extension Minimiser {
    private var end: Nanoseconds { reduction.until ?? whole.healedAt }

    /// What is broken before all is healed needs nothing that comes after it; for what is broken behind, search.
    private mutating func endEarlier() {
        guard violation.at >= end else { return _ = accept(end: violation.at) }
        let last = whole.kept(by: reduction).last?.step.at ?? 0
        if accept(end: last) { return }
        var tooEarly = last
        while end - tooEarly > .milliseconds(100), !isCutShort {
            let middle = tooEarly + (end - tooEarly) / 2
            if !accept(end: middle) { tooEarly = middle }
        }
    }

    /// Ends on the first whole millisecond behind `moment`, so that a command line can say it.
    private mutating func accept(end moment: Nanoseconds) -> Bool {
        let next = (moment / 1_000_000 + 1) * 1_000_000
        var candidate = reduction
        candidate.until = min(next, end)
        return accept(candidate)
    }

    private mutating func leaveOutFaults() {
        if accept(faults: []) { return }
        var parts = 2
        while let faults = reduction.faults, faults.count > 1, !isCutShort {
            parts = min(parts, faults.count)
            if leaveOutPart(of: faults, parts) {
                parts = max(parts - 1, 2)
            } else if parts == faults.count {
                return
            } else {
                parts *= 2
            }
        }
    }

    /// Leaves out the first of so many parts that is not needed.
    private mutating func leaveOutPart(of faults: [Int], _ parts: Int) -> Bool {
        for part in 0..<parts {
            let needless = faults.count * part / parts..<faults.count * (part + 1) / parts
            if accept(faults: Array(faults[..<needless.lowerBound] + faults[needless.upperBound...])) { return true }
        }
        return false
    }

    private mutating func accept(faults: [Int]) -> Bool {
        var candidate = reduction
        candidate.faults = faults
        return accept(candidate)
    }

    /// The last nodes first, so that as few as possible get another number. True when some could go.
    private mutating func leaveOutNodes() -> Bool {
        let before = reduction.without
        for node in whole.starts.indices.reversed() where whole.starts.count - reduction.without.count > fewestNodes {
            var candidate = reduction
            candidate.without = ([node + 1] + reduction.without).sorted()
            _ = accept(candidate)
        }
        return reduction.without != before
    }

    /// In a cluster of two a lost disk is a quorum lost for good, which breaks rules without a mistake.
    private var fewestNodes: Int {
        let losesDisk = whole.kept(by: reduction).contains { if case .diskLost = $0.step.fault { true } else { false } }
        return losesDisk ? 3 : 1
    }
}
