import Simulator
import Testing

/// A failing run says little while most of what goes wrong in it has nothing to do with the failure.
@Suite struct `A failing seed` {
    static let swarm = Swarm(nodes: 3...5, seconds: 8, sabotage: .hastyWill)

    /// The first seeds that a planted mistake fails, with what it breaks.
    private func failures(_ swarm: Swarm, _ count: Int = 2) throws -> [(plan: Plan, violation: Violation)] {
        let found = (1...60 as ClosedRange<UInt64>).lazy.compactMap { seed in
            let plan = Plan.random(seed: seed, swarm)
            return Simulation(plan).run().violation.map { (plan, $0) }
        }
        let failures = Array(found.prefix(count))
        try #require(failures.count == count)
        return failures.map { (plan: $0.0, violation: $0.1) }
    }

    @Test(arguments: [Sabotage.hastyWill, .forgottenPromise, .lyingDisk, .withdrawnUnanswered])
    func `is made smaller and breaks the same rule`(sabotage: Sabotage) throws {
        for failure in try failures(Swarm(nodes: 3...5, seconds: 8, sabotage: sabotage)) {
            let minimiser = Minimiser(failure.plan, failure.violation)
            let plan = failure.plan.reduced(by: minimiser.reduction)
            #expect(minimiser.runs <= Minimiser.runLimit)
            #expect(plan.faults.count < max(failure.plan.faults.count, 1) || failure.plan.faults.isEmpty)
            #expect(plan.healedAt <= failure.plan.healedAt)
            let violation = Simulation(plan).run().violation
            #expect(violation?.rule == failure.violation.rule)
            #expect(violation == minimiser.violation)
        }
    }

    /// What is left is needed, or a bound was reached.
    @Test func `keeps no single fault that it could do without`() throws {
        for failure in try failures(Self.swarm) {
            let minimiser = Minimiser(failure.plan, failure.violation)
            try #require(!minimiser.isCutShort)
            let faults = try #require(minimiser.reduction.faults)
            for fault in faults {
                var smaller = minimiser.reduction
                smaller.faults = faults.filter { $0 != fault }
                let violation = Simulation(failure.plan.reduced(by: smaller)).run().violation
                #expect(violation?.rule != failure.violation.rule, "fault \(fault) of \(faults)")
            }
        }
    }

    @Test func `prints the command that repeats it`() throws {
        let failure = try #require(failures(Self.swarm, 1).first)
        let seed = failure.plan.seed
        let lines = Failure(seed, Self.swarm, failure.violation).description.split(separator: "\n")
        let reduction = Minimiser(failure.plan, failure.violation).reduction
        #expect(lines.first.map(String.init) == "seed \(seed): \(failure.violation)")
        let words =
            ["replay: vip-switch-simulate", "--seed", "\(seed)", "--nodes", "3..5", "--seconds", "8.0"]
            + ["--sabotage", "hastyWill"] + reduction.arguments
        #expect(lines.last.map(String.init) == words.joined(separator: " "))
    }
}

@Suite struct `A plan` {
    private var plan: Plan {
        var plan = Plan(seed: 1, starts: [0, 1, 2, 3], lasting: .seconds(6))
        let faults: [Fault] = [
            .isolated(Fault.holder, .both, for: 1), .cut(from: 0, to: 2, for: 1), .agentKilled(1, restartAfter: 1),
            .partitioned([1, 3], isSymmetric: true, for: 1), .partitioned([1], isSymmetric: false, for: 1),
        ]
        plan.faults = faults.enumerated().map { Plan.Step(at: .seconds(Double($0)), fault: $1) }
        return plan
    }

    @Test func `keeps the faults that are named`() {
        let reduced = plan.reduced(by: Reduction(faults: [1, 3]))
        #expect(reduced.faults == [plan.faults[0], plan.faults[2]])
        #expect(plan.reduced(by: Reduction(faults: [])).faults.isEmpty)
        #expect(plan.reduced(by: .none).faults == plan.faults)
    }

    @Test func `has nothing of what begins when it has ended`() {
        let reduced = plan.reduced(by: Reduction(until: .seconds(2)))
        #expect(reduced.healedAt == .seconds(2))
        #expect(reduced.faults == Array(plan.faults[..<2]))
        #expect(plan.reduced(by: Reduction(until: .seconds(60))).healedAt == plan.healedAt)
    }

    /// Node 2 is left out: what names it alone is gone, and those behind it move up.
    @Test func `moves up the nodes behind one that is left out`() {
        let reduced = plan.reduced(by: Reduction(without: [2]))
        #expect(reduced.starts == [0, 2, 3])
        #expect(
            reduced.faults.map(\.fault) == [
                .isolated(Fault.holder, .both, for: 1), .cut(from: 0, to: 1, for: 1),
                .partitioned([2], isSymmetric: true, for: 1),
            ]
        )
        #expect(plan.kept(by: Reduction(without: [2])).map(\.number) == [1, 2, 4])
    }

    @Test func `lacks several nodes that are left out`() {
        let reduced = plan.reduced(by: Reduction(without: [1, 3]))
        #expect(reduced.starts == [1, 3])
        #expect(
            reduced.faults.map(\.fault) == [
                .isolated(Fault.holder, .both, for: 1), .agentKilled(0, restartAfter: 1),
                .partitioned([0, 1], isSymmetric: true, for: 1), .partitioned([0], isSymmetric: false, for: 1),
            ]
        )
    }

    @Test func `says on a command line what is left of it`() {
        #expect(Reduction.none.arguments == [])
        let reduction = Reduction(faults: [3, 7, 9], without: [2, 5], until: .milliseconds(4015))
        #expect(reduction.arguments == ["--faults", "3,7,9", "--without", "2,5", "--until", "4.015"])
        #expect(Reduction(faults: []).arguments == ["--faults", "none"])
    }

    @Test(arguments: Profile.allCases) func `has the timing that its swarm is told`(profile: Profile) {
        var swarm = Swarm()
        swarm.profile = profile
        for seed in 1...20 as ClosedRange<UInt64> {
            #expect(Plan.random(seed: seed, swarm).timing == profile.timing)
        }
        #expect(swarm.arguments.suffix(2) == ["--profile", profile.rawValue])
    }
}
