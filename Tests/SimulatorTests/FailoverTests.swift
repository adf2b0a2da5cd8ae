import Simulator
import Testing

/// One fault in a healthy cluster: what it costs. The rows are those of the list of known failures of Raft in the field.
@Suite struct `A cluster of three` {
    static let fault = Nanoseconds.seconds(3)

    /// Runs three nodes through one fault at 3 s and returns the time without a holder after it; nil: it never moved.
    private func gap(_ faults: Fault..., sourceLocation: SourceLocation = #_sourceLocation) -> Nanoseconds? {
        var plan = Plan(seed: 3, starts: [0, 0, 0], lasting: .seconds(8))
        plan.faults = faults.map { Plan.Step(at: Self.fault, fault: $0) }
        let outcome = Simulation.run(plan)
        if let violation = outcome.violation { Issue.record("\(violation)", sourceLocation: sourceLocation) }
        guard outcome.holdings.count > 1, let end = outcome.holdings[0].to else { return nil }
        return outcome.holdings[1].from - max(end, Self.fault)
    }

    @Test func `moves the VIP within milliseconds when its holder is told to stop`() throws {
        let outage = try #require(gap(.agentTerminated(Fault.holder, restartAfter: .seconds(2))))
        #expect(outage < .milliseconds(30))
    }

    @Test func `moves the VIP within milliseconds when its holder's agent is killed`() throws {
        let outage = try #require(gap(.agentKilled(Fault.holder, restartAfter: .seconds(2))))
        #expect(outage < .milliseconds(50))
    }

    @Test func `moves the VIP when its holder loses power`() throws {
        let outage = try #require(gap(.powerLost(Fault.holder, restartAfter: .seconds(2))))
        #expect(outage < .milliseconds(350))
    }

    @Test func `moves the VIP when its holder's agent stands still`() throws {
        let outage = try #require(gap(.agentStopped(Fault.holder, for: .seconds(2))))
        #expect(outage < .milliseconds(100))
    }

    @Test(arguments: Fault.Direction.allCases) func `moves the VIP when its holder is cut off`(
        in direction: Fault.Direction
    ) throws {
        let outage = try #require(gap(.isolated(Fault.holder, direction, for: .seconds(2))))
        #expect(outage < .milliseconds(350))
    }

    /// Row 1: a node that comes back after many timeouts disturbs nobody.
    @Test(arguments: Fault.Direction.allCases)
    func `keeps the VIP where it is when another node is cut off and returns`(
        in direction: Fault.Direction
    ) {
        #expect(gap(.isolated(1, direction, for: .seconds(3))) == nil)
        #expect(gap(.isolated(2, direction, for: .seconds(3))) == nil)
    }

    /// Row 19: an emptied disk is a new voter. That it votes shows when its vote is needed: the next node to go leaves
    /// only it and one other.
    @Test(arguments: 0..<3) func `takes in a node whose disk was lost`(node: Int) throws {
        var plan = Plan(seed: 3, starts: [0, 0, 0], lasting: .seconds(12))
        plan.faults = [
            Plan.Step(at: .seconds(3), fault: .diskLost(node, restartAfter: .milliseconds(500))),
            Plan.Step(at: .seconds(6), fault: .powerLost((node + 1) % 3, restartAfter: .seconds(60))),
        ]
        let outcome = Simulation.run(plan)
        if let violation = outcome.violation { Issue.record("\(violation)") }
        let last = try #require(outcome.holdings.last)
        #expect(last.to == nil, "the two that are left have a leader")
        #expect(last.node != (node + 1) % 3)
    }

    /// Row 11: acknowledgements of heartbeats need no disk.
    @Test func `keeps the VIP where it is while all disks are slow`() {
        let slow = (0..<3).map { Fault.slowDisk($0, write: .milliseconds(400), for: .seconds(3)) }
        #expect(gap(slow[0], slow[1], slow[2]) == nil)
    }

