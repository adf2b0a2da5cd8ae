import Linux
import Net
import Raft
import Testing
import Time

@testable import Keeper

private let both = [on("192.0.2.10/32"), on("2001:db8::10/128")]

extension KeeperPlan {
    fileprivate static var fenced: KeeperPlan {
        var plan = web
        plan.isFenced = true
        plan.kernelLifetime = 10
        return plan
    }
}

@Suite struct `A keeper with a fence` {
    @Test func `opens it before the addresses come`() {
        var scene = Scene(.fenced)
        scene.hold(until: at(200))
        #expect(scene.commands == [.fence(.open(group: 0, until: at(200))), .add(both)])
        #expect(scene.reports == [.held(group: "web", Term(1), failures: nil)])
        #expect(scene.fence.ends[0] == at(180))
    }

    @Test func `looks at the clock again before the addresses come`() {
        var scene = Scene(.fenced)
        scene.cost = .milliseconds(250)
        scene.hold(until: at(200))
        #expect(scene.addresses.isEmpty)
        #expect(!scene.commands.contains(.add(both)))
    }

    @Test func `renews it with each hold, before it answers`() {
        var scene = Scene(.fenced)
        scene.hold(until: at(200))
        scene.forget()
        scene.now = at(50)
        let hold = KeeperRequest.hold(group: "web", Term(1), until: at(250))
        let effects = scene.core.step(.requested(hold), at: at(50))
        #expect(effects == [.perform(.fence(.renew(group: 0, until: at(250))))])
        let answers = scene.core.step(.answered(.fenced(.done(isRestored: false))), at: at(50))
        #expect(answers == [.report(.held(group: "web", Term(1), failures: nil))])
    }

    @Test func `announces nothing behind it once it has shut`() {
        var plan = KeeperPlan.fenced
        plan.groups = KeeperPlan.many(1000).groups
        var scene = Scene(plan)
        scene.hold(until: at(200))
        #expect(scene.announced.count < 1000)
        scene.forget()
        // Comes too late: all go off, and on again through the open gate.
        scene.now = at(50)
        scene.fence.delay = .milliseconds(300)
        scene.ask(.hold(group: "web", Term(1), until: at(250)))
        scene.pass(until: at(50))
        #expect(scene.announced.count == 1000)
        #expect(Set(scene.announced).count == 1000)
    }

    @Test func `does not repeat announcements of what cannot be taken off behind it`() {
        var scene = Scene(.fenced)
        scene.hold(until: at(1000))
        scene.stubborn = Set(both)
        scene.now = at(50)
        scene.fence.delay = .seconds(2)
        scene.ask(.hold(group: "web", Term(1), until: at(1050)))
        scene.forget()
        scene.pass(until: at(700))
        #expect(scene.announced == [])
        #expect(scene.addresses.count == 2)
    }

    @Test func `shortens it with a hold that is shorter`() {
        var scene = Scene(.fenced)
        scene.hold(until: at(200))
        scene.ask(.hold(group: "web", Term(1), until: at(100)))
        #expect(scene.fence.ends[0] == at(90))
    }

    @Test func `renews it without a hold while there is time`() {
        var scene = Scene(.fenced)
        scene.hold(until: at(1000))
        scene.pass(until: at(950))
        #expect(scene.fence.isOpen(0, at: scene.now))
        #expect(Set(scene.addresses.keys) == Set(both))
        scene.pass(until: at(1001))
        #expect(!scene.fence.isOpen(0, at: scene.now))
        #expect(scene.addresses.isEmpty)
    }

    @Test func `closes it before the addresses go`() {
        var scene = Scene(.fenced)
        scene.hold(until: at(200))
        scene.forget()
        scene.ask(.release(.all, Term(1)))
        #expect(scene.commands == [.fence(.close(groups: [0])), .remove(both), .dump])
        #expect(scene.reports == [.released(.all, Term(1))])
    }

    @Test func `closes it first when the agent is gone`() {
        var scene = Scene(.fenced)
        scene.hold(until: at(200))
        scene.forget()
        scene.deliver(.agentGone)
        #expect(scene.commands == [.fence(.close(groups: [0])), .remove(both), .dump])
        #expect(scene.wills == [.of(1)])
        #expect(scene.exit == true)
    }

