import Raft
import Testing
import Time

@testable import Failover

private let now = Instant(boottime: 1_000_000_000, raw: 1_000_000_000)
private let until = now + .milliseconds(238)
private let term = Term(3)
private let other = NodeID("node2")

private func failover() -> Failover {
    Failover(groups: [Group(name: "default", parts: ["default"])])
}

/// A group that is held in `term`.
private func holding() -> Failover {
    var failover = failover()
    _ = failover.step(.leaseRenewed(term, until: until), at: now)
    _ = failover.step(.assigned(part: "default", term), at: now)
    return failover
}

@Suite struct `A group under a lease` {
    @Test func `is assigned until the end of the lease`() {
        var failover = failover()
        let effects = failover.step(.leaseRenewed(term, until: until), at: now)
        #expect(effects == [.assign(part: "default", term, until: until)])
        #expect(failover.groups[0].holding == .assigning(term))
    }

    @Test func `runs ToMaster once, when the keeper has assigned and announced it`() {
        var failover = failover()
        _ = failover.step(.leaseRenewed(term, until: until), at: now)
        let first = failover.step(.assigned(part: "default", term), at: now)
        let renewal = failover.step(.leaseRenewed(term, until: until + .milliseconds(50)), at: now)
        let second = failover.step(.assigned(part: "default", term), at: now)
        #expect(first == [.note(.held(term), group: "default"), .run(.toMaster, group: "default")])
        #expect(renewal == [.assign(part: "default", term, until: until + .milliseconds(50))])
        #expect(second == [])
    }

    @Test func `is withdrawn at the end of the lease, and nothing is said of it before the keeper's answer`() {
        var failover = holding()
        #expect(failover.step(.leaseEnded(term), at: now) == [.withdraw(term)])
        #expect(failover.groups[0].holding == .withdrawing(term, wasHeld: true))
    }

    @Test func `is reported withdrawn first, then told to the log and to ToSlave`() {
        var failover = holding()
        _ = failover.step(.leaseEnded(term), at: now)
        let effects = failover.step(.withdrawn(term), at: now)
        #expect(
            effects == [
                .reportWithdrawn(term), .note(.released(term), group: "default"), .run(.toSlave, group: "default"),
            ]
        )
        #expect(failover.groups[0].holding == .off)
    }

    @Test func `that was never held runs no ToSlave when the lease ends`() {
        var failover = failover()
        _ = failover.step(.leaseRenewed(term, until: until), at: now)
        _ = failover.step(.leaseEnded(term), at: now)
        #expect(failover.step(.withdrawn(term), at: now) == [.reportWithdrawn(term)])
    }

    @Test func `that is given up is not assigned again in that term, though its leader goes on leading`() {
        var failover = holding()
        _ = failover.step(.leaseEnded(term), at: now)
        let during = failover.step(.leaseRenewed(term, until: until + .milliseconds(50)), at: now)
        _ = failover.step(.withdrawn(term), at: now)
        let after = failover.step(.leaseRenewed(term, until: until + .milliseconds(100)), at: now)
        let later = failover.step(.leaseRenewed(Term(4), until: until + .milliseconds(150)), at: now)
        #expect(during == [])
        #expect(after == [])
        #expect(later == [.assign(part: "default", Term(4), until: until + .milliseconds(150))])
    }

    @Test func `that was withdrawn before leadership ended is reported at once`() {
        var failover = holding()
        _ = failover.step(.leaseEnded(term), at: now)
        _ = failover.step(.withdrawn(term), at: now)
        #expect(failover.step(.leaseEnded(term), at: now) == [.reportWithdrawn(term)])
    }

    @Test func `is not taken for withdrawn by an answer for an older term`() {
        var failover = holding()
        _ = failover.step(.leaseEnded(term), at: now)
        let effects = failover.step(.withdrawn(Term(2)), at: now)
        #expect(effects == [.reportWithdrawn(Term(2))])
        #expect(failover.groups[0].holding == .withdrawing(term, wasHeld: true))
    }

    @Test func `that the keeper let expire is assigned again by the next renewal`() {
        var failover = holding()
        let expired = failover.step(.expired(part: "default", term), at: now)
        let renewed = failover.step(.leaseRenewed(term, until: until), at: now)
        #expect(expired == [.note(.expired(term), group: "default"), .run(.toSlave, group: "default")])
        #expect(renewed == [.assign(part: "default", term, until: until)])
        #expect(failover.groups[0].holding == .assigning(term))
    }

    @Test func `ignores an answer for a term that is over`() {
        var failover = failover()
        _ = failover.step(.leaseRenewed(term, until: until), at: now)
        #expect(failover.step(.assigned(part: "default", Term(2)), at: now) == [])
    }
}

