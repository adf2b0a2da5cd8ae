import Foundation
import Linux
import Net
import Raft
import Testing
import Time

@testable import Keeper

private let term = Term(3)
private let stranger = MACAddress(bytes: [2, 0, 0, 0, 0, 0x99]) ?? .zero
private let vips = [prefix("192.0.2.10/32"), prefix("2001:db8::10/128")]

/// Holding for an hour, and for so long already that a claim is judged.
private func holder(in lab: Lab) throws -> FakeAgent {
    var plan = lab.plan
    plan.longestLease = .seconds(3600)
    let agent = try FakeAgent(in: lab, plan)
    #expect(try agent.report() == .ready)
    try agent.send(.will(LastWill(term: term, datagrams: [])))
    try agent.send(.hold(group: "web", term, until: Clock.now() + .seconds(3000)))
    #expect(try agent.report() == .held(group: "web", term, failures: nil))
    usleep(1_100_000)
    return agent
}

@Suite(.enabled(if: isRoot)) struct `A keeper process that hears another machine claim a VIP` {
    @Test(arguments: vips) func `names it and tells the neighbours who has it`(vip: Prefix) throws {
        let lab = try Lab()
        let agent = try holder(in: lab)
        // Past the second burst, which would put it right as well.
        sleep(5)
        try lab.there.run { try ip("neigh replace \(vip.address) lladdr \(stranger) dev eth0 nud stale") }
        try lab.claim(vip.address, by: stranger)
        let notice = try #require(try agent.notice())
        #expect(notice.event == .rivalClaims)
        #expect(notice.fields.map(\.value) == ["\(vip)", "\(stranger)", "eth0", "1"])
        #expect(try eventually { try lab.neighbour("\(vip.address)") == Lab.hereMAC })
        let tally = try #require(try agent.tally { $0.conflicts > 0 })
        #expect(tally.defences == 1)
        #expect(tally.rival?.address == vip.address)
        #expect(tally.rival?.hardware == stranger)
        // Of ARP both forms, of which each is a claim.
        #expect(tally.conflicts == UInt64(Announcement.forms(of: vip.address).count))
    }

    @Test func `counts what it sends`() throws {
        let lab = try Lab()
        let agent = try holder(in: lab)
        // Two bursts of three.
        let tally = try #require(try agent.tally { $0.frames.requests >= 6 })
        #expect(tally.frames.replies == tally.frames.requests)
        #expect(tally.frames.advertisements == tally.frames.requests)
        #expect(tally.frames.failures == 0)
        #expect(tally.conflicts == 0)
    }

    @Test func `takes its leases no less serious in a flood`() throws {
        let lab = try Lab()
        let agent = try holder(in: lab)
        let end = Clock.now() + .milliseconds(600)
        try agent.send(.hold(group: "web", term, until: end))
        let frames = Announcement.frames(of: vips[0].address, from: stranger, isRouter: false)
        try lab.there.run {
            let socket = try PacketSocket(on: InterfaceIndex(named: "eth0") ?? InterfaceIndex(0))
            while !Deadline.either(end).hasPassed(at: Clock.now()) { _ = try socket.send(frames + frames + frames) }
        }
        #expect(try eventually { try lab.addresses() == [] })
        let late = Clock.now().longestElapsed(since: end)
        // The machine may be busy with anything; without a bound it would have been minutes.
        #expect(late < .seconds(2), "\(late)")
        let tally = try #require(try agent.tally { $0.conflicts > 0 })
        #expect(tally.conflicts <= 2 * UInt64(ClaimWatch.framesPerSecond))
        #expect(tally.defences == 1)
    }

    @Test func `goes on hearing on an interface that was made anew`() throws {
        let lab = try Lab()
        let agent = try holder(in: lab)
        try lab.here.run {
            try ip("link del eth0")
            try ip("link add eth0 address \(Lab.hereMAC) type veth peer name eth0 netns \(lab.there.path)")
            try ip("link set eth0 up")
        }
        try lab.there.run { try ip("link set eth0 up") }
        #expect(try eventually { try lab.addresses().count == 2 })
        let tally = try #require(
            try agent.tally { tally in
                if tally.conflicts == 0 { try? lab.claim(vips[0].address, by: stranger) }
                return tally.conflicts > 0
            }
        )
        #expect(tally.rival?.hardware == stranger)
    }
}

@Suite(.enabled(if: isRoot)) struct `A keeper process whose IPv6 VIP somebody puts on anew` {
    /// The other machine has it too, so that duplicate detection is bound to fail.
    @Test func `puts it on again without duplicate detection`() throws {
        let lab = try Lab()
        let agent = try holder(in: lab)
        try lab.there.run { try ip("address add 2001:db8::10/128 dev eth0 nodad") }
        try lab.here.run {
            try ip("address del 2001:db8::10/128 dev eth0")
            // The keeper may have been faster.
            _ = try? ip("address add 2001:db8::10/128 dev eth0")
        }
        #expect(
            try eventually {
                let shown = try lab.here.run { try ip("address show dev eth0") }
                return shown.contains("2001:db8::10/128") && !shown.contains("dadfailed")
                    && !shown.contains("tentative")
            }
        )
        withExtendedLifetime(agent) {}
    }

    /// As it is found where detection has failed before the keeper looks.
    @Test func `reports that detection has failed`() throws {
        let lab = try Lab()
        let agent = try holder(in: lab)
        try lab.there.run { try ip("address add 2001:db8::10/128 dev eth0 nodad") }
        kill(agent.keeperPID, SIGSTOP)
        try lab.here.run {
            try ip("address del 2001:db8::10/128 dev eth0")
            try ip("address add 2001:db8::10/128 dev eth0")
        }
        #expect(try eventually { try lab.here.run { try ip("address show dev eth0") }.contains("dadfailed") })
        kill(agent.keeperPID, SIGCONT)
        let tally = try #require(try agent.tally { $0.duplicates > 0 })
        #expect(tally.duplicates == 1)
        #expect(
            try eventually {
                let shown = try lab.here.run { try ip("address show dev eth0") }
                return shown.contains("2001:db8::10/128") && !shown.contains("dadfailed")
            }
        )
    }
}
