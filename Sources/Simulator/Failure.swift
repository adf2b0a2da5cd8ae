/// A failing seed, as it is shown: what was broken, what it takes, the end of the story, the command that repeats it.
package struct Failure: CustomStringConvertible {
    private let seed: UInt64
    private let swarm: Swarm
    private let plan: Plan
    private let violation: Violation
    private let reduction: Reduction
    private let minimiser: Minimiser?

    private static let storyLimit = 40

    /// - Parameter reduction: What was left of the plan already; such a one is not made smaller once more.
    package init(
        _ seed: UInt64,
        _ swarm: Swarm,
        _ violation: Violation,
        _ reduction: Reduction = .none,
        isMinimised: Bool = true
    ) {
        self.seed = seed
        self.swarm = swarm
        self.violation = violation
        plan = .random(seed: seed, swarm)
        minimiser = isMinimised && reduction == .none ? Minimiser(plan, violation) : nil
        self.reduction = minimiser?.reduction ?? reduction
    }

    package var description: String {
        let outcome = Simulation(plan.reduced(by: reduction), isTraced: true).run()
        let story = Array(outcome.trace.suffix(Self.storyLimit))
        return Self.text(seed, swarm, reduction, "\(violation)", story + smaller(outcome.violation))
    }

    /// - Parameter details: Lines between what was seen and the command that repeats it; with `--trace` that command
    ///   tells the whole story.
    package static func text(
        _ seed: UInt64,
        _ swarm: Swarm,
        _ reduction: Reduction,
        _ fault: String,
        _ details: [String] = []
    ) -> String {
        let command = ["vip-switch-simulate", "--seed", "\(seed)"] + swarm.arguments + reduction.arguments
        return (["seed \(seed): \(fault)"] + details + ["replay: " + command.joined(separator: " ")])
            .joined(separator: "\n")
    }

    private func smaller(_ violation: Violation?) -> [String] {
        guard let minimiser else { return [] }
        let faults = plan.kept(by: reduction)
        let nodes = "\(plan.starts.count - reduction.without.count) of \(plan.starts.count) nodes"
        let time = "\(Trace.brief(reduction.until ?? plan.healedAt)) of \(Trace.brief(plan.healedAt)) s"
        let sum = "\(faults.count) of \(plan.faults.count) faults, \(nodes), \(time)"
        let bound = minimiser.isCutShort ? "; cut short there, it may get smaller" : ""
        return ["smaller, after \(minimiser.runs) runs: \(sum)\(bound)", violation.map { "\($0)" } ?? "nothing broken"]
            + faults.map { "  #\($0.number) at \(Trace.seconds($0.step.at)): \($0.step.fault.words)" }
    }
}
