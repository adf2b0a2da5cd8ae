import Linux
import Net
import Raft
import Testing
import Time

@testable import Keeper

private let both = [on("192.0.2.10/32"), on("2001:db8::10/128")]
private let web = KeeperScope.group("web")

@Suite struct `A keeper that is asked to hold` {
    @Test func `puts the addresses on, announces them and answers`() {
        var core = KeeperCore(.web, interfaces: [.eth0])
        #expect(core.step(.requested(.will(.of(7))), at: at(0)) == [])
        let hold = KeeperRequest.hold(group: "web", Term(7), until: at(200))
        #expect(core.step(.requested(hold), at: at(0)) == [.perform(.add(both))])
        #expect(
            core.step(.answered(.performed(failures: [:])), at: at(1)) == [
                .announce(both), .report(.held(group: "web", Term(7), failures: nil)),
            ]
        )
        #expect(core.nextDeadline(at: at(1)) == .either(at(200)))
    }

    @Test func `answers a later hold without asking the kernel`() {
        var scene = Scene()
        scene.hold(until: at(200))
        scene.forget()
        scene.ask(.hold(group: "web", Term(1), until: at(250)))
        #expect(scene.commands == [])
        #expect(scene.reports == [.held(group: "web", Term(1), failures: nil)])
    }

    @Test func `refuses without the last will of the term`() {
        var scene = Scene()
        scene.ask(.will(.of(1)))
        scene.ask(.hold(group: "web", Term(2), until: at(200)))
        #expect(
            scene.reports == [.held(group: "web", Term(2), failures: "no last will of term 2 came before")]
        )
        #expect(scene.commands == [])
    }

    @Test func `refuses an end further away than the longest lease`() {
        var scene = Scene()
        scene.hold(until: at(5001))
        #expect(
            scene.reports == [
                .held(
                    group: "web",
                    Term(1),
                    failures: "its end is further away than the longest lease, 5000.0 ms"
                )
            ]
        )
        #expect(scene.commands == [])
    }

    @Test func `refuses a group that it does not know`() {
        var scene = Scene()
        scene.ask(.will(.of(1)))
        scene.ask(.hold(group: "db", Term(1), until: at(200)))
        #expect(
            scene.reports == [
                .held(group: "db", Term(1), failures: "no group db in the keeper's configuration")
            ]
        )
    }

    @Test func `installs nothing when the end has passed`() {
        var scene = Scene()
        scene.now = at(300)
        scene.hold(until: at(200))
        #expect(scene.commands == [.dump])
        #expect(
            scene.reports == [
                .held(group: "web", Term(1), failures: "its time was over before it was on"),
                .expired(group: "web", Term(1)),
            ]
        )
    }

    @Test func `lets a later message shorten an earlier one`() {
        var scene = Scene()
        scene.hold(until: at(1000))
        scene.ask(.hold(group: "web", Term(1), until: at(100)))
        scene.forget()
        scene.pass(until: at(100))
        #expect(scene.addresses == [:])
        #expect(scene.reports == [.expired(group: "web", Term(1))])
    }

    @Test func `refuses more operations a second than any election needs, but never a shorter end`() {
        var scene = Scene()
        scene.hold(until: at(100))
        for step in 0..<2000 { scene.ask(.hold(group: "web", Term(1), until: at(101 + step))) }
        let refusal = KeeperReport.held(group: "web", Term(1), failures: "too many operations a second")
        #expect(scene.reports.count { $0 == refusal } == 2001 + 1 - KeeperCore.operationsPerSecond)
        scene.ask(.hold(group: "web", Term(1), until: at(50)))
        #expect(scene.reports.last == .held(group: "web", Term(1), failures: nil))
        scene.pass(until: at(50))
        #expect(scene.addresses == [:])
    }

    @Test func `says which addresses the kernel refused, and tries them again`() {
        var scene = Scene()
        scene.stubborn = [on("192.0.2.10/32")]
        scene.hold(until: at(4000))
        #expect(scene.reports == [.held(group: "web", Term(1), failures: "no: 192.0.2.10/32")])
        #expect(scene.announced == [on("2001:db8::10/128")])
        scene.stubborn = []
        scene.forget()
        scene.pass(until: at(1100))
        #expect(scene.addresses.count == 2)
        scene.ask(.hold(group: "web", Term(1), until: at(4000)))
        #expect(scene.reports == [.held(group: "web", Term(1), failures: nil)])
        #expect(scene.announced.contains(on("192.0.2.10/32")))
    }

    @Test func `says that the interface is missing`() {
        var scene = Scene()
        scene.interfaces = [.eth1]
        scene.deliver(.interfaceGone(.eth0))
        scene.forget()
        scene.hold(until: at(200))
        #expect(
            scene.reports == [
                .held(
                    group: "web",
                    Term(1),
                    failures: "cannot add 192.0.2.10/32 to eth0: there is no interface eth0; "
                        + "cannot add 2001:db8::10/128 to eth0: there is no interface eth0"
                )
            ]
        )
    }
}

