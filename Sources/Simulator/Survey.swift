/// Many seeds, one after the other, and what became of them.
package struct Survey: Sendable {
    package let swarm: Swarm
    package private(set) var failures = 0
    private var runs = 0
    private var occurrences = 0
    private var terms = 0
    private var holders = 0
    private var recoveries: [Nanoseconds] = []

    package init(_ swarm: Swarm) { self.swarm = swarm }

    /// Runs a seed; returns what to print when it failed.
    package mutating func run(_ seed: UInt64) -> String? {
        let outcome = Simulation.run(.random(seed: seed, swarm))
        runs += 1
        occurrences += outcome.occurrences
        terms += outcome.terms
        holders += outcome.holdings.count
        if let recovery = outcome.recovery { recoveries.append(recovery) }
        guard let violation = outcome.violation else { return nil }
        failures += 1
        return Self.describe(violation, outcome, swarm)
    }

    private static func describe(_ violation: Violation, _ outcome: Outcome, _ swarm: Swarm) -> String {
        """
        seed \(outcome.plan.seed): \(violation)
        \(outcome.trace.suffix(60).joined(separator: "\n"))
        replay: vip-switch-simulator --trace --seeds \(outcome.plan.seed) \(swarm.arguments)
        """
    }

    package var summary: String {
        let sorted = recoveries.sorted()
        func at(_ part: Double) -> String {
            sorted.isEmpty ? "-" : "\(Int(Double(sorted[Int(Double(sorted.count - 1) * part)]) / 1e6)) ms"
        }
        return
            "\(runs) seeds, \(failures) failed; \(occurrences) occurrences, \(terms) leaders, \(holders) changes of the "
            + "holder; recovery median \(at(0.5)), 99 % \(at(0.99)), worst \(at(1))"
    }
}

extension Swarm {
    /// The options of `vip-switch-simulator` that give the same plans.
    package var arguments: String {
        var arguments = "--nodes \(nodes.lowerBound)..\(nodes.upperBound) --seconds \(seconds)"
        if !isStrict { arguments += " --prompt" }
        if let sabotage { arguments += " --sabotage \(sabotage.rawValue)" }
        return arguments
    }
}
