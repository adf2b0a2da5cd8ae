import Raft
import Testing
import Time

@testable import Failover

private let now = Instant(boottime: 1_000_000_000, raw: 1_000_000_000)
private let until = now + .milliseconds(238)
private let term = Term(3)

private func web(_ parts: String...) -> Group { Group(name: "web", parts: parts) }
private func mail(_ parts: String...) -> Group { Group(name: "mail", parts: parts) }

/// A node that holds these groups.
private func holding(_ groups: Group...) -> Failover {
    var failover = Failover(groups: groups)
    _ = failover.step(.leaseRenewed(term, until: until), at: now)
    for part in groups.flatMap(\.parts) { _ = failover.step(.assigned(part: part, term), at: now) }
    return failover
}

extension Failover {
    fileprivate mutating func follow(_ groups: Group...) -> [FailoverEffect] {
        step(.reconfigured(groups, upDelay: .zero), at: now)
    }
}

@Suite struct `Another configuration` {
    @Test func `leaves a group that is in both as it is`() {
        var failover = holding(web("web"))
        #expect(failover.follow(web("web")) == [])
        #expect(failover.groups[0].holding == .held(term, since: now))
        #expect(failover.step(.leaseRenewed(term, until: until), at: now) == [.assign(part: "web", term, until: until)])
    }

    @Test func `has the keeper asked at the end where it took the last VIPs away`() {
        var failover = holding(web("web"))
        _ = failover.follow(web())
        #expect(failover.step(.leaseEnded(term), at: now) == [.withdraw(term)])
    }

    @Test func `has ToSlave run for a group that was being taken off when the lease ended`() {
        var failover = holding(web("web"), mail("mail"))
        _ = failover.follow(web("web"))
        _ = failover.step(.leaseEnded(term), at: now)
        let effects = failover.step(.partWithdrawn("mail"), at: now)
        #expect(effects == [.note(.released(term), group: "mail"), .run(.toSlave, group: "mail")])
    }

    @Test func `has a group that appears assigned with the next renewal, with a ToMaster of its own`() {
        var failover = holding(web("web"))
        #expect(failover.follow(web("web"), mail("mail")) == [])
        let renewal = failover.step(.leaseRenewed(term, until: until), at: now)
        #expect(renewal == [.assign(part: "web", term, until: until), .assign(part: "mail", term, until: until)])
        #expect(failover.step(.assigned(part: "web", term), at: now) == [])
        let assigned = failover.step(.assigned(part: "mail", term), at: now)
        #expect(assigned == [.note(.held(term), group: "mail"), .run(.toMaster, group: "mail")])
    }

    @Test func `has a group that is gone withdrawn, with a ToSlave when it is off`() {
        var failover = holding(web("web"), mail("mail@eth0", "mail@eth1"))
        #expect(failover.follow(web("web")) == [])
        #expect(failover.step(.leaseRenewed(term, until: until), at: now) == [.assign(part: "web", term, until: until)])
        #expect(failover.step(.partWithdrawn("mail@eth0"), at: now) == [])
        let effects = failover.step(.partWithdrawn("mail@eth1"), at: now)
        #expect(effects == [.note(.released(term), group: "mail"), .run(.toSlave, group: "mail")])
        #expect(failover.groups.map(\.name) == ["web"])
    }

    @Test func `has it withdrawn with all others where the lease ends meanwhile`() {
        var failover = holding(web("web"), mail("mail"))
        _ = failover.follow(web("web"))
        #expect(failover.step(.leaseEnded(term), at: now) == [.withdraw(term)])
        let effects = failover.step(.withdrawn(term), at: now)
        #expect(
            effects == [
                .reportWithdrawn(term), .note(.released(term), group: "web"), .run(.toSlave, group: "web"),
                .note(.released(term), group: "mail"), .run(.toSlave, group: "mail"),
            ]
        )
        #expect(failover.groups.map(\.name) == ["web"])
    }

    @Test func `does not take what the keeper refuses of a group that is gone for a failure`() {
        var failover = holding(web("web"), mail("mail"))
        _ = failover.follow(web("web"))
        #expect(failover.step(.assignmentFailed(part: "mail", term, reason: "no group mail"), at: now) == [])
    }

    @Test func `keeps a group held that is on other interfaces now`() {
        var failover = holding(web("web"))
        #expect(failover.follow(web("web@eth0", "web@eth1")) == [])
        #expect(failover.groups[0].holding == .held(term, since: now))
        let renewal = failover.step(.leaseRenewed(term, until: until), at: now)
        #expect(
            renewal == [.assign(part: "web@eth0", term, until: until), .assign(part: "web@eth1", term, until: until)]
        )
        #expect(failover.step(.assigned(part: "web@eth1", term), at: now) == [])
    }

    @Test func `waits for what a group that is still being assigned has got`() {
        var failover = Failover(groups: [web("web")])
        _ = failover.step(.leaseRenewed(term, until: until), at: now)
        _ = failover.follow(web("web", "more"))
        #expect(failover.step(.assigned(part: "web", term), at: now) == [])
        let assigned = failover.step(.assigned(part: "more", term), at: now)
        #expect(assigned == [.note(.held(term), group: "web"), .run(.toMaster, group: "web")])
    }

    @Test func `tells ToSlave to a group that appears on a follower, and nothing to one that goes`() {
        var failover = Failover(groups: [web("web")])
        _ = failover.step(.following(leader: NodeID("node2")), at: now)
        #expect(failover.follow(web("web"), mail("mail")) == [.run(.toSlave, group: "mail")])
        #expect(failover.follow(mail("mail")) == [])
        #expect(failover.groups.map(\.name) == ["mail"])
    }

    @Test func `forgets the fault of a link that does not matter any more`() {
        var failover = Failover(groups: [web("web")])
        _ = failover.step(.linkChanged(part: "web", fault: "eth0 is down"), at: now)
        #expect(failover.follow(mail("mail")) == [.rank(fault: nil)])
        #expect(failover.linkFault(of: "web") == nil)
    }
}