@Suite struct `A group on two interfaces` {
    @Test func `is held when both parts are`() {
        var failover = Failover(groups: [Group(name: "default", parts: ["default@eth0", "default@eth1"])])
        let asked = failover.step(.leaseRenewed(term, until: until), at: now)
        let first = failover.step(.assigned(part: "default@eth0", term), at: now)
        let second = failover.step(.assigned(part: "default@eth1", term), at: now)
        #expect(
            asked == [
                .assign(part: "default@eth0", term, until: until), .assign(part: "default@eth1", term, until: until),
            ]
        )
        #expect(first == [])
        #expect(second == [.note(.held(term), group: "default"), .run(.toMaster, group: "default")])
    }
}

@Suite struct `A node without VIPs` {
    private func failover() -> Failover { Failover(groups: [Group(name: "default", parts: [])]) }

    @Test func `runs its hooks by the lease alone`() {
        var failover = failover()
        let begun = failover.step(.leaseRenewed(term, until: until), at: now)
        let ended = failover.step(.leaseEnded(term), at: now)
        #expect(begun == [.note(.held(term), group: "default"), .run(.toMaster, group: "default")])
        #expect(
            ended == [
                .reportWithdrawn(term), .note(.released(term), group: "default"), .run(.toSlave, group: "default"),
            ]
        )
    }
}

@Suite struct `A node that follows from the start` {
    @Test func `runs ToSlave once, to undo what a crash left`() {
        var failover = failover()
        #expect(failover.step(.following(leader: nil), at: now) == [])
        #expect(failover.step(.following(leader: other), at: now) == [.run(.toSlave, group: "default")])
        #expect(failover.step(.following(leader: other), at: now) == [])
    }

    @Test func `runs none if it led first`() {
        var failover = holding()
        #expect(failover.step(.following(leader: other), at: now) == [])
    }
}

@Suite struct `A group that cannot be assigned` {
    @Test func `is noted and left to another node once, then kept, loudly`() {
        var failover = failover()
        _ = failover.step(.leaseRenewed(term, until: until), at: now)
        let failure = FailoverEvent.assignmentFailed(part: "default", term, reason: "no device")
        #expect(
            failover.step(failure, at: now) == [
                .note(.failed(term, reason: "no device"), group: "default"),
                .yield(group: "default", reason: "no device"),
            ]
        )
        #expect(failover.step(failure, at: now) == [], "the same failure at each renewal is no news")
        let another = FailoverEvent.assignmentFailed(part: "default", term, reason: "link down")
        #expect(
            failover.step(another, at: now) == [
                .note(.failed(term, reason: "link down"), group: "default"),
                .note(.kept(reason: "link down"), group: "default"),
            ],
            "within the cooldown the VIP does not circle"
        )
    }

    @Test func `is left to another node again after the cooldown`() {
        var failover = holding()
        func failure(_ reason: String) -> FailoverEvent {
            .assignmentFailed(part: "default", term, reason: reason)
        }
        let yields = [0, 59, 60].map { seconds in
            failover.step(failure("failure \(seconds)"), at: now + .seconds(seconds)).contains(
                .yield(group: "default", reason: "failure \(seconds)")
            )
        }
        #expect(yields == [true, false, true])
    }
}

