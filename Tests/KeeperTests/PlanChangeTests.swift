import Net
import Raft
import Testing
import Time

@testable import Keeper

private let number = PlanNumber(7)

extension KeeperPlan {
    /// Groups with their VIPs, as `eth0 192.0.2.1/32 …`.
    fileprivate static func of(_ groups: [(String, String)]) -> KeeperPlan {
        var plan = web
        plan.longestLease = .seconds(60)
        plan.groups = groups.map { name, text in
            let words = text.split(separator: " ").map(String.init)
            return Group(name: name, interface: words[0], vips: words.dropFirst().map { prefix($0) })
        }
        return plan
    }
}

extension Scene {
    /// Follows a plan.
    fileprivate mutating func adopt(_ plan: KeeperPlan) { deliver(.planChanged(plan, interfaces, number)) }

    /// The commands that change addresses.
    fileprivate var writes: [KernelCommand] {
        commands.filter {
            switch $0 {
            case .add, .remove: true
            case .dump, .fence: false
            }
        }
    }

    /// Begins with these groups held.
    fileprivate static func holding(_ plan: KeeperPlan, until end: Instant = at(5_000)) -> Scene {
        var scene = Scene(plan)
        scene.ask(.will(.of(1)))
        for group in plan.groups { scene.ask(.hold(group: group.name, Term(1), until: end)) }
        scene.pass(until: at(20))
        scene.forget()
        return scene
    }

    fileprivate var standingAddresses: Set<Placement> { Set(addresses.keys) }
}

@Suite struct `A keeper that follows another plan` {
    @Test func `puts on what is new before it takes off what is old, and leaves alone what stays`() {
        var scene = Scene.holding(.of([("web", "eth0 192.0.2.1/32 192.0.2.2/32")]))
        scene.adopt(.of([("web", "eth0 192.0.2.1/32 192.0.2.3/32")]))
        #expect(scene.writes == [.add([on("192.0.2.3/32")]), .remove([on("192.0.2.2/32")])])
        #expect(scene.reports.first == .adopted(number))
        #expect(scene.reports.last == .settled)
        #expect(scene.announced == [on("192.0.2.3/32")])
        #expect(scene.core.transition == nil)
    }

    @Test func `writes nothing where nothing has changed`() {
        var scene = Scene.holding(.of([("web", "eth0 192.0.2.1/32")]))
        scene.adopt(.of([("web", "eth0 192.0.2.1/32")]))
        #expect(scene.writes == [])
        #expect(scene.reports == [.adopted(number), .settled])
    }