@Suite struct `A keeper whose hold ends` {
    @Test(arguments: [
        Instant(boottime: at(200).boottime, raw: at(10).raw), Instant(boottime: at(10).boottime, raw: at(200).raw),
    ])
    func `takes the addresses off when either clock has passed the end`(now: Instant) {
        var scene = Scene()
        scene.hold(until: at(200))
        scene.forget()
        scene.now = now
        scene.deliver(.timeElapsed)
        #expect(scene.commands == [.remove(both), .dump])
        #expect(scene.reports == [.expired(group: "web", Term(1))])
        #expect(scene.addresses == [:])
    }

    @Test func `looks at the clock before it hears news`() {
        var scene = Scene()
        scene.hold(until: at(200))
        scene.now = at(201)
        scene.forget()
        scene.ask(.announce(group: "web"))
        #expect(scene.announced == [])
        #expect(scene.commands == [.remove(both), .dump])
    }

    @Test func `looks again after the kernel's answer`() {
        var scene = Scene()
        scene.cost = .milliseconds(300)
        scene.hold(until: at(200))
        #expect(scene.commands == [.add(both), .remove(both), .dump])
        #expect(scene.announced == [])
        #expect(scene.addresses == [:])
        #expect(
            scene.reports == [
                .held(group: "web", Term(1), failures: "its time was over before it was on"),
                .overran(.milliseconds(700), allowed: .milliseconds(50)),
                .expired(group: "web", Term(1)),
            ]
        )
    }

    @Test func `looks again between batches`() {
        var scene = Scene(.many(1000))
        scene.cost = .milliseconds(30)
        scene.hold(until: at(100))
        let additions = scene.commands.prefix { if case .add = $0 { true } else { false } }
        #expect(additions.count == 4)
        #expect(!scene.commands.dropFirst(4).contains { if case .add = $0 { true } else { false } })
        #expect(scene.addresses == [:])
    }

    @Test func `puts them on again for a new hold, once they were seen to be off`() {
        var scene = Scene()
        scene.hold(until: at(200))
        scene.now = at(200)
        scene.forget()
        scene.ask(.hold(group: "web", Term(1), until: at(400)))
        #expect(scene.commands == [.remove(both), .dump, .add(both)])
        #expect(scene.reports == [.expired(group: "web", Term(1)), .held(group: "web", Term(1), failures: nil)])
    }
}

