import Linux
import Net
import Raft
import Testing
import Time

@testable import Keeper

/// An agent that asks for anything at any time, a kernel that refuses and is slow, strangers, clocks apart, an end.
private struct Story {
    let plan: KeeperPlan

    var dice: Dice
    var core: KeeperCore
    var now = at(0)
    var addresses: [Placement: Bool] = [:]
    var interfaces: [Interface] = [.eth0, .eth1]
    /// The ends of all holds since the last release: a refused one leaves the earlier in force.
    var ends: [String: [Instant]] = [:]
    /// What the last list showed and what was put on since: a stranger may have come later.
    var seen: Set<Placement> = []
    var isGone = false
    var isOver = false
    var faults: [String] = []

    /// Every twentieth has more addresses than go into one batch.
    init(seed: UInt64) {
        var plan = KeeperPlan.many(seed % 20 == 0 ? 70 : 3)
        plan.groups.append(.init(name: "db", interface: "eth1", vips: [prefix("192.0.2.20/32")]))
        self.plan = plan
        dice = Dice(state: seed)
        core = KeeperCore(plan, interfaces: [.eth0, .eth1])
    }

    mutating func tell() {
        for _ in 0..<dice.roll(20...150) where !isOver { deliver(nextEvent()) }
        if !isOver { deliver(.agentGone) }
        for _ in 0..<20_000 where !isOver {
            guard let deadline = core.nextDeadline(at: now) else { break }
            pass(max(deadline.remaining(at: now), .nanoseconds(1)), mayFail: false)
            deliver(.timeElapsed)
        }
        if !isOver { faults.append("never exits") }
        if !addresses.isEmpty { faults.append("leaves \(addresses.count) addresses behind") }
    }

    private mutating func pass(_ time: Duration, mayFail: Bool = true) {
        now.boottime += time.nanoseconds
        // NTP slews BOOTTIME by a tenth at most; sleep stops RAW.
        now.raw += mayFail ? time.nanoseconds * Int64(dice.roll(0...110)) / 100 : time.nanoseconds
    }

    private mutating func nextEvent() -> KeeperEvent {
        pass(.milliseconds(dice.roll(0...10) == 0 ? dice.roll(0...3000) : dice.roll(0...40)))
        switch dice.roll(0...199) {
        case 0: return .agentGone
        case 1...30: return strange()
        case 31...60: return .timeElapsed
        case 61...70: return change()
        default: return .requested(request())
        }
    }

    private mutating func request() -> KeeperRequest {
        let term = dice.roll(0...3) == 0 ? Term(UInt64(dice.roll(1...9))) : core.will?.term ?? Term(1)
        let group = ["web", "web", "db", "db", "nobody"][dice.roll(0...4)]
        switch dice.roll(0...99) {
        case 0: return .stop
        case 1...5: return .release(.all, dice.roll(0...3) == 0 ? term : Term(0))
        case 6...15: return .release(.group(group), term)
        case 16...25: return .announce(group: group)
        case 26...40: return .will(.of(term.number))
        default:
            let until = Instant(
                boottime: now.boottime + Int64(dice.roll(-100...1000)) * 1_000_000,
                raw: now.raw + Int64(dice.roll(-100...1000)) * 1_000_000
            )
            return .hold(group: group, term, until: until)
        }
    }

    private mutating func strange() -> KeeperEvent {
        let vips = plan.groups.flatMap(\.vips)
        let vip = vips[dice.roll(0...(vips.count - 1))]
        let interface: InterfaceIndex = dice.roll(0...1) == 0 ? .eth0 : .eth1
        switch dice.roll(0...4) {
        case 3:
            let hardware: MACAddress = dice.roll(0...1) == 0 ? .broadcast : .zero
            return .claimed(AddressClaim(address: vip.address, hardware: hardware), on: interface)
        case 4: return .peersToBeNotified(interface)
        default: break
        }
        let author: Author = [.stranger, .kernel, .unknown][dice.roll(0...2)]
        let placement =
            dice.roll(0...2) == 0
            ? Placement(prefix("\(vip.address)/24"), on: interface) : Placement(vip, on: interface)
        let isRemoved = dice.roll(0...1) == 0
        addresses[placement] = isRemoved ? nil : true
        // Events may be lost, and come too late: what they tell is true of a while ago.
        if dice.roll(0...9) == 0 { return .eventsLost }
        if dice.roll(0...9) == 0 { addresses[placement] = isRemoved ? true : nil }
        if isRemoved { return .addressRemoved(placement, by: author) }
        let address = StandingAddress(
            placement: placement,
            isPermanent: dice.roll(0...3) != 0,
            isTagged: dice.roll(0...3) == 0
        )
        return .addressSet(address, by: author)
    }

