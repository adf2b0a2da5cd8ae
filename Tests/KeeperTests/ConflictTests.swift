import Linux
import Net
import Raft
import Testing
import Time

@testable import Keeper

private let vip = on("192.0.2.10/32")
private let vip6 = on("2001:db8::10/128")

private func mac(_ last: UInt8) -> MACAddress {
    guard let address = MACAddress(bytes: [2, 0, 0, 0, 0xee, last]) else { preconditionFailure("six bytes") }
    return address
}

private func claim(_ placement: Placement = vip, by last: UInt8 = 1) -> KeeperEvent {
    .claimed(AddressClaim(address: placement.prefix.address, hardware: mac(last)), on: placement.interface)
}

extension Scene {
    /// Holding `web` for so long that the former holder's frames have all arrived.
    fileprivate static func holding(_ plan: KeeperPlan = .web) -> Scene {
        var plan = plan
        plan.longestLease = .seconds(1000)
        var scene = Scene(plan)
        scene.hold(until: at(900_000))
        scene.pass(until: at(6000))
        scene.forget()
        return scene
    }

    fileprivate var tally: AnnouncementTally { core.tallies[0].tally }
    fileprivate var lines: [KeeperNotice] {
        reports.compactMap { if case .notice(let notice) = $0 { notice } else { nil } }
    }
}

@Suite struct `A keeper that hears another machine claim a VIP` {
    @Test func `defends it at once and names who it was`() {
        var scene = Scene.holding()
        scene.deliver(claim())
        #expect(scene.announced == [vip])
        #expect(
            scene.lines == [
                KeeperNotice(
                    .rivalClaims,
                    [
                        .init("vip", "192.0.2.10/32"), .init("hardware", "02:00:00:00:ee:01"),
                        .init("interface", "eth0"), .init("claims", "1"),
                    ]
                )
            ]
        )
        let rival = AnnouncementTally.Rival(
            address: vip.prefix.address,
            hardware: mac(1),
            claims: 1,
            lastClaim: at(6000)
        )
        #expect(scene.tally.conflicts == 1)
        #expect(scene.tally.defences == 1)
        #expect(scene.tally.rival == rival)
    }

    @Test func `defends each VIP once in ten seconds, and once more for what came in between`() {
        var scene = Scene.holding()
        for _ in 0..<5 {
            scene.deliver(claim())
            scene.pass(until: scene.now + .seconds(1))
        }
        #expect(scene.announced == [vip])
        scene.deliver(claim(vip6))
        #expect(scene.announced == [vip, vip6])
        scene.pass(until: at(15_999))
        #expect(scene.announced == [vip, vip6])
        scene.pass(until: at(16_000))
        #expect(scene.announced == [vip, vip6, vip])
        scene.pass(until: at(40_000))
        #expect(scene.announced == [vip, vip6, vip])
        #expect(scene.tally.conflicts == 6)
        #expect(scene.tally.defences == 3)
    }

    @Test func `writes a line a minute, and counts the rest`() {
        var scene = Scene.holding()
        for _ in 0..<61 {
            scene.deliver(claim())
            scene.pass(until: scene.now + .seconds(1))
        }
        #expect(scene.lines.map { $0.fields.last?.value } == ["1", "60"])
    }

    @Test func `writes few lines when all VIPs are claimed at once`() {
        var scene = Scene.holding(.many(100))
        for vip in scene.core.plan.groups[0].vips { scene.deliver(claim(Placement(vip, on: .eth0))) }
        #expect(scene.lines.count == ConflictLedger.noticesPerInterval)
        #expect(scene.tally.conflicts == 100)
        #expect(scene.announced.count == 100)
    }

    @Test func `takes a former holder's late frames for what they are`() {
        var scene = Scene(.web)
        scene.hold(until: at(5000))
        scene.forget()
        scene.deliver(claim())
        #expect(scene.lines == [])
        #expect(scene.tally.conflicts == 0)
        scene.pass(until: at(1000))
        scene.deliver(claim())
        #expect(scene.lines.count == 1)
    }

    @Test func `says nothing of what it does not hold`() {
        var scene = Scene(.web)
        scene.deliver(claim())
        #expect(scene.reports == [])
        #expect(scene.announced == [])
        var released = Scene.holding()
        released.ask(.release(.all, Term(1)))
        released.forget()
        released.deliver(claim())
        #expect(released.reports == [])
        #expect(released.announced == [])
    }

    @Test func `does not count its own interfaces, other addresses and other links`() {
        var scene = Scene.holding()
        for own in [Interface.eth0, .eth1].compactMap(\.hardwareAddress) {
            scene.deliver(.claimed(AddressClaim(address: vip.prefix.address, hardware: own), on: .eth0))
        }
        scene.deliver(claim(on("192.0.2.11/32")))
        scene.deliver(claim(on("192.0.2.10/32", .eth1)))
        #expect(scene.reports == [])
        #expect(scene.announced == [])
    }

    @Test func `does not defend what it has lost before the interval is over`() {
        var scene = Scene.holding()
        scene.deliver(claim(), claim())
        scene.ask(.release(.all, Term(1)))
        scene.forget()
        scene.pass(until: at(60_000))
        #expect(scene.announced == [])
        #expect(scene.core.nextDeadline(at: scene.now) == nil)
    }
}