    @Test func `that comes too late to renew it takes the addresses off before it opens it again`() {
        var scene = Scene(.fenced)
        scene.hold(until: at(200))
        scene.forget()
        scene.now = at(190)
        scene.ask(.hold(group: "web", Term(1), until: at(400)))
        #expect(
            scene.commands == [
                .fence(.renew(group: 0, until: at(400))), .remove(both), .fence(.open(group: 0, until: at(400))),
                .add(both),
            ]
        )
        #expect(
            scene.reports.compactMap(\.noticed) == [.fenceClosedEarly]
        )
        #expect(scene.reports.last == .held(group: "web", Term(1), failures: nil))
    }

    @Test func `that was frozen on its way to the kernel opens it before nothing`() {
        var scene = Scene(.fenced)
        scene.hold(until: at(200))
        scene.fence.delay = .milliseconds(500)
        scene.now = at(100)
        scene.ask(.hold(group: "web", Term(1), until: at(300)))
        #expect(scene.commands.contains(.remove(both)))
        scene.now = at(700)
        scene.deliver(.timeElapsed)
        #expect(scene.addresses.isEmpty)
    }

    @Test func `puts no address on that it cannot open it for, and says why`() {
        var scene = Scene(.fenced)
        scene.fence.failure = "Operation not permitted"
        scene.hold(until: at(200))
        #expect(scene.addresses.isEmpty)
        #expect(
            scene.reports.contains(
                .held(
                    group: "web",
                    Term(1),
                    failures: "cannot open the fence for 192.0.2.10/32: Operation not permitted; "
                        + "cannot open the fence for 2001:db8::10/128: Operation not permitted"
                )
            )
        )
    }

    @Test func `takes the addresses off though it cannot close it`() {
        var scene = Scene(.fenced)
        scene.hold(until: at(200))
        scene.fence.failure = "Operation not permitted"
        scene.ask(.release(.all, Term(1)))
        #expect(scene.addresses.isEmpty)
        #expect(scene.reports.contains(.released(.all, Term(1))))
        #expect(scene.reports.contains { $0.noticed == .fenceNotClosed })
        scene.fence.failure = nil
        scene.pass(until: at(150))
        #expect(scene.fence.ends.isEmpty)
    }

    @Test func `that cannot renew it any more takes the addresses off and says why`() {
        var scene = Scene(.fenced)
        scene.hold(until: at(200))
        scene.fence.failure = "Operation not permitted"
        for time in stride(from: 50, through: 400, by: 50) {
            scene.pass(until: at(time))
            scene.ask(.hold(group: "web", Term(1), until: at(time + 200)))
        }
        #expect(scene.addresses.isEmpty)
        #expect(
            scene.reports.contains(
                .held(
                    group: "web",
                    Term(1),
                    failures: "cannot close the fence for 192.0.2.10/32: Operation not permitted; "
                        + "cannot close the fence for 2001:db8::10/128: Operation not permitted"
                )
            )
        )
    }

    @Test func `reports that somebody else had removed the rules`() {
        var scene = Scene(.fenced)
        scene.hold(until: at(200))
        scene.forget()
        scene.fence.isStanding = false
        scene.now = at(50)
        scene.ask(.hold(group: "web", Term(1), until: at(250)))
        #expect(scene.commands == [.fence(.renew(group: 0, until: at(250)))])
        #expect(scene.reports.compactMap(\.noticed) == [.fenceRestored])
    }

    @Test func `does not open it for less time than the kernel can count`() {
        var scene = Scene(.fenced)
        scene.hold(until: at(11))
        #expect(scene.commands == [])
        scene.pass(until: at(12))
        #expect(!scene.commands.contains(.add(both)))
    }

    @Test func `asks for nine tenths of what is left, in whole milliseconds`() {
        #expect(FenceTime.milliseconds(until: at(239), at: at(0)) == 215)
        #expect(FenceTime.milliseconds(until: at(12), at: at(0)) == 10)
        #expect(FenceTime.milliseconds(until: at(11), at: at(0)) == nil)
        #expect(FenceTime.milliseconds(until: at(0), at: at(1)) == nil)
        var stopped = at(0)
        stopped.raw += 100_000_000
        #expect(FenceTime.milliseconds(until: at(200), at: stopped) == 90)
    }
}