@Suite struct `A keeper that is asked to release` {
    @Test func `says so when a list shows the addresses absent`() {
        var core = KeeperCore(.web, interfaces: [.eth0])
        _ = core.step(.requested(.will(.of(1))), at: at(0))
        _ = core.step(.requested(.hold(group: "web", Term(1), until: at(200))), at: at(0))
        _ = core.step(.answered(.performed(failures: [:])), at: at(0))
        #expect(core.step(.requested(.release(web, Term(1))), at: at(1)) == [.perform(.remove(both))])
        #expect(core.step(.answered(.performed(failures: [:])), at: at(2)) == [.perform(.dump)])
        #expect(
            core.step(.answered(.dumped([], [.eth0])), at: at(3)) == [.report(.released(web, Term(1)))]
        )
        #expect(core.nextDeadline(at: at(3)) == nil)
    }

    @Test func `finds them under another prefix on another interface`() {
        var scene = Scene()
        scene.hold(until: at(200))
        scene.addresses[on("192.0.2.10/24", .eth1)] = true
        scene.forget()
        scene.ask(.release(web, Term(1)))
        #expect(
            scene.commands == [.remove(both), .dump, .remove([on("192.0.2.10/24", .eth1)]), .dump]
        )
        #expect(scene.addresses == [:])
        #expect(scene.reports.last == .released(web, Term(1)))
    }

    @Test func `does not say so while one cannot be taken off`() {
        var scene = Scene()
        scene.hold(until: at(200))
        scene.stubborn = [on("192.0.2.10/32")]
        scene.ask(.release(web, Term(1)))
        scene.pass(until: at(2000))
        #expect(!scene.reports.contains(.released(web, Term(1))))
        scene.stubborn = []
        scene.pass(until: at(4000))
        #expect(scene.reports.last == .released(web, Term(1)))
        #expect(scene.reports.compactMap(\.noticed) == [.notRemoved])
    }

    @Test func `hears it while the kernel is still putting them on`() {
        var scene = Scene(.many(200))
        scene.meanwhile = [.requested(.release(web, Term(1)))]
        scene.hold(until: at(200))
        #expect(scene.commands.count == 3)
        #expect(scene.announced == [])
        #expect(
            scene.reports == [
                .held(group: "web", Term(1), failures: "released before it was on"), .released(web, Term(1)),
            ]
        )
    }

    @Test func `obeys no hold of a term that was released as a whole`() {
        var scene = Scene()
        scene.hold(2, until: at(200))
        scene.ask(.release(.all, Term(2)))
        scene.forget()
        scene.ask(.hold(group: "web", Term(2), until: at(200)))
        #expect(scene.reports == [.held(group: "web", Term(2), failures: "term 2 has been released")])
        scene.hold(3, until: at(200))
        #expect(scene.reports.last == .held(group: "web", Term(3), failures: nil))
    }

    @Test func `answers for a group that was never held`() {
        var scene = Scene()
        scene.ask(.release(.all, Term(4)))
        #expect(scene.commands == [.dump])
        #expect(scene.reports == [.released(.all, Term(4))])
    }

    @Test func `announces nothing any more`() {
        var scene = Scene()
        scene.hold(until: at(5000))
        scene.pass(until: at(100))
        scene.ask(.release(web, Term(1)))
        scene.forget()
        scene.ask(.announce(group: "web"))
        scene.pass(until: at(200_000))
        #expect(scene.announced == [])
    }

    @Test func `takes everything off and exits on a stop`() {
        var scene = Scene()
        scene.hold(until: at(200))
        scene.forget()
        scene.ask(.stop)
        #expect(scene.commands == [.remove(both), .dump])
        #expect(scene.reports == [.allOff])
        #expect(scene.exit == true)
        #expect(scene.wills == [])
    }
}