    /// Disks that take longer than a campaign's patience must not raise terms for ever, each with more to write.
    @Test(arguments: [30.0, 100]) func `elects another while all disks are slow`(write: Double) throws {
        let slow = (0..<3).map { Fault.slowDisk($0, write: .milliseconds(write), for: .seconds(60)) }
        let faults = slow + [.isolated(Fault.holder, .both, for: .seconds(60))]
        var plan = Plan(seed: 3, starts: [0, 0, 0], lasting: .seconds(20))
        plan.faults = faults.map { Plan.Step(at: Self.fault, fault: $0) }
        let outcome = Simulation.run(plan)
        #expect(outcome.violation == nil)
        try #require(outcome.holdings.count > 1)
        #expect(outcome.holdings[1].from < Self.fault + .seconds(10))
        #expect(outcome.terms < 10)
    }

    /// Row 16: a voter that the old leader still reaches restarts, and is asked at once by one that it does not reach.
    @Test(arguments: 1...5 as ClosedRange<UInt64>) func `has one holder when a voter restarts in a partial partition`(
        seed: UInt64
    ) {
        var plan = Plan(seed: seed, starts: [0, .milliseconds(5), .milliseconds(5)], lasting: .seconds(8))
        plan.faults = [
            Plan.Step(at: .seconds(2), fault: .cut(from: 0, to: 1, for: .seconds(6))),
            Plan.Step(at: .seconds(2), fault: .cut(from: 1, to: 0, for: .seconds(6))),
        ]
        for count in 0..<8 {
            let restart = Fault.agentKilled(2, restartAfter: .milliseconds(5))
            plan.faults.append(Plan.Step(at: .seconds(3 + 0.6 * Double(count)), fault: restart))
        }
        #expect(Simulation.run(plan).violation == nil)
    }

    /// Row 23: two of three are needed.
    @Test func `leaves the VIP nowhere when two nodes are gone`() {
        var plan = Plan(seed: 1, starts: [0, 0, 0], lasting: .seconds(20))
        plan.faults = [0, 1].map { Plan.Step(at: .seconds(3), fault: .powerLost($0, restartAfter: .seconds(60))) }
        let outcome = Simulation.run(plan)
        #expect(outcome.violation == nil)
        let alone = outcome.holdings.filter { $0.from > .seconds(3.5) && $0.from < .seconds(20) }
        #expect(alone.isEmpty)
    }
}

@Suite struct `A cluster with broken links` {
    /// Row 6: every way in which directed links of three nodes can be cut.
    @Test(arguments: 0..<64) func `recovers from any pattern of cuts`(pattern: Int) {
        let links = [(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)]
        var plan = Plan(seed: UInt64(pattern) + 1, starts: [0, 0, 0], lasting: .seconds(6))
        for (bit, link) in links.enumerated() where pattern >> bit & 1 == 1 {
            plan.faults.append(Plan.Step(at: .seconds(2), fault: .cut(from: link.0, to: link.1, for: .seconds(4))))
        }
        let outcome = Simulation.run(plan)
        #expect(outcome.violation == nil, "\(outcome.trace.suffix(40).joined(separator: "\n"))")
    }

    /// Row 7: the old leader reaches one bridge node only, which alone reaches everyone else.
    @Test(arguments: 1...10 as ClosedRange<UInt64>) func `elects another when the leader reaches a bridge only`(
        seed: UInt64
    ) {
        var plan = Plan(seed: seed, starts: [0, .milliseconds(5), 0, 0, 0], lasting: .seconds(6))
        for far in 2...4 {
            plan.faults.append(Plan.Step(at: .seconds(2), fault: .cut(from: 0, to: far, for: .seconds(20))))
            plan.faults.append(Plan.Step(at: .seconds(2), fault: .cut(from: far, to: 0, for: .seconds(20))))
        }
        let outcome = Simulation.run(plan)
        #expect(outcome.violation == nil)
        // Before the links are whole again: the majority around the bridge has the VIP.
        let last = outcome.holdings.last { $0.from < .seconds(4) }
        #expect(last.map { $0.node != 0 || outcome.holdings[0].node != 0 } == true)
    }
}
