import Linux
import Net
import Raft
import Testing
import Time

@testable import Keeper

private let vip4 = on("192.0.2.10/32")
private let vip6 = on("2001:db8::10/128")

extension Scene {
    /// Holding for an hour, with all that is said until then forgotten.
    fileprivate static func holding(_ plan: KeeperPlan = .web) -> Scene {
        var plan = plan
        plan.longestLease = .seconds(3600)
        var scene = Scene(plan)
        scene.hold(until: at(3_600_000))
        // All of many have been announced.
        scene.pass(until: at(0))
        scene.forget()
        return scene
    }

    fileprivate var contests: [String?] {
        reports.compactMap { if case .contested(_, let text) = $0 { .some(text) } else { nil } }
    }
}

@Suite struct `A keeper whose VIP somebody takes off` {
    @Test func `puts it back in the same step, without a look at all the others`() {
        var scene = Scene.holding(.many(1000))
        let lost = on("198.51.0.77/32")
        scene.lose(lost)
        #expect(scene.commands == [.add([lost])])
        #expect(scene.announced == [lost])
    }

    @Test func `says who did it`() {
        var scene = Scene.holding()
        scene.lose(vip4)
        let fields: [KeeperNotice.Field] = [
            .init("vip", "192.0.2.10/32"), .init("reason", "it was removed"),
            .init("by", "port 4711 (networkd)"),
        ]
        #expect(scene.reports == [.notice(KeeperNotice(.putBack, fields))])
    }

    @Test func `looks a moment later whether all is as the events say`() {
        var scene = Scene.holding()
        scene.lose(vip4)
        scene.addresses[vip6] = nil
        scene.pass(until: at(99))
        #expect(!scene.commands.contains(.dump))
        scene.pass(until: at(101))
        #expect(scene.commands.suffix(2) == [.dump, .add([vip6])])
    }

    @Test func `puts back what went while it was being renewed`() {
        var scene = Scene.holding()
        scene.addresses[vip4] = nil
        scene.meanwhile = [.addressRemoved(vip4, by: .stranger)]
        scene.pass(until: at(334))
        #expect(scene.commands == [.add([vip4, vip6]), .add([vip4])])
    }

    @Test func `puts back all of a flush in batches, before any renewal`() {
        var scene = Scene.holding(.many(200))
        let all = scene.addresses.keys.sorted()
        scene.now = at(333)
        scene.addresses = [:]
        scene.meanwhile = all.dropFirst().map { .addressRemoved($0, by: .stranger) }
        scene.deliver(.addressRemoved(all[0], by: .stranger))
        #expect(scene.addresses.count == 200)
        #expect(
            scene.commands.prefix(5) == [
                .add([all[0]]), .add(Array(all[1...64])), .add(Array(all[65...128])), .add(Array(all[129...192])),
                .add(Array(all[193...199])),
            ]
        )
        #expect(scene.contests == [])
    }

    @Test func `takes no echo of its own removal for a stranger's`() {
        var scene = Scene(.web)
        scene.hold(until: at(200))
        scene.now = at(200)
        scene.hold(2, until: at(400))
        scene.forget()
        scene.deliver(.addressRemoved(vip6, by: .unknown))
        #expect(scene.commands == [.dump])
        #expect(scene.reports == [])
    }

    @Test func `takes the news of what it is taking off for just that`() {
        var scene = Scene.holding()
        scene.meanwhile = [.addressRemoved(vip4, by: .unknown), .addressRemoved(vip6, by: .unknown)]
        scene.ask(.release(.all, Term(1)))
        #expect(scene.reports == [.released(.all, Term(1))])
        scene.pass(until: at(1000))
        #expect(scene.commands == [.remove([vip4, vip6]), .dump])
    }

    @Test func `leaves an address that is not held off, and says nothing`() {
        var scene = Scene()
        scene.hold(until: at(200))
        scene.ask(.release(.all, Term(1)))
        scene.forget()
        scene.deliver(.addressRemoved(vip6, by: .unknown), .addressRemoved(vip4, by: .stranger))
        #expect(scene.commands == [])
        #expect(scene.reports == [])
    }

    @Test func `restores IPv6 that was replaced under another prefix`() {
        var scene = Scene.holding()
        // As the kernel does it: to add the address once more renews the one that is there.
        scene.addresses[vip6] = nil
        scene.see(on("2001:db8::10/64"))
        #expect(scene.addresses == [vip4: false, vip6: false])
        #expect(scene.announced == [vip6])
    }

    @Test func `does not wake up again and again where nothing can be listed`() {
        var scene = Scene.holding()
        scene.cannotList = true
        scene.lose(vip4)
        scene.pass(until: at(150))
        let deadline = scene.core.nextDeadline(at: scene.now)
        #expect(deadline.map { $0.remaining(at: scene.now) > .zero } == true)
    }

    @Test func `answers for its holds all the while`() {
        var scene = Scene.holding()
        for _ in 0..<20 { scene.lose(vip4) }
        scene.ask(.hold(group: "web", Term(1), until: at(3_600_000)))
        #expect(scene.reports.last == .held(group: "web", Term(1), failures: nil))
    }
}