@Suite struct `A keeper whose agent is gone` {
    @Test func `takes everything off, looks, and sends the last will`() {
        var core = KeeperCore(.web, interfaces: [.eth0])
        _ = core.step(.requested(.will(.of(1))), at: at(0))
        _ = core.step(.requested(.hold(group: "web", Term(1), until: at(200))), at: at(0))
        _ = core.step(.answered(.performed(failures: [:])), at: at(0))
        #expect(core.step(.agentGone, at: at(1)) == [.perform(.remove(both))])
        #expect(core.step(.answered(.performed(failures: [:])), at: at(2)) == [.perform(.dump)])
        #expect(
            core.step(.answered(.dumped([], [.eth0])), at: at(3)) == [.send(.of(1)), .exit(isClean: true)]
        )
    }

    @Test func `obeys nothing that comes after`() {
        var scene = Scene()
        scene.ask(.will(.of(1)))
        scene.deliver(.agentGone, .requested(.hold(group: "web", Term(1), until: at(200))))
        #expect(scene.commands == [.dump])
        #expect(scene.exit == true)
    }

    @Test func `puts on no second batch when it goes between two`() {
        var scene = Scene(.many(200))
        scene.meanwhile = [.agentGone, .requested(.hold(group: "web", Term(1), until: at(300)))]
        scene.hold(until: at(200))
        #expect(scene.commands.count { if case .add = $0 { true } else { false } } == 1)
        #expect(scene.addresses == [:])
        #expect(scene.wills == [.of(1)])
    }

    @Test func `sends no will after an error of removal, though it removes in the end`() {
        var scene = Scene()
        scene.hold(until: at(200))
        scene.stubborn = Set(both)
        scene.deliver(.agentGone)
        scene.pass(until: at(20))
        scene.stubborn = []
        scene.pass(until: at(100))
        #expect(scene.addresses == [:])
        #expect(scene.exit == true)
        #expect(scene.wills == [])
    }

    @Test func `sends no will when it could not list the addresses`() {
        var scene = Scene()
        scene.hold(until: at(200))
        scene.cannotList = true
        scene.deliver(.agentGone)
        scene.cannotList = false
        scene.pass(until: at(100))
        #expect(scene.exit == true)
        #expect(scene.wills == [])
    }

    @Test func `sends the will until the end of the lease and D, and not later`() {
        for (cost, wills) in [(Duration.milliseconds(124), 1), (.milliseconds(126), 0)] {
            var scene = Scene()
            scene.hold(until: at(200))
            scene.cost = cost
            scene.deliver(.agentGone)
            #expect(scene.exit == true)
            #expect(scene.wills.count == wills)
        }
    }

    @Test func `sends no will where nothing was ever held`() {
        var scene = Scene()
        scene.ask(.will(.of(1)))
        scene.deliver(.agentGone)
        #expect(scene.exit == true)
        #expect(scene.wills == [])
    }

    @Test func `takes off a second address of an old hook before the will`() {
        var scene = Scene()
        scene.hold(until: at(200))
        scene.addresses[on("192.0.2.10/24", .eth1)] = true
        scene.deliver(.agentGone)
        #expect(scene.addresses == [:])
        #expect(scene.wills == [.of(1)])
    }

    @Test func `gives up after a while on a kernel that removes nothing`() {
        var scene = Scene()
        scene.hold(until: at(200))
        scene.stubborn = Set(both)
        scene.deliver(.agentGone)
        scene.pass(until: at(60_000))
        #expect(scene.exit == false)
        #expect(scene.wills == [])
    }

    @Test func `sends the will even when it had been asked to stop`() {
        var scene = Scene()
        scene.hold(until: at(200))
        scene.meanwhile = [.agentGone]
        scene.ask(.stop)
        #expect(scene.wills == [.of(1)])
        #expect(scene.reports.last != .allOff)
    }
}

@Suite struct `A keeper that holds` {
    @Test func `renews the kernel's lifetime at a third of it`() {
        var scene = Scene()
        scene.hold(until: at(1000))
        scene.forget()
        scene.pass(until: at(332))
        #expect(scene.commands == [])
        scene.pass(until: at(700))
        #expect(scene.commands == [.add(both), .add(both)])
    }

    @Test func `renews nothing where addresses have no lifetime`() {
        var plan = KeeperPlan.web
        plan.kernelLifetime = 0
        var scene = Scene(plan)
        scene.hold(until: at(5000))
        scene.forget()
        scene.pass(until: at(4999))
        #expect(scene.commands == [])
    }

    @Test func `puts back what a stranger removes, and announces it`() {
        var scene = Scene()
        scene.hold(until: at(200))
        scene.forget()
        scene.lose(on("192.0.2.10/32"))
        #expect(scene.commands == [.add([on("192.0.2.10/32")])])
        #expect(scene.announced == [on("192.0.2.10/32")])
        #expect(scene.reports.map(\.noticed) == [.putBack])
    }

    @Test func `gives back the lifetime that a stranger took away`() {
        var scene = Scene()
        scene.hold(until: at(200))
        scene.see(on("192.0.2.10/32"))
        #expect(scene.addresses[on("192.0.2.10/32")] == false)
    }

