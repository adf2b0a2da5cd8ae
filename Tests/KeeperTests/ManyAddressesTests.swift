import Linux
import Net
import Raft
import Testing
import Time

@testable import Keeper

private let ten = 10_000

/// Ten thousand in one group, held from the start for a minute.
private func scene(cost: Duration = .zero) -> Scene {
    var plan = KeeperPlan.many(ten)
    plan.kernelLifetime = 60
    plan.longestLease = .seconds(600)
    plan.withdrawal = .seconds(3)
    var scene = Scene(plan)
    scene.cost = cost
    return scene
}

extension Scene {
    fileprivate var added: Int { commands.reduce(0) { if case .add(let batch) = $1 { $0 + batch.count } else { $0 } } }
    fileprivate var removed: Int {
        commands.reduce(0) { if case .remove(let batch) = $1 { $0 + batch.count } else { $0 } }
    }
    fileprivate var dumps: Int { commands.count { $0 == .dump } }
}

@Suite struct `A keeper of ten thousand addresses` {
    @Test func `asks for each once, lists nothing meanwhile, and announces each once`() {
        var scene = scene()
        scene.hold(until: at(60_000))
        scene.pass(until: at(1))
        #expect(scene.added == ten)
        #expect(scene.dumps == 0)
        #expect(scene.announced.count == ten)
        #expect(Set(scene.announced).count == ten)
        #expect(scene.reports == [.held(group: "web", Term(1), failures: nil)])
        #expect(scene.core.kernel.surveys == 0)
    }

    @Test func `takes each off once, and lists them once at the end`() {
        var scene = scene()
        scene.hold(until: at(60_000))
        scene.pass(until: at(1))
        scene.forget()
        scene.ask(.release(.all, Term(1)))
        #expect(scene.removed == ten)
        #expect(scene.dumps == 1)
        #expect(scene.addresses == [:])
        #expect(scene.reports == [.released(.all, Term(1))])
        // Once for the release, and once after the list.
        #expect(scene.core.kernel.surveys == 2)
    }

    @Test func `answers a hold without a look at any of them`() {
        var scene = scene()
        scene.hold(until: at(60_000))
        scene.pass(until: at(1))
        scene.forget()
        for step in 1...100 { scene.ask(.hold(group: "web", Term(1), until: at(60_000 + step))) }
        #expect(scene.commands == [])
        #expect(scene.reports.count == 100)
        #expect(scene.core.kernel.surveys == 0)
    }

    @Test func `hears and answers renewals of the hold between batches`() {
        var scene = scene(cost: .milliseconds(3))
        scene.meanwhile = [.requested(.hold(group: "web", Term(1), until: at(60_000)))]
        scene.ask(.will(.of(1)))
        scene.ask(.hold(group: "web", Term(1), until: at(200)))
        guard case .assigning("web", Term(1), let left)? = scene.reports.first else {
            Issue.record("no word before \(scene.reports)")
            return
        }
        #expect(left == UInt32(ten - KeeperCore.batch))
        #expect(scene.addresses.count == ten)
        scene.pass(until: scene.now + .milliseconds(1))
        #expect(scene.reports.last == .held(group: "web", Term(1), failures: nil))
    }

    @Test func `announces none that was lost meanwhile`() {
        var scene = scene()
        scene.hold(until: at(60_000))
        let lost = on("198.51.39.15/32")
        #expect(scene.addresses.count == ten)
        #expect(!scene.announced.contains(lost))
        scene.stubborn = [lost]
        scene.lose(lost)
        scene.pass(until: at(1))
        #expect(scene.announced.count == ten - 1)
        #expect(!scene.announced.contains(lost))
    }

    @Test func `renews none that is fought over before its pause is over`() {
        var scene = scene()
        scene.hold(until: at(120_000))
        let fought = on("198.51.30.7/32")
        scene.pass(until: at(19_999))
        for _ in 0...Fights.tolerance { scene.lose(fought) }
        #expect(scene.addresses[fought] == nil)
        scene.pass(until: at(20_050))
        #expect(scene.addresses.count == ten - 1)
        scene.pass(until: at(20_100))
        #expect(scene.addresses.count == ten)
    }

    @Test func `stops putting them on when the hold is over, and takes off what is on`() {
        var scene = scene(cost: .milliseconds(10))
        scene.hold(until: at(100))
        #expect(scene.added < ten / 2)
        #expect(scene.removed == scene.added)
        #expect(scene.addresses == [:])
        #expect(scene.reports.last == .expired(group: "web", Term(1)))
    }

