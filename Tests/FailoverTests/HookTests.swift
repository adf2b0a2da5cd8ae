import Raft
import Testing
import Time

@testable import Failover

private let now = Instant(boottime: 1_000_000_000, raw: 1_000_000_000)
private let until = now + .milliseconds(238)
private let term = Term(3)
private let other = NodeID("node2")
private let minute = Duration.seconds(60)

private func failover(hasBeforeMaster: Bool = false) -> Failover {
    Failover(
        groups: [Group(name: "web", parts: ["web"], hasBeforeMaster: hasBeforeMaster)],
        hookCooldown: minute
    )
}

private func ended(_ hook: GroupHook, _ result: HookResult, in term: Term = term) -> FailoverEvent {
    .hookEnded(hook, group: "web", term, result)
}

private func aborted(_ hook: GroupHook) -> FailoverEvent { ended(hook, .aborted(reason: "exited with 1")) }

private func failed(_ hook: GroupHook, for time: Duration) -> FailoverEffect {
    .note(.hookFailed(hook, reason: "exited with 1", time), group: "web")
}

private let rank = "its hook ToMaster failed: exited with 1"
private let forgiven = FailoverEffect.note(.hookForgiven, group: "web")

extension Failover {
    /// Holds the group in `term`.
    fileprivate mutating func hold(at now: Instant = now) {
        _ = step(.leaseRenewed(term, until: until), at: now)
        _ = step(.assigned(part: "web", term), at: now)
    }

    fileprivate mutating func lose(at now: Instant = now) -> [FailoverEffect] {
        _ = step(.leaseEnded(term), at: now)
        return step(.withdrawn(term), at: now)
    }
}

@Suite struct `A group with a BeforeMaster` {
    @Test func `is assigned when that has ended, by the lease as it is then`() {
        var failover = failover(hasBeforeMaster: true)
        #expect(failover.step(.leaseRenewed(term, until: until), at: now) == [.run(.beforeMaster, group: "web")])
        let later = until + .milliseconds(50)
        #expect(failover.step(.leaseRenewed(term, until: later), at: now) == [], "the lease goes on meanwhile")
        #expect(
            failover.step(ended(.beforeMaster, .succeeded), at: now) == [.assign(part: "web", term, until: later)]
        )
        #expect(
            failover.step(.assigned(part: "web", term), at: now) == [
                .note(.held(term), group: "web"), .run(.toMaster, group: "web"),
            ]
        )
    }

    @Test func `is assigned, too, when that failed and nobody minds`() {
        var failover = failover(hasBeforeMaster: true)
        _ = failover.step(.leaseRenewed(term, until: until), at: now)
        #expect(failover.step(ended(.beforeMaster, .passed), at: now) == [.assign(part: "web", term, until: until)])
    }

    @Test func `is not assigned for the end of an earlier term's`() {
        var failover = failover(hasBeforeMaster: true)
        _ = failover.step(.leaseRenewed(term, until: until), at: now)
        _ = failover.lose()
        let next = Term(4)
        #expect(failover.step(.leaseRenewed(next, until: until), at: now) == [.run(.beforeMaster, group: "web")])
        #expect(failover.step(ended(.beforeMaster, .succeeded), at: now) == [])
        #expect(
            failover.step(ended(.beforeMaster, .succeeded, in: next), at: now) == [
                .assign(part: "web", next, until: until)
            ]
        )
    }

    @Test func `that loses the lease meanwhile runs ToSlave, which undoes what was prepared`() {
        var failover = failover(hasBeforeMaster: true)
        _ = failover.step(.leaseRenewed(term, until: until), at: now)
        #expect(failover.lose() == [.reportWithdrawn(term), .run(.toSlave, group: "web")])
        #expect(failover.step(ended(.beforeMaster, .succeeded), at: now) == [])
    }

    @Test func `that failed leaves the VIPs to others, and has them only where nobody takes them`() {
        var failover = failover(hasBeforeMaster: true)
        _ = failover.step(.leaseRenewed(term, until: until), at: now)
        #expect(
            failover.step(aborted(.beforeMaster), at: now) == [
                failed(.beforeMaster, for: minute), .rank(fault: "its hook BeforeMaster failed: exited with 1"),
            ]
        )
        #expect(failover.step(.leaseRenewed(term, until: until), at: now + .milliseconds(999)) == [])
        #expect(
            failover.step(.leaseRenewed(term, until: until), at: now + .seconds(1)) == [
                .note(.heldUnprepared, group: "web"), .assign(part: "web", term, until: until),
            ]
        )
    }

    @Test func `that failed is run again after the cooldown where nobody has the VIPs`() {
        var failover = failover(hasBeforeMaster: true)
        _ = failover.step(.leaseRenewed(term, until: until), at: now)
        _ = failover.step(aborted(.beforeMaster), at: now)
        #expect(failover.step(.timeElapsed, at: now + minute) == [forgiven, .rank(fault: nil)])
        #expect(
            failover.step(.leaseRenewed(term, until: until), at: now + minute) == [.run(.beforeMaster, group: "web")]
        )
    }
}