    private mutating func change() -> KeeperEvent {
        var interface = dice.roll(0...1) == 0 ? Interface.eth0 : .eth1
        interface.isUp = dice.roll(0...1) == 0
        interface.isUsable = interface.isUp && dice.roll(0...1) == 0
        let old = interfaces.firstIndex { $0.index == interface.index }
        if let old { interfaces[old] = interface }
        return .interfaceChanged(interface)
    }

    // MARK: What must hold

    private mutating func deliver(_ event: KeeperEvent) {
        var queue = [event][...]
        while let event = queue.popFirst() {
            hear(event)
            for effect in core.step(event, at: now) {
                check(effect)
                guard case .perform(let command) = effect else { continue }
                let answer = perform(command)
                pass(.milliseconds(dice.roll(0...5) == 0 ? dice.roll(0...400) : 0))
                if dice.roll(0...5) == 0, !isGone { queue.append(nextEvent()) }
                queue.append(.answered(answer))
            }
        }
    }

    /// The agent's own bookkeeping: what the newest message says, granted or not.
    private mutating func hear(_ event: KeeperEvent) {
        switch event {
        case .agentGone, .requested(.stop): isGone = true
        case .requested(.hold(let group, _, let until)): ends[group, default: []].append(until)
        case .requested(.release(.group(let group), _)): ends[group] = nil
        case .requested(.release(.all, _)): ends = [:]
        default: break
        }
    }

    private mutating func check(_ effect: KeeperEffect) {
        switch effect {
        case .perform(.add(let placements)), .announce(let placements):
            for placement in placements { checkHeld(placement, effect) }
        case .report(.released(.all, _)), .report(.allOff), .send, .exit(isClean: true):
            if !seen.isEmpty { faults.append("\(effect) with addresses on") }
        case .report(.released(.group(let name), _)), .report(.expired(group: let name, _)):
            let vips = Set(plan.groups.first { $0.name == name }?.vips.map(\.address) ?? [])
            if seen.contains(where: { vips.contains($0.prefix.address) }) {
                faults.append("\(effect) with addresses on")
            }
        case .perform, .report, .exit: break
        }
        if case .exit = effect { isOver = true }
    }

    private mutating func checkHeld(_ placement: Placement, _ effect: KeeperEffect) {
        let group = plan.groups.first { $0.vips.contains(placement.prefix) }
        guard !isGone, let group, let ends = ends[group.name] else { return faults.append("\(effect) without a hold") }
        if ends.allSatisfy({ Deadline.either($0).hasPassed(at: now) }) { faults.append("\(effect) past the end") }
        let interface = group.interface == "eth0" ? InterfaceIndex.eth0 : .eth1
        if placement.interface != interface { faults.append("\(effect) on another interface") }
    }

    private mutating func perform(_ command: KernelCommand) -> KernelAnswer {
        if !isGone, dice.roll(0...19) == 0 { return .failed("chance") }
        switch command {
        case .dump:
            let standing = addresses.map { StandingAddress(placement: $0.key, isPermanent: $0.value, isTagged: true) }
            seen = Set(addresses.keys)
            return .dumped(standing.sorted { $0.placement < $1.placement }, interfaces)
        case .add(let placements):
            let refused = refusals(placements)
            for placement in placements where refused[placement] == nil { addresses[placement] = false }
            seen.formUnion(placements)
            return .performed(failures: refused)
        case .fence: return .failed("there is none")
        case .remove(let placements):
            let refused = refusals(placements)
            for placement in placements where refused[placement] == nil { addresses[placement] = nil }
            return .performed(failures: refused)
        }
    }

    private mutating func refusals(_ placements: [Placement]) -> [Placement: String] {
        guard !isGone, dice.roll(0...9) == 0, let first = placements.first else { return [:] }
        return [first: "chance"]
    }
}

@Suite struct `Whatever happens, a keeper` {
    @Test(arguments: 0..<40) func `installs nothing past an end or after the agent, and leaves nothing`(block: UInt64) {
        for seed in block * 50..<(block + 1) * 50 {
            var story = Story(seed: seed)
            story.tell()
            #expect(story.faults == [], "seed \(seed)")
        }
    }
}