@Suite struct `A keeper whose VIP is fought over` {
    @Test func `answers five times within ten seconds at once, then after pauses that grow`() {
        var scene = Scene.holding()
        var pauses: [Int] = []
        for _ in 0..<12 {
            let lost = scene.now
            scene.lose(vip4)
            while scene.addresses[vip4] == nil { scene.pass(until: scene.now + .milliseconds(10)) }
            pauses.append(Int(scene.now.longestElapsed(since: lost).nanoseconds / 1_000_000))
        }
        #expect(pauses == [0, 0, 0, 0, 0, 100, 200, 400, 800, 1600, 1900, 1900])
    }

    @Test func `says so to the log once, and to the agent with each second`() {
        var scene = Scene.holding()
        for _ in 0..<6 { scene.lose(vip4) }
        let words = KeeperNotice.Event.contested
        #expect(scene.reports.count { $0.noticed == words } == 1)
        #expect(scene.contests == ["192.0.2.10/32 was taken off 6 times, last by port 4711 (networkd)"])
        for _ in 0..<5 {
            scene.pass(until: scene.now + .milliseconds(1900))
            scene.lose(vip4)
        }
        #expect(scene.reports.count { $0.noticed == words } == 1)
        #expect(scene.contests.last == "192.0.2.10/32 was taken off 11 times, last by port 4711 (networkd)")
    }

    @Test func `does not put it back with the renewals either`() {
        var scene = Scene.holding()
        for _ in 0..<8 {
            scene.lose(vip4)
            scene.pass(until: scene.now + .milliseconds(400))
        }
        scene.forget()
        scene.lose(vip4)
        scene.pass(until: scene.now + .milliseconds(700))
        #expect(scene.commands.contains(.add([vip6])))
        #expect(!scene.commands.contains(.add([vip4, vip6])))
    }

    @Test func `forgets it after ten calm seconds`() {
        var scene = Scene.holding()
        for _ in 0..<6 { scene.lose(vip4) }
        scene.pass(until: at(10_001))
        #expect(scene.contests.last == .some(nil))
        #expect(scene.reports.last?.noticed == .calm)
        scene.forget()
        scene.lose(vip4)
        #expect(scene.addresses[vip4] == false)
        #expect(scene.contests == [])
    }

    @Test func `never rests where somebody comes by now and then`() {
        var scene = Scene.holding()
        for _ in 0..<50 {
            scene.lose(vip4)
            #expect(scene.addresses[vip4] == false)
            scene.pass(until: scene.now + .milliseconds(2001))
        }
    }

    @Test func `tells the agent that it is over when the group is given up`() {
        var scene = Scene.holding()
        for _ in 0..<6 { scene.lose(vip4) }
        scene.ask(.release(.all, Term(1)))
        #expect(scene.contests.last == .some(nil))
        #expect(scene.addresses == [:])
    }
}

@Suite struct `Whatever strangers do, a keeper` {
    @Test(arguments: 0..<200 as Range<UInt64>)
    func `has all on while it holds, and none while it does not`(seed: UInt64) {
        var dice = Dice(state: seed)
        var plan = KeeperPlan.web
        plan.longestLease = .seconds(3600)
        var scene = Scene(plan)
        var term: UInt64 = 0
        var isHeld = false
        for _ in 0..<100 {
            let pause = dice.roll(0...4) == 0 ? dice.roll(0...12_000) : dice.roll(0...50)
            scene.pass(until: scene.now + .milliseconds(pause))
            switch dice.roll(0...19) {
            case 0 where !isHeld:
                term += 1
                scene.hold(term, until: scene.now + .seconds(3000))
                isHeld = true
            case 1 where isHeld:
                scene.ask(.release(.all, Term(term)))
                isHeld = false
            case 2: scene.deliver(.eventsLost)
            default: scene.attack(&dice)
            }
            let paused = scene.core.groups[0].fights
            var wanted: [Placement: Bool] = [:]
            for placement in isHeld ? [vip4, vip6] : [] {
                wanted[placement] = paused.isPaused(placement.prefix) ? scene.addresses[placement] : false
            }
            #expect(scene.addresses == wanted, "seed \(seed)")
        }
    }
}

extension Scene {
    fileprivate mutating func attack(_ dice: inout Dice) {
        let vip = dice.roll(0...1) == 0 ? vip4 : vip6
        let wide = on("\(vip.prefix.address)/\(vip == vip4 ? 24 : 64)", dice.roll(0...1) == 0 ? .eth0 : .eth1)
        let author = vip == vip6 ? Author.unknown : .stranger
        switch dice.roll(0...2) {
        case 0 where addresses[vip] != nil: lose(vip, to: author)
        case 1: see(vip, by: author)
        default:
            if wide.interface == .eth0, vip == vip6, addresses[vip] != nil { return }
            see(wide, by: author)
        }
    }
}