@Suite struct `A keeper whose VIP the kernel does not use` {
    @Test(arguments: [true, false]) func `takes it off and puts it on without duplicate detection`(hasFailed: Bool) {
        var scene = Scene.holding()
        scene.standing[vip6] = hasFailed ? .failed : .tentative
        scene.deliver(.unused(vip6, hasFailed: hasFailed))
        #expect(scene.commands == [.dump, .remove([vip6]), .add([vip6])])
        #expect(scene.announced == [vip6])
        let reason = hasFailed ? "duplicate detection had failed (DADFAILED)" : "it was tentative"
        #expect(scene.lines.map { $0.fields.last?.value } == [reason])
        #expect(scene.tally.duplicates == (hasFailed ? 1 : 0))
    }

    @Test func `tries that once a second where it does not help`() {
        var scene = Scene.holding()
        scene.standing[vip6] = .failed
        scene.healsOnAdd = false
        for _ in 0..<10 {
            scene.deliver(.unused(vip6, hasFailed: true))
            scene.pass(until: scene.now + .milliseconds(100))
        }
        #expect(scene.commands.filter { $0 == .remove([vip6]) }.count == 1)
        scene.deliver(.unused(vip6, hasFailed: true))
        #expect(scene.commands.filter { $0 == .remove([vip6]) }.count == 2)
    }
}

@Suite struct `A conflict ledger` {
    @Test func `owes no more than it is asked for at once`() {
        var ledger = ConflictLedger()
        for number in 0..<100 {
            let address = IPAddress.v4(UInt32(number))
            let verdicts = [0, 1].map { ledger.mayDefend(address, at: at($0)) }
            #expect(verdicts == [true, false])
        }
        #expect(ledger.takeOwed(upTo: 64, at: at(9_999)) == [])
        #expect(ledger.takeOwed(upTo: 64, at: at(10_000)).count == 64)
        #expect(ledger.takeOwed(upTo: 64, at: at(10_000)).count == 36)
        #expect(ledger.takeOwed(upTo: 64, at: at(10_000)) == [])
    }
}

extension KeeperEvent {
    fileprivate static func unused(_ placement: Placement, hasFailed: Bool) -> KeeperEvent {
        let address = StandingAddress(
            placement: placement,
            isPermanent: false,
            isTagged: true,
            isDuplicate: hasFailed,
            isTentative: !hasFailed
        )
        return .addressSet(address, by: .kernel)
    }
}
