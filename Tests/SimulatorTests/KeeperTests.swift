@testable import Simulator
import Testing

/// Outside `strict`: which processes of the holder may be lost, and what it costs.
@Suite struct `A holder with a lost process` {
    static let fault = Nanoseconds.seconds(3)

    private func run(_ sabotage: Sabotage? = nil, _ faults: Fault...) -> Outcome {
        var plan = Plan(seed: 3, starts: [0, 0, 0], lasting: .seconds(8))
        plan.exclusivity = .prompt
        plan.sabotage = sabotage
        plan.faults = faults.map { Plan.Step(at: Self.fault, fault: $0) }
        return Simulation(plan).run()
    }

    @Test func `leads until the kernel has let go when its keeper is killed`() throws {
        let outcome = run(nil, .keeperKilled(Fault.holder))
        #expect(outcome.violation == nil)
        try #require(outcome.holdings.count > 1)
        let end = try #require(outcome.holdings[0].to)
        #expect(end > Self.fault + .milliseconds(500), "the kernel takes it off, and nobody before")
        #expect(outcome.holdings[1].from > end)
        #expect(outcome.holdings[1].from < end + .milliseconds(60), "it is handed over, not waited for")
        #expect(outcome.holdings[1].node != outcome.holdings[0].node)
    }

    @Test func `leads until the kernel has let go when its keeper is stopped`() throws {
        let outcome = run(nil, .keeperStopped(Fault.holder, for: .seconds(3)))
        #expect(outcome.violation == nil)
        try #require(outcome.holdings.count > 1)
        let end = try #require(outcome.holdings[0].to)
        #expect(outcome.holdings[1].from > end)
    }

    /// A keeper that goes on behind the lease's end takes the address off, and then hears that it is to hold it.
    @Test func `stays the holder when its keeper is stopped for less than the agent's patience`() {
        let outcome = run(nil, .keeperStopped(Fault.holder, for: .milliseconds(400)))
        #expect(outcome.violation == nil)
        #expect(Set(outcome.holdings.map(\.node)).count == 1)
    }

    @Test func `hands over when it has lost its keeper, stood still and gone on before its time`() {
        var plan = Plan(seed: 3, starts: [0, 0, 0], lasting: .seconds(4))
        plan.exclusivity = .prompt
        plan.faults = [
            Plan.Step(at: .seconds(3.8), fault: .keeperKilled(Fault.holder)),
            Plan.Step(at: .seconds(3.9), fault: .agentStopped(Fault.holder, for: .seconds(60))),
        ]
        #expect(Simulation(plan).run().violation == nil)
    }

    /// Node 4 asks two voters that are free of their promise one after the other, and enters a new term in vain; by it the
    /// leader, which has had a quorum all the time, would be deposed with its lost keeper's address still on.
    @Test(arguments: [223, 224, 499] as [UInt64]) func `leads until the kernel has let go, whatever term others enter`(
        seed: UInt64
    ) {
        var plan = Plan(seed: seed, starts: [0] + Array(repeating: .milliseconds(5), count: 4), lasting: .seconds(6))
        plan.exclusivity = .prompt
        plan.faults = [
            Plan.Step(at: .seconds(1.5), fault: .cut(from: 0, to: 4, for: .seconds(3))),
            Plan.Step(at: .seconds(2), fault: .cut(from: 0, to: 3, for: .seconds(0.29))),
            Plan.Step(
                at: .seconds(2.1 + 0.001 * Double(seed % 25)),
                fault: .cut(from: 0, to: 2, for: .seconds(0.35))
            ),
            Plan.Step(
                at: .seconds(2.2),
                fault: .lagging(2, .hearing, by: .milliseconds(60 + Double(seed % 40)), for: .seconds(0.3))
            ),
            Plan.Step(at: .seconds(2.2), fault: .keeperKilled(0)),
        ]
        #expect(Simulation(plan).run().violation == nil)
    }