    @Test func `asks for fewer at a time where the kernel is slow, and for more where it is quick`() {
        var slow = scene(cost: .milliseconds(40))
        slow.hold(until: at(600_000))
        guard case .add(let batch)? = slow.commands.last(where: { if case .add = $0 { true } else { false } }) else {
            Issue.record("nothing added")
            return
        }
        #expect(batch.count == 1)
        var quick = scene()
        quick.hold(until: at(60_000))
        #expect(quick.commands.count < ten / BatchPace.most + 4)
    }

    @Test func `refreshes all of them in a third of the lifetime, and puts a lost one back before`() {
        var scene = scene()
        scene.hold(until: at(120_000))
        scene.pass(until: at(1))
        scene.forget()
        let lost = on("198.51.30.7/32")
        scene.now = at(20_000)
        scene.addresses[lost] = nil
        scene.meanwhile = [.eventsLost]
        scene.deliver(.timeElapsed)
        #expect(scene.addresses.count == ten)
        #expect(scene.added == ten + 1)
        let first = scene.commands.first { if case .add(let batch) = $0 { batch == [lost] } else { false } }
        let place = scene.commands.firstIndex { $0 == first }
        #expect(place.map { $0 < 5 } == true)
    }

    @Test func `tells which of them failed, and tries those alone again`() {
        var scene = scene()
        scene.stubborn = [on("198.51.0.7/32"), on("198.51.39.15/32")]
        scene.hold(until: at(60_000))
        scene.pass(until: at(1))
        #expect(
            scene.reports == [
                .held(group: "web", Term(1), failures: "no: 198.51.0.7/32; no: 198.51.39.15/32")
            ]
        )
        scene.stubborn = []
        scene.forget()
        scene.pass(until: at(1_500))
        #expect(scene.added == 2)
        #expect(scene.addresses.count == ten)
    }

    @Test func `puts a group of one on before the rest of one of thousands`() {
        var plan = KeeperPlan.many(ten)
        plan.groups.append(.init(name: "db", interface: "eth1", vips: [prefix("192.0.2.20/32")]))
        var scene = Scene(plan)
        scene.meanwhile = [.requested(.hold(group: "db", Term(1), until: at(4_000)))]
        scene.hold(until: at(4_000))
        #expect(scene.commands.dropFirst().first == .add([on("192.0.2.20/32", .eth1)]))
    }
}

@Suite struct `A keeper that takes longer than D` {
    @Test func `says so when the hold ran out`() {
        var scene = Scene()
        scene.hold(until: at(100))
        scene.forget()
        scene.cost = .milliseconds(40)
        scene.pass(until: at(100))
        #expect(
            scene.reports == [
                .overran(.milliseconds(80), allowed: .milliseconds(50)), .expired(group: "web", Term(1)),
            ]
        )
    }

    @Test func `says so when it was asked to release`() {
        var scene = Scene()
        scene.hold(until: at(1_000))
        scene.forget()
        scene.cost = .milliseconds(40)
        scene.ask(.release(.all, Term(1)))
        #expect(
            scene.reports == [.overran(.milliseconds(80), allowed: .milliseconds(50)), .released(.all, Term(1))]
        )
    }

    @Test func `says nothing when a stranger's address was on for long`() {
        var scene = Scene()
        scene.hold(until: at(4_000))
        scene.forget()
        scene.see(on("192.0.2.10/24"))
        scene.pass(until: at(190))
        #expect(scene.commands == [.remove([on("192.0.2.10/24")]), .dump])
        #expect(!scene.reports.contains { if case .overran = $0 { true } else { false } })
    }

    @Test func `says nothing when it was quick`() {
        var scene = Scene()
        scene.hold(until: at(100))
        scene.forget()
        scene.cost = .milliseconds(20)
        scene.pass(until: at(100))
        #expect(scene.reports == [.expired(group: "web", Term(1))])
    }
}

@Suite struct `A queue of addresses` {
    @Test func `has each once and hands them out in order`() {
        var queue = WorkQueue()
        let all = (0..<5).map { Prefix(single: .v4($0 + 1)) }
        queue.append(all)
        queue.append(all.reversed())
        #expect(queue.count == 5)
        #expect(queue.take(2) == Array(all[..<2]))
        queue.append([all[0], all[4]])
        #expect(Array(queue.waiting) == [all[2], all[3], all[4], all[0]])
        queue.removeAll { $0 == all[3] }
        #expect(queue.take(9) == [all[2], all[4], all[0]])
        #expect(queue.isEmpty)
        #expect(queue == WorkQueue())
    }
}