    @Test func `writes nothing where a group has another name, and its hold goes on until the agent's next one`() {
        var scene = Scene.holding(.of([("web", "eth0 192.0.2.1/32 2001:db8::1/128")]))
        scene.adopt(.of([("main", "eth0 192.0.2.1/32 2001:db8::1/128")]))
        #expect(scene.writes == [])
        #expect(scene.reports == [.adopted(number), .released(.group("web"), Term(1)), .settled])
        scene.ask(.hold(group: "main", Term(1), until: at(6_000)))
        #expect(scene.reports.last == .held(group: "main", Term(1), failures: nil))
        scene.ask(.hold(group: "web", Term(1), until: at(6_000)))
        #expect(
            scene.reports.last == .held(group: "web", Term(1), failures: "no group web in the keeper's configuration")
        )
    }

    @Test func `takes a group off that is gone, and says so when a list shows it`() {
        var scene = Scene.holding(.of([("web", "eth0 192.0.2.1/32"), ("mail", "eth1 192.0.2.9/32")]))
        scene.adopt(.of([("web", "eth0 192.0.2.1/32")]))
        #expect(scene.writes == [.remove([on("192.0.2.9/32", .eth1)])])
        #expect(scene.reports == [.adopted(number), .released(.group("mail"), Term(1)), .settled])
    }

    @Test func `has both prefixes of IPv4 on for a moment, and of IPv6 takes the first off before`() {
        var scene = Scene.holding(.of([("web", "eth0 192.0.2.1/32 2001:db8::1/128")]))
        scene.adopt(.of([("web", "eth0 192.0.2.1/24 2001:db8::1/64")]))
        #expect(
            scene.writes == [
                .remove([on("2001:db8::1/128")]), .add([on("192.0.2.1/24"), on("2001:db8::1/64")]),
                .remove([on("192.0.2.1/32")]),
            ]
        )
        #expect(!scene.reports.contains { $0.noticed == .putBack })
    }

    @Test func `moves a VIP to another interface, on there before it is off here`() {
        var scene = Scene.holding(.of([("web", "eth0 192.0.2.1/32")]))
        scene.adopt(.of([("web", "eth1 192.0.2.1/32")]))
        #expect(scene.writes == [.add([on("192.0.2.1/32", .eth1)]), .remove([on("192.0.2.1/32")])])
    }

    @Test func `moves a VIP to another group without a write`() {
        var scene = Scene.holding(.of([("a", "eth0 192.0.2.1/32 192.0.2.2/32"), ("b", "eth0 192.0.2.3/32")]))
        scene.adopt(.of([("a", "eth0 192.0.2.1/32"), ("b", "eth0 192.0.2.3/32 192.0.2.2/32")]))
        #expect(scene.writes == [])
        #expect(scene.reports == [.adopted(number), .settled])
    }

    @Test func `that holds nothing has nothing to write`() {
        var scene = Scene(.of([("web", "eth0 192.0.2.1/32")]))
        scene.adopt(.of([("main", "eth0 192.0.2.2/32")]))
        #expect(scene.writes == [])
        #expect(scene.reports == [.adopted(number), .settled])
        scene.hold(until: at(1_000))
        #expect(scene.standingAddresses == [])
        scene.ask(.hold(group: "main", Term(1), until: at(1_000)))
        #expect(scene.standingAddresses == [on("192.0.2.2/32")])
    }

    @Test func `lets go of everything at the end of the hold, whichever plan it is of`() {
        var scene = Scene.holding(.of([("web", "eth0 192.0.2.1/32 192.0.2.2/32")]), until: at(100))
        scene.stubborn = [on("192.0.2.3/32")]
        scene.adopt(.of([("web", "eth0 192.0.2.1/32 192.0.2.3/32")]))
        scene.pass(until: at(150))
        #expect(scene.standingAddresses == [])
        #expect(scene.reports.contains(.expired(group: "web", Term(1))))
    }

    @Test func `does not keep what is old for one that the kernel refuses`() {
        var scene = Scene.holding(.of([("web", "eth0 192.0.2.1/32")]))
        scene.stubborn = [on("192.0.2.3/32")]
        scene.adopt(.of([("web", "eth0 192.0.2.3/32")]))
        #expect(scene.standingAddresses == [])
        #expect(scene.reports.last == .settled)
    }

    @Test func `that is told to stop takes off what is of either plan`() {
        var scene = Scene.holding(.of([("web", "eth0 192.0.2.1/32 192.0.2.2/32")]))
        scene.meanwhile = [.requested(.stop)]
        scene.adopt(.of([("web", "eth0 192.0.2.1/32 192.0.2.3/32")]))
        #expect(scene.standingAddresses == [])
        #expect(scene.reports.last == .allOff)
        #expect(scene.exit == true)
    }

    @Test func `does not put back what a stranger takes off that was to go anyway`() {
        var scene = Scene.holding(.of([("web", "eth0 192.0.2.1/32 192.0.2.2/32")]))
        scene.meanwhile = [.addressRemoved(on("192.0.2.2/32"), by: .stranger)]
        scene.adopt(.of([("web", "eth0 192.0.2.1/32 192.0.2.3/32")]))
        scene.pass(until: at(3_000))
        #expect(scene.standingAddresses == [on("192.0.2.1/32"), on("192.0.2.3/32")])
        #expect(!scene.writes.contains(.add([on("192.0.2.2/32")])))
    }

    @Test func `gives VIPs another lifetime at once`() {
        var scene = Scene.holding(.of([("web", "eth0 192.0.2.1/32")]))
        var plan = KeeperPlan.of([("web", "eth0 192.0.2.1/32")])
        plan.kernelLifetime = 10
        scene.adopt(plan)
        #expect(scene.writes == [.add([on("192.0.2.1/32")])])
        #expect(scene.core.groups[0].renewal == scene.now + .milliseconds(10_000 / 3))
    }

    @Test func `tells of the links of groups that are new`() {
        var scene = Scene.holding(.of([("web", "eth0 192.0.2.1/32")]))
        scene.interfaces[1].isUp = false
        scene.adopt(.of([("web", "eth0 192.0.2.1/32"), ("mail", "eth1 192.0.2.2/32")]))
        #expect(scene.reports.contains(.link(group: "mail", fault: "eth1 is down")))
    }

    @Test func `has rules with what is new before it is on, and with what is old until it is off`() {
        var plan = KeeperPlan.of([("web", "eth0 192.0.2.1/32 192.0.2.2/32")])
        plan.isFenced = true
        var scene = Scene.holding(plan)
        plan.groups[0].vips = [prefix("192.0.2.1/32"), prefix("192.0.2.3/32")]
        scene.adopt(plan)
        let relevant = scene.commands.filter {
            if case .fence(.rebuild) = $0 { true } else { scene.writes.contains($0) }
        }
        let all = ["192.0.2.1/32", "192.0.2.2/32", "192.0.2.3/32"].map { prefix($0).address }
        #expect(
            relevant == [
                .fence(.rebuild([all], heirs: [:])), .add([on("192.0.2.3/32")]), .remove([on("192.0.2.2/32")]),
                .fence(.rebuild([[all[0], all[2]]], heirs: [:])),
            ]
        )
    }

    @Test func `opens the gate of a group with another name along with the rules`() {
        var plan = KeeperPlan.of([("web", "eth0 192.0.2.1/32")])
        plan.isFenced = true
        var scene = Scene.holding(plan)
        plan.groups[0].name = "main"
        scene.adopt(plan)
        #expect(scene.writes == [])
        #expect(scene.commands.contains(.fence(.rebuild([[], [prefix("192.0.2.1/32").address]], heirs: [1: 0]))))
        #expect(scene.fence.isOpen(1, at: scene.now))
        #expect(!scene.fence.isOpen(0, at: scene.now))
    }

    @Test func `puts nothing new on behind rules that do not know it`() {
        var plan = KeeperPlan.of([("web", "eth0 192.0.2.1/32")])
        plan.isFenced = true
        var scene = Scene.holding(plan)
        plan.groups[0].vips.append(prefix("192.0.2.3/32"))
        scene.fence.refusesRules = true
        scene.adopt(plan)
        scene.pass(until: at(300))
        #expect(scene.standingAddresses == [on("192.0.2.1/32")])
        scene.fence.refusesRules = false
        scene.pass(until: at(600))
        #expect(scene.standingAddresses == [on("192.0.2.1/32"), on("192.0.2.3/32")])
    }

    @Test func `says what is not on behind rules that cannot be changed, and puts it on as soon as they can`() {
        var plan = KeeperPlan.of([("web", "eth0 192.0.2.1/32")])
        plan.isFenced = true
        var scene = Scene.holding(plan)
        plan.groups[0].vips.append(prefix("192.0.2.3/32"))
        scene.fence.refusesRules = true
        scene.adopt(plan)
        scene.pass(until: at(500))
        scene.ask(.hold(group: "web", Term(1), until: at(5_500)))
        #expect(!scene.reports.contains { if case .held = $0 { true } else { false } })
        scene.pass(until: at(1_500))
        let failure = "cannot change the fence for 192.0.2.3/32: no rules"
        #expect(scene.reports.contains(.held(group: "web", Term(1), failures: failure)))
        // What came after that waits no longer than for the next try.
        scene.pass(until: at(3_000))
        scene.ask(.hold(group: "web", Term(1), until: at(8_000)))
        #expect(scene.reports.last == .held(group: "web", Term(1), failures: failure))
        #expect(scene.standingAddresses == [on("192.0.2.1/32")])

        scene.fence.refusesRules = false
        scene.pass(until: at(3_200))
        #expect(scene.standingAddresses == [on("192.0.2.1/32"), on("192.0.2.3/32")])
        scene.ask(.hold(group: "web", Term(1), until: at(8_200)))
        #expect(scene.reports.last == .held(group: "web", Term(1), failures: nil))
    }

    @Test func `gives the place of a group that is gone to one that comes`() {
        var scene = Scene.holding(.of([("a", "eth0 192.0.2.1/32")]))
        for round in 0..<50 {
            scene.adopt(.of([("g\(round)", "eth0 192.0.2.1/32")]))
            scene.ask(.hold(group: "g\(round)", Term(1), until: at(5_000)))
        }
        #expect(scene.writes == [])
        #expect(scene.core.groups.count == 2)
    }
}