    @Test func `takes off what a stranger adds under another prefix`() {
        var scene = Scene()
        scene.hold(until: at(200))
        scene.see(on("192.0.2.10/24"))
        #expect(scene.addresses == [both[0]: false, both[1]: false])
    }

    @Test func `ignores what happens to other addresses`() {
        var scene = Scene()
        scene.hold(until: at(200))
        scene.forget()
        scene.lose(on("192.0.2.99/32"))
        scene.see(on("192.0.2.99/32"))
        #expect(scene.commands == [])
    }

    @Test func `looks again when events were lost`() {
        var scene = Scene()
        scene.hold(until: at(200))
        scene.addresses = [:]
        scene.deliver(.eventsLost)
        #expect(scene.addresses.count == 2)
    }

    @Test func `puts IPv6 back and announces everything when the link comes up`() {
        var scene = Scene()
        scene.hold(until: at(5000))
        var off = Interface.eth0
        off.isUp = false
        scene.interfaces = [off]
        scene.deliver(.interfaceChanged(off))
        scene.lose(both[1], to: .unknown)
        #expect(scene.addresses.keys.sorted() == [both[0]])
        scene.forget()
        scene.pass(until: at(3000))
        #expect(scene.announced == [])
        scene.interfaces = [.eth0]
        scene.deliver(.interfaceChanged(.eth0))
        #expect(scene.addresses.keys.sorted() == both)
        #expect(scene.announced == both)
    }

    @Test func `follows an interface that was removed and made again`() {
        var scene = Scene()
        scene.hold(until: at(5000))
        scene.interfaces = []
        scene.addresses = [:]
        scene.deliver(.interfaceGone(.eth0))
        let new = Interface(index: InterfaceIndex(9), name: "eth0", isUp: true, hardwareAddress: nil)
        scene.interfaces = [new]
        scene.deliver(.interfaceChanged(new))
        #expect(scene.addresses.keys.sorted() == [on("192.0.2.10/32", new.index), on("2001:db8::10/128", new.index)])
    }

    @Test func `takes the addresses off an interface that was renamed`() {
        var scene = Scene()
        scene.hold(until: at(5000))
        var renamed = Interface.eth0
        renamed.name = "old0"
        scene.interfaces = [renamed]
        scene.deliver(.interfaceChanged(renamed))
        #expect(scene.addresses == [:])
    }

    @Test func `announces in bursts and then now and then`() {
        var scene = Scene()
        scene.hold(until: at(5000))
        scene.forget()
        for end in stride(from: 4000, through: 130_000, by: 4000) {
            scene.pass(until: at(end))
            scene.ask(.hold(group: "web", Term(1), until: at(end + 5000)))
        }
        // Two rounds of the first burst are left, three of the second, and two refreshes.
        #expect(scene.announced.count == 7 * 2)
    }

    @Test func `announces the first frame of every address before the first repeat`() {
        var scene = Scene(.many(150))
        scene.hold(until: at(5000))
        #expect(scene.announced.count == 150)
        #expect(Set(scene.announced).count == 150)
        scene.pass(until: at(300))
        #expect(scene.announced.count == 300)
    }
}

@Suite struct `A keeper that does not hold` {
    @Test func `takes off a configured address that appears`() {
        var scene = Scene()
        scene.see(on("192.0.2.10/24", .eth1))
        #expect(scene.addresses == [:])
        #expect(
            scene.reports == [
                .notice(
                    KeeperNotice(
                        .strangerRemoved,
                        [
                            .init("vip", "192.0.2.10/24"), .init("interface", "eth1"),
                            .init("by", "port 4711 (networkd)"),
                        ]
                    )
                )
            ]
        )
    }

    @Test func `refuses an older will than it has`() {
        var scene = Scene()
        scene.hold(5, until: at(200))
        scene.ask(.will(.of(4)))
        #expect(scene.reports.last?.noticed == .requestRefused)
        scene.deliver(.agentGone)
        #expect(scene.wills == [.of(5)])
    }
}