@Suite struct `A configuration with other hooks` {
    @Test func `has ToSlave run for a group that it does not have any more and that was being prepared`() {
        var failover = failover(hasBeforeMaster: true)
        _ = failover.step(.leaseRenewed(term, until: until), at: now)
        let effects = failover.step(.reconfigured([], upDelay: .zero), at: now)
        #expect(effects == [.run(.toSlave, group: "web")])
        #expect(failover.groups == [])
    }

    @Test func `has a BeforeMaster from the next time on, and forgets hooks of groups that are gone`() {
        var failover = failover()
        _ = failover.step(.following(leader: other), at: now)
        _ = failover.step(aborted(.toSlave), at: now)
        let groups = [Group(name: "db", parts: ["db"], hasBeforeMaster: true)]
        let effects = failover.step(.reconfigured(groups, upDelay: .zero), at: now)
        #expect(effects == [forgiven, .rank(fault: nil), .run(.toSlave, group: "db")])
        #expect(failover.step(.leaseRenewed(term, until: until), at: now) == [.run(.beforeMaster, group: "db")])
    }
}

@Suite struct `A ToMaster that failed` {
    @Test func `makes the node one that others go before, for the cooldown`() {
        var failover = failover()
        failover.hold()
        #expect(failover.step(aborted(.toMaster), at: now) == [failed(.toMaster, for: minute), .rank(fault: rank)])
        #expect(failover.nextDeadline == now + minute)
        #expect(failover.hookFault(of: "web", at: now + .seconds(20)) == "\(rank); eligible again in 40 s")
        _ = failover.lose()
        #expect(failover.step(.timeElapsed, at: now + minute) == [forgiven, .rank(fault: nil)])
        #expect(failover.hookFault(of: "web", at: now + minute) == nil)
    }

    @Test func `is run again after the cooldown where the VIPs stay, and moves nothing meanwhile`() {
        var failover = failover()
        failover.hold()
        _ = failover.step(aborted(.toMaster), at: now)
        let during = failover.step(.leaseRenewed(term, until: until), at: now + .seconds(1))
        #expect(during == [.assign(part: "web", term, until: until)])
        #expect(failover.step(.timeElapsed, at: now + minute) == [.run(.toMaster, group: "web")])
        #expect(failover.hookFault(of: "web", at: now + minute) == "\(rank); it is being run again")
        #expect(failover.step(ended(.toMaster, .succeeded), at: now + minute) == [forgiven, .rank(fault: nil)])
    }

    @Test func `waits twice as long each time, and no longer than thirty-two times`() {
        var failover = failover()
        failover.hold()
        var moment = now
        let waits = (0..<8).compactMap { _ -> Duration? in
            guard case .note(.hookFailed(_, _, let wait), _) = failover.step(aborted(.toMaster), at: moment).first
            else {
                return nil
            }
            moment = moment + wait
            _ = failover.step(.timeElapsed, at: moment)
            return wait
        }
        #expect(waits == [1, 2, 4, 8, 16, 32, 32, 32].map { minute * $0 })
    }

    @Test func `begins again with the first cooldown after a success, and not after a ToSlave that succeeded`() {
        var failover = failover()
        failover.hold()
        _ = failover.step(aborted(.toMaster), at: now)
        _ = failover.step(ended(.toSlave, .succeeded), at: now)
        _ = failover.step(.timeElapsed, at: now + minute)
        #expect(failover.step(aborted(.toMaster), at: now + minute).first == failed(.toMaster, for: minute * 2))
        _ = failover.step(ended(.toMaster, .succeeded), at: now + minute)
        #expect(failover.step(aborted(.toMaster), at: now + minute).first == failed(.toMaster, for: minute))
    }
}

@Suite struct `A ToSlave that failed` {
    @Test func `makes the node faulty until it has succeeded, and is run again`() {
        var failover = failover()
        _ = failover.step(.following(leader: other), at: now)
        let reason = "its hook ToSlave failed: exited with 1"
        #expect(failover.step(aborted(.toSlave), at: now) == [failed(.toSlave, for: minute), .rank(fault: reason)])
        #expect(failover.hookFault(of: "web", at: now) == "\(reason); it is run again in 60 s")
        #expect(failover.step(.timeElapsed, at: now + minute) == [.run(.toSlave, group: "web")])
        #expect(failover.step(aborted(.toSlave), at: now + minute) == [failed(.toSlave, for: minute * 2)])
        #expect(failover.step(.timeElapsed, at: now + minute * 3) == [.run(.toSlave, group: "web")])
        #expect(failover.step(ended(.toSlave, .succeeded), at: now + minute * 3) == [forgiven, .rank(fault: nil)])
    }

    @Test func `is not run while the group is held, and a ToMaster that succeeded makes up for it`() {
        var failover = failover()
        _ = failover.step(.following(leader: other), at: now)
        _ = failover.step(aborted(.toSlave), at: now)
        failover.hold()
        #expect(failover.step(.timeElapsed, at: now + minute) == [])
        #expect(failover.nextDeadline == now + minute * 2)
        #expect(failover.step(ended(.toMaster, .succeeded), at: now + minute) == [forgiven, .rank(fault: nil)])
    }
}
