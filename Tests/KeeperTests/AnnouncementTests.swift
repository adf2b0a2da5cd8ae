import Linux
import Net
import Raft
import Testing
import Time

@testable import Keeper

private let both = [on("192.0.2.10/32"), on("2001:db8::10/128")]

extension Scene {
    /// Holding `web` since so long that only the refresh is left.
    fileprivate static func announced() -> Scene {
        var plan = KeeperPlan.web
        plan.longestLease = .seconds(1000)
        var scene = Scene(plan)
        scene.hold(until: at(900_000))
        scene.pass(until: at(10_000))
        scene.forget()
        return scene
    }

    /// When something was announced, in milliseconds from `start`, until `end`.
    fileprivate mutating func rounds(from start: Instant, until end: Instant) -> [Int64] {
        var times: [Int64] = []
        while let deadline = core.nextDeadline(at: now) {
            let next = now + max(deadline.remaining(at: now), .zero)
            if next.boottime > end.boottime { break }
            pass(until: next)
            if !announced.isEmpty { times.append((now.boottime - start.boottime) / 1_000_000) }
            announced = []
        }
        return times
    }
}

@Suite struct `A keeper announces everything anew` {
    private func expectAll(_ scene: inout Scene) {
        let start = scene.now
        #expect(scene.announced == both)
        scene.announced = []
        #expect(scene.rounds(from: start, until: start + .seconds(70)) == [200, 400, 5000, 5200, 5400, 65_400])
    }

    @Test func `when the agent asks for it`() {
        var scene = Scene.announced()
        scene.ask(.announce(group: "web"))
        expectAll(&scene)
    }

    @Test func `when the link has a carrier again`() {
        var scene = Scene.announced()
        var down = Interface.eth0
        down.isUsable = false
        scene.deliver(.interfaceChanged(down))
        #expect(scene.announced == [])
        scene.deliver(.interfaceChanged(.eth0))
        expectAll(&scene)
    }

    @Test func `when a bond or a machine's move asks for it`() {
        var scene = Scene.announced()
        scene.deliver(.peersToBeNotified(.eth1))
        #expect(scene.announced == [])
        scene.deliver(.peersToBeNotified(.eth0))
        expectAll(&scene)
    }

    @Test func `when it has not run for more than a second`() {
        var scene = Scene.announced()
        scene.now = scene.now + .milliseconds(1100)
        // Some three renewals of the kernel's lifetime were missed, but none by more than a second.
        scene.deliver(.timeElapsed)
        #expect(scene.announced == [])
        scene.now = scene.now + .milliseconds(1500)
        scene.deliver(.timeElapsed)
        expectAll(&scene)
    }

    @Test func `when the machine has slept, and its lease goes on`() {
        var scene = Scene.announced()
        scene.now.boottime += 1_500_000_000
        scene.now.raw += 10_000_000
        scene.deliver(.timeElapsed)
        #expect(scene.announced == both)
    }

    @Test func `but once for a stall of several steps`() {
        var scene = Scene.announced()
        for _ in 0..<3 {
            scene.now = scene.now + .milliseconds(1500)
            scene.deliver(.timeElapsed)
        }
        scene.pass(until: scene.now + .seconds(20))
        #expect(scene.announced.filter { $0 == both[0] }.count == 6, "two bursts of three rounds")
    }

    @Test func `but not what is held no more`() {
        var scene = Scene.announced()
        scene.ask(.release(.all, Term(1)))
        scene.forget()
        scene.ask(.announce(group: "web"))
        scene.deliver(.peersToBeNotified(.eth0))
        scene.pass(until: scene.now + .seconds(10))
        #expect(scene.announced == [])
    }
}

@Suite struct `A keeper with much to announce` {
    @Test func `sends a batch of one group in a step, the longest waiting first`() {
        var plan = KeeperPlan.many(200)
        plan.groups.append(.init(name: "db", interface: "eth0", vips: [prefix("203.0.113.1/32")]))
        var scene = Scene(plan)
        scene.hold(until: at(5000))
        scene.ask(.hold(group: "db", Term(1), until: at(5000)))
        scene.forget()
        scene.now = at(200)
        var sizes: [Int] = []
        for _ in 0..<30 where scene.now.boottime < at(300).boottime {
            scene.deliver(.timeElapsed)
            if !scene.announced.isEmpty { sizes.append(scene.announced.count) }
            scene.announced = []
            let wait = scene.core.nextDeadline(at: scene.now)?.remaining(at: scene.now) ?? .zero
            scene.now = scene.now + max(wait, .zero)
        }
        #expect(sizes.reduce(0, +) == 201)
        #expect(sizes.allSatisfy { $0 <= KeeperCore.batch })
    }

    @Test func `sends every VIP once before any repeat`() {
        var scene = Scene(.many(200))
        scene.hold(until: at(5000))
        #expect(scene.announced.count == 200)
        #expect(Set(scene.announced).count == 200)
        scene.forget()
        scene.pass(until: at(300))
        #expect(scene.announced.count == 200)
        #expect(Set(scene.announced).count == 200)
    }
}

@Suite struct `A keeper's counters` {
    @Test func `are told once a second where they have changed`() {
        var scene = Scene.announced()
        var frames = AnnouncementTally.Frames()
        frames.requests = 2
        frames.failures = 1
        let start = scene.now
        scene.core.count(frames, of: 0, at: scene.now)
        scene.core.count(frames, of: 0, at: scene.now)
        scene.deliver(.timeElapsed)
        #expect(scene.reports == [])
        scene.pass(until: start + .seconds(1))
        var tally = AnnouncementTally()
        tally.frames.requests = 4
        tally.frames.failures = 2
        #expect(scene.reports == [.tallied(group: "web", tally)])
        scene.forget()
        scene.pass(until: start + .seconds(10))
        #expect(scene.reports == [])
    }
}