@Suite struct `A node whose link has a fault` {
    private let noCarrier = FailoverEvent.linkChanged(part: "default", fault: "eth0 has no carrier")
    private let mended = FailoverEvent.linkChanged(part: "default", fault: nil)

    private func waiting() -> Failover {
        Failover(groups: [Group(name: "default", parts: ["default"])], upDelay: .seconds(1))
    }

    private func holding() -> Failover {
        var failover = waiting()
        _ = failover.step(.leaseRenewed(term, until: until), at: now)
        _ = failover.step(.assigned(part: "default", term), at: now)
        return failover
    }

    @Test func `is told to the election and to the log, and goes on holding until the election decides`() {
        var failover = holding()
        #expect(
            failover.step(noCarrier, at: now) == [
                .note(.linkLost(reason: "eth0 has no carrier"), group: "default"), .rank(fault: "eth0 has no carrier"),
            ]
        )
        #expect(failover.groups[0].holding == .held(term, since: now))
        #expect(failover.linkFault(of: "default") == "eth0 has no carrier")
    }

    @Test func `counts as good again when the link has been good for long enough`() {
        var failover = waiting()
        _ = failover.step(noCarrier, at: now)
        #expect(failover.nextDeadline == nil)
        #expect(failover.step(mended, at: now) == [])
        #expect(failover.nextDeadline == now + .seconds(1))
        #expect(failover.linkFault(of: "default") == "its link has just come back")
        #expect(failover.step(.timeElapsed, at: now + .milliseconds(999)) == [])
        #expect(
            failover.step(.timeElapsed, at: now + .seconds(1)) == [
                .note(.linkRestored, group: "default"), .rank(fault: nil),
            ]
        )
        #expect(failover.nextDeadline == nil)
    }

    @Test func `waits anew when the link goes once more meanwhile`() {
        var failover = waiting()
        _ = failover.step(noCarrier, at: now)
        _ = failover.step(mended, at: now)
        #expect(
            failover.step(noCarrier, at: now + .milliseconds(500)) == [
                .note(.linkLost(reason: "eth0 has no carrier"), group: "default")
            ]
        )
        _ = failover.step(mended, at: now + .milliseconds(900))
        #expect(failover.step(.timeElapsed, at: now + .seconds(1)) == [])
        #expect(failover.nextDeadline == now + .milliseconds(1900))
    }

    @Test func `takes good news for none where there was no fault`() {
        var failover = waiting()
        #expect(failover.step(mended, at: now) == [])
        #expect(failover.nextDeadline == nil)
    }

    @Test func `counts as good at once while it holds`() {
        var failover = holding()
        _ = failover.step(noCarrier, at: now)
        #expect(failover.step(mended, at: now) == [.note(.linkRestored, group: "default"), .rank(fault: nil)])
    }

    @Test func `has a fault as long as one of its parts has`() {
        var failover = Failover(groups: [Group(name: "a", parts: ["a@eth0", "a@eth1"])])
        let first = failover.step(.linkChanged(part: "a@eth0", fault: "eth0 is down"), at: now)
        let second = failover.step(.linkChanged(part: "a@eth1", fault: "eth1 is down"), at: now)
        let third = failover.step(.linkChanged(part: "a@eth0", fault: nil), at: now)
        let fourth = failover.step(.linkChanged(part: "a@eth1", fault: nil), at: now)
        #expect(first == [.note(.linkLost(reason: "eth0 is down"), group: "a"), .rank(fault: "eth0 is down")])
        #expect(second == [.note(.linkLost(reason: "eth1 is down"), group: "a")])
        #expect(third == [.note(.linkRestored, group: "a")])
        #expect(fourth == [.note(.linkRestored, group: "a"), .rank(fault: nil)])
    }

    @Test func `gives nothing up in the blind for what its link has caused`() {
        var failover = holding()
        _ = failover.step(.linkChanged(part: "default", fault: "eth0 is down"), at: now)
        let failure = FailoverEvent.assignmentFailed(part: "default", term, reason: "eth0 is down")
        #expect(failover.step(failure, at: now) == [.note(.failed(term, reason: "eth0 is down"), group: "default")])
    }
}