    /// Its keeper takes it off without being told: two holders would be no excuse.
    @Test func `is not excused when its agent alone stands still`() {
        let stop = Fault.agentStopped(Fault.holder, for: .seconds(2))
        #expect(run(nil, stop).violation == nil)
        #expect(run(.keeperWithoutDeadline, stop).violation?.rule == .exclusivity)
    }

    @Test func `is excused for the kernel's lifetime when all its processes stand still`() {
        let outcome = run(nil, .everythingStopped(Fault.holder, for: .seconds(3)))
        #expect(outcome.violation == nil)
        #expect(outcome.holdings.count > 1)
    }

    /// Stopped, gone on to renew the address, and stopped once more within that: the kernel's lifetime counts from the renewal,
    /// and its node, which is cut off, can do nothing about it. Whether a stop comes within a request is a matter of chance.
    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func `is excused from its keeper's last renewal on, however short that was`(seed: UInt64) {
        var plan = Plan(seed: seed, starts: [0, 0, 0], lasting: .seconds(6))
        plan.exclusivity = .prompt
        plan.faults = [
            Plan.Step(at: .seconds(3), fault: .keeperStopped(Fault.holder, for: .seconds(3))),
            Plan.Step(at: .seconds(3.001), fault: .keeperStopped(Fault.holder, for: .milliseconds(150))),
            Plan.Step(at: .seconds(3.16), fault: .isolated(Fault.holder, .both, for: .seconds(2))),
        ]
        #expect(Simulation(plan).run().violation == nil)
    }

    /// A leader of two whose keeper was stopped twice; then bad weather takes its acknowledgements.
    @Test func `is excused in seed 325581828`() {
        let swarm = Swarm(nodes: 1...2, seconds: 20, exclusivity: .prompt)
        #expect(Simulation(.random(seed: 325_581_828, swarm)).run().violation == nil)
    }

    @Test func `is excused when its keeper is killed and it is cut off`() {
        let outcome = run(nil, .keeperKilled(Fault.holder), .isolated(Fault.holder, .both, for: .seconds(2)))
        #expect(outcome.violation == nil)
        #expect(outcome.holdings.count > 1)
    }
}

/// How long it excuses two holders.
@Suite struct `A neglected address` {
    private var neglect = Neglect()

    /// What the checker sees behind one occurrence.
    private mutating func look(at seconds: Double, keeperDown: Bool, cutOff: Bool) {
        neglect.isCutOff = cutOff
        neglect.look(
            isKeeperDown: keeperDown,
            isAgentDown: false,
            at: .seconds(seconds),
            removal: .milliseconds(20)
        )
    }

    private func isExcused(at seconds: Double) -> Bool { neglect.isExcused(at: .seconds(seconds)) }

    @Test mutating func `is excused for the kernel's lifetime from the stop of its keeper on`() {
        look(at: 1, keeperDown: true, cutOff: false)
        #expect(!isExcused(at: 1), "the agent goes on leading")
        look(at: 1.2, keeperDown: true, cutOff: true)
        #expect(isExcused(at: 2.29))
        #expect(!isExcused(at: 2.291))
    }

    @Test mutating func `is excused from its renewal on, although nobody has seen its keeper run`() {
        look(at: 1, keeperDown: true, cutOff: false)
        neglect.renew()
        look(at: 1.3, keeperDown: true, cutOff: false)
        look(at: 1.5, keeperDown: true, cutOff: true)
        #expect(isExcused(at: 2.59))
        #expect(!isExcused(at: 2.591))
    }

    @Test mutating func `is not excused when its keeper runs`() {
        look(at: 1, keeperDown: true, cutOff: true)
        look(at: 1.1, keeperDown: false, cutOff: true)
        #expect(isExcused(at: 1.12), "for as long as a removal takes")
        #expect(!isExcused(at: 1.121))
    }
}