@Suite struct `A keeper that follows plan after plan` {
    private static let addresses = (1...6).flatMap { ["192.0.2.\($0)/32", "192.0.2.\($0)/24", "2001:db8::\($0)/128"] }

    /// Two groups, each on one of two interfaces, with some of a few addresses.
    private static func plan(_ dice: inout Dice) -> KeeperPlan {
        var left = addresses.filter { _ in dice.roll(0...2) == 0 }
        var seen: Set<IPAddress> = []
        left.removeAll { !seen.insert(prefix($0).address).inserted }
        var groups: [(String, String)] = []
        for name in ["a", "b", "c"] where dice.roll(0...2) > 0 {
            let own = left.filter { _ in dice.roll(0...1) == 0 }
            left.removeAll { own.contains($0) }
            if !own.isEmpty { groups.append((name, "eth\(dice.roll(0...1)) " + own.joined(separator: " "))) }
        }
        var plan = KeeperPlan.of(groups)
        // No refresh is due while the test lasts: whatever is written is written for another reason.
        plan.kernelLifetime = 3_600
        return plan
    }

    @Test(arguments: 0..<200) func `ends up with just what the last one has, and never interrupts what stays`(seed: Int)
    {
        var dice = Dice(state: UInt64(seed))
        var plan = Self.plan(&dice)
        plan.isFenced = seed % 2 == 0
        var scene = Scene.holding(plan, until: at(60_000))
        for _ in 0..<8 {
            let before = Set(
                plan.groups.flatMap { group in group.vips.map { on("\($0)", group.interface == "eth0" ? .eth0 : .eth1) }
                }
            )
            var next = Self.plan(&dice)
            next.isFenced = plan.isFenced
            plan = next
            scene.forget()
            scene.adopt(plan)
            for group in plan.groups { scene.ask(.hold(group: group.name, Term(1), until: at(60_000))) }
            let after = Set(
                plan.groups.flatMap { group in group.vips.map { on("\($0)", group.interface == "eth0" ? .eth0 : .eth1) }
                }
            )
            scene.pass(until: scene.now + .milliseconds(300))
            let touched = scene.writes.flatMap { command -> [Placement] in
                switch command {
                case .add(let placements), .remove(let placements): placements
                case .dump, .fence: []
                }
            }
            #expect(scene.standingAddresses == after, "seed \(seed)")
            #expect(before.intersection(after).isDisjoint(with: touched), "seed \(seed)")
            #expect(scene.core.transition == nil, "seed \(seed)")
        }
        scene.ask(.release(.all, Term(1)))
        #expect(scene.standingAddresses == [], "seed \(seed)")
        #expect(scene.reports.contains(.released(.all, Term(1))), "seed \(seed)")
    }
}
