import Simulator
import Testing

/// A simulator is trusted for what it catches.
@Suite struct `A planted mistake` {
    /// A seed for each of them; how many random ones it takes says `vip-switch-simulate sabotages`.
    static let seeds: [Sabotage: UInt64] = [
        .deathHint: 83, .differentFounders: 2, .emptyPromise: 63, .forgottenPromise: 6,
        .forgottenReleases: 3, .halfQuorum: 1, .hastyHandover: 4, .hastyMembership: 14, .hastyResignation: 1,
        .hastyShrinking: 27, .hastyWill: 3, .heedlessVoter: 3, .keeperWithoutDeadline: 4, .lateHeartbeats: 3,
        .lateShrinking: 26, .leaseFromReceipt: 108, .longLease: 124, .lyingDisk: 1, .mixedTimings: 21,
        .oldIdentity: 89, .olderSlot: 38, .queuedHold: 3, .quickMembership: 19, .secondBootstrap: 2,
        .selflessLeader: 10, .silentKeeper: 44, .slowRemoval: 3, .staleDisk: 3, .wildClocks: 155,
        .willByNode: 3, .withdrawnUnanswered: 3,
    ]

    @Test(arguments: Sabotage.allCases)
    func `is caught among random faults`(sabotage: Sabotage) throws {
        let seed = try #require(Self.seeds[sabotage], "\(sabotage) has no seed")
        let swarm = Swarm(nodes: 3...5, seconds: 20, exclusivity: sabotage.exclusivity, sabotage: sabotage)
        let violation = try #require(Simulation(.random(seed: seed, swarm)).run().violation, "\(sabotage) is not seen")
        #expect(violation.rule.isSafety, "\(sabotage) only kept the VIP away")
    }

    /// The faults under which a mistake must show, whatever the seed; without the mistake they do no harm.
    private func expectCaught(_ sabotage: Sabotage, by faults: [Plan.Step], as rules: Set<Violation.Rule>) {
        var plan = Plan(seed: 1, starts: [0, 0, 0], lasting: .seconds(6))
        plan.faults = faults
        #expect(Simulation(plan).run().violation == nil)
        plan.sabotage = sabotage
        #expect(Simulation(plan).run().violation.map { rules.contains($0.rule) } == true)
    }

    private func step(_ seconds: Double, _ fault: Fault) -> Plan.Step { Plan.Step(at: .seconds(seconds), fault: fault) }

    /// A lease that counts from the receipt is too long by a round trip: only a slow one, and a cut behind it, show it.
    @Test func `is caught when the acknowledgements lag`() {
        let lag = step(2, .lagging(Fault.holder, .hearing, by: .milliseconds(150), for: .seconds(3)))
        let cut = step(3, .isolated(Fault.holder, .both, for: .seconds(1)))
        expectCaught(.leaseFromReceipt, by: [lag, cut], as: [.exclusivity])
    }

    /// Two voters that have forgotten their promise elect the next leader at once.
    @Test func `is caught when the voters start anew`() {
        let cut = step(3, .isolated(0, .both, for: .seconds(1)))
        let restarts = [1, 2].map { step(3.01, .agentKilled($0, restartAfter: .milliseconds(5))) }
        expectCaught(.forgottenPromise, by: [cut] + restarts, as: [.exclusivity, .promiseKept])
    }

    /// Outside `strict`: what a lost keeper left in the kernel is only covered by going on to lead.
    @Test(arguments: [
        [Fault.keeperKilled(Fault.holder)],
        [.keeperStopped(Fault.holder, for: .seconds(2))],
        [.keeperStopped(Fault.holder, for: .seconds(2)), .agentTerminated(Fault.holder, restartAfter: .seconds(2))],
    ])
    func `is caught when the holder's keeper is lost`(faults: [Fault]) {
        var plan = Plan(seed: 1, starts: [0, 0, 0], lasting: .seconds(8))
        plan.exclusivity = .prompt
        plan.faults = faults.map { step(3, $0) }
        #expect(Simulation(plan).run().violation == nil)
        plan.sabotage = .hastyResignation
        #expect(Simulation(plan).run().violation.map { [.exclusivity, .releaseIsTrue].contains($0.rule) } == true)
    }

    @Test func `is caught among random faults when keepers are lost`() {
        let swarm = Swarm(seconds: 20, exclusivity: .prompt, sabotage: .hastyResignation)
        let caught = (1...20 as ClosedRange<UInt64>).lazy
            .compactMap { Simulation(.random(seed: $0, swarm)).run().violation }.first
        #expect(caught.map { [.exclusivity, .releaseIsTrue].contains($0.rule) } == true)
    }

    /// The holder's clocks are slow and the voters' fast by more than the lease allows for.
    @Test func `is caught when the clocks run apart`() {
        let clocks = [970_000, 1_030_000, 1_030_000].enumerated().map { node, rate in
            step(2, .clocksChanged(node, boottime: Int64(rate), raw: Int64(rate)))
        }
        var plan = Plan(seed: 1, starts: [0, 0, 0], timing: .wan, lasting: .seconds(8))
        plan.faults =
            clocks + [step(4, .isolated(0, .both, for: .seconds(2))), step(4, .agentStopped(0, for: .seconds(2)))]
        #expect(Simulation(plan).run().violation.map { [.exclusivity, .promiseKept].contains($0.rule) } == true)
    }
}
