import Simulator
import Testing

@Suite struct `A first bootstrap` {
    @Test(arguments: [1, 2, 3, 5, 7, 10]) func `elects one of the nodes, started in any order`(count: Int) {
        for seed in 1...10 as ClosedRange<UInt64> {
            var dice = Dice(seed: seed, stream: .plan)
            let starts = (0..<count).map { _ in Nanoseconds?.some(dice.span(0...(.seconds(1)))) }
            let outcome = Simulation.run(Plan(seed: seed, starts: starts, lasting: .seconds(2)))
            #expect(outcome.violation == nil, "\(outcome.trace.suffix(30).joined(separator: "\n"))")
            #expect(outcome.holdings.count == 1)
        }
    }

    @Test func `puts the first VIP up in tens of milliseconds`() throws {
        let outcome = Simulation.run(Plan(seed: 1, starts: [0, 0, 0], lasting: .seconds(2)))
        let first = try #require(outcome.holdings.first)
        #expect(first.from < .milliseconds(150))
    }

    @Test(arguments: 0..<3) func `waits for every node that the configuration names`(alone: Int) {
        var starts: [Nanoseconds?] = [nil, nil, nil]
        starts[alone] = 0
        expectNobody(in: Plan(seed: 1, starts: starts, lasting: .seconds(30)))
        starts[(alone + 1) % 3] = .seconds(1)
        expectNobody(in: Plan(seed: 2, starts: starts, lasting: .seconds(30)))
    }

    @Test(arguments: 0..<3) func `waits while the lists of nodes differ`(mistaken: Int) {
        var plan = Plan(seed: 1, starts: [0, 0, 0], lasting: .seconds(5))
        plan.misconfigured = [mistaken]
        let outcome = expectNobody(in: plan)
        for other in 0..<3 where other != mistaken {
            #expect(
                outcome.trace.contains { $0.hasSuffix("n\(other + 1) reports different nodes than n\(mistaken + 1)") }
            )
        }
    }

    @discardableResult
    private func expectNobody(in plan: Plan) -> Outcome {
        var plan = plan
        plan.expectsHolder = false
        let outcome = Simulation(plan, isTraced: true).run()
        #expect(outcome.violation == nil)
        #expect(outcome.terms == 0)
        #expect(outcome.holdings.isEmpty)
        return outcome
    }
}
