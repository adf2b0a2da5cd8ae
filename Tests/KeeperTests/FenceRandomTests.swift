import Linux
import Net
import Raft
import Testing
import Time

@testable import Keeper

/// A keeper that is frozen at any moment, rules that others remove, a kernel that refuses; two groups.
private struct Story {
    private static let names = ["web", "db"]

    var dice: Dice
    let plan: KeeperPlan
    var core: KeeperCore
    var now = at(0)
    var fence = FakeFence()
    /// What the keeper has put on.
    var addresses: Set<Placement> = []
    /// Gates that the kernel has called open, and that nobody has closed or found closed since.
    var open: Set<Int> = []
    /// How long the keeper was held up on its way to the kernel when it opened or renewed a gate.
    var delays: [Int: Duration] = [:]
    /// The ends of all holds since the last release: a refused one leaves the earlier in force.
    var ends: [Int: [Instant]] = [:]
    var isOver = false
    var faults: [String] = []

    init(seed: UInt64) {
        dice = Dice(state: seed)
        var plan = KeeperPlan.many(seed % 20 == 0 ? 70 : 3)
        plan.groups.append(.init(name: "db", interface: "eth1", vips: [prefix("192.0.2.20/32")]))
        plan.isFenced = true
        self.plan = plan
        core = KeeperCore(plan, interfaces: [.eth0, .eth1])
    }

    mutating func tell() {
        for _ in 0..<dice.roll(20...200) where !isOver {
            pass(.milliseconds(dice.roll(0...15) == 0 ? dice.roll(0...600) : dice.roll(0...60)))
            if dice.roll(0...40) == 0 { fence.isStanding = false }
            deliver(nextEvent())
        }
        if !isOver { deliver(.agentGone) }
        for _ in 0..<20_000 where !isOver {
            guard let deadline = core.nextDeadline(at: now) else { break }
            now = now + max(deadline.remaining(at: now), .nanoseconds(1))
            deliver(.timeElapsed)
        }
        if !isOver { faults.append("never exits") }
        if !addresses.isEmpty { faults.append("leaves \(addresses.count) addresses behind") }
    }

    private mutating func pass(_ time: Duration) {
        now.boottime += time.nanoseconds
        now.raw += time.nanoseconds * Int64(dice.roll(90...110)) / 100
    }

    private mutating func nextEvent() -> KeeperEvent {
        let term = core.will?.term ?? Term(1)
        let group = dice.roll(0...1)
        switch dice.roll(0...199) {
        case 0: return .agentGone
        case 1...20: return .timeElapsed
        case 21...25: return .requested(.release(.all, Term(0)))
        case 26...40: return .requested(.release(.group(Self.names[group]), term))
        case 41...50: return .requested(.will(.of(term.number)))
        default:
            let until = now + .milliseconds(dice.roll(-20...300))
            return .requested(.hold(group: Self.names[group], term, until: until))
        }
    }

    private mutating func deliver(_ event: KeeperEvent) {
        var queue = [event][...]
        while let event = queue.popFirst() {
            hear(event)
            for effect in core.step(event, at: now) {
                if case .exit = effect { isOver = true }
                guard case .perform(let command) = effect else { continue }
                check(command)
                let answer = perform(command)
                checkGates(after: command)
                pass(fence.delay)
                fence.delay = .zero
                if dice.roll(0...5) == 0, !isOver { queue.append(nextEvent()) }
                queue.append(.answered(answer))
            }
        }
    }

    private mutating func hear(_ event: KeeperEvent) {
        switch event {
        case .requested(.hold(let name, _, let until)):
            if let index = Self.names.firstIndex(of: name) { ends[index, default: []].append(until) }
        case .requested(.release(.group(let name), _)):
            if let index = Self.names.firstIndex(of: name) { ends[index] = nil }
        case .requested(.release(.all, _)), .agentGone: ends = [:]
        default: break
        }
    }

    private func group(of placement: Placement) -> Int { placement.interface == .eth0 ? 0 : 1 }

    // MARK: What must hold

    private mutating func check(_ command: KernelCommand) {
        switch command {
        case .add(let placements):
            if placements.contains(where: { !open.contains(group(of: $0)) }) {
                faults.append("\(command) before a closed gate")
            }
        case .remove(let placements):
            if placements.contains(where: { open.contains(group(of: $0)) }) {
                faults.append("\(command) behind an open gate")
            }
        case .fence(.open(let index, _)):
            if addresses.contains(where: { group(of: $0) == index }) {
                faults.append("\(command) with addresses on")
            }
        case .fence(.renew(let index, _)):
            if !open.contains(index) { faults.append("\(command) of a gate that is not open") }
        case .fence(.close), .fence(.rebuild), .dump: break
        }
        if case .fence(.close) = command { return }
        let forgotten = open.filter { index in
            (ends[index] ?? []).allSatisfy { Deadline.either($0).hasPassed(at: now) }
        }
        if !forgotten.isEmpty { faults.append("\(command) before the gates \(forgotten) are closed") }
    }

    /// No gate is open for longer than a hold lasts, but for as long as the keeper was held up on its way to the kernel.
    private mutating func checkGates(after command: KernelCommand) {
        for (index, end) in fence.ends where open.contains(index) {
            let latest = (ends[index] ?? []).map(\.boottime).max() ?? 0
            if end.boottime > latest + (delays[index] ?? .zero).nanoseconds {
                faults.append("\(command) leaves the gate \(index) open")
            }
        }
    }

    private mutating func perform(_ command: KernelCommand) -> KernelAnswer {
        let fails = !isOver && dice.roll(0...19) == 0
        switch command {
        case .dump:
            if fails { return .failed("chance") }
            let standing = addresses.sorted().map {
                StandingAddress(placement: $0, isPermanent: false, isTagged: true)
            }
            return .dumped(standing, [.eth0, .eth1])
        case .add(let placements):
            if fails { return .failed("chance") }
            addresses.formUnion(placements)
            return .performed(failures: [:])
        case .remove(let placements):
            if fails { return .failed("chance") }
            addresses.subtract(placements)
            return .performed(failures: [:])
        case .fence(let command): return perform(command, fails: fails)
        }
    }

    private mutating func perform(_ command: FenceCommand, fails: Bool) -> KernelAnswer {
        fence.delay = .milliseconds(dice.roll(0...9) == 0 ? dice.roll(0...500) : 0)
        fence.failure = fails ? "chance" : nil
        let answer = fence.perform(command, at: now)
        switch (command, answer) {
        case (.open(let index, _), .fenced(.done)):
            open.insert(index)
            delays[index] = fence.delay
        case (.renew(let index, _), .fenced(.done)): delays[index] = fence.delay
        case (.renew(let index, _), .fenced(.hasClosed)): open.remove(index)
        // Whatever came of it: it was tried first.
        case (.close(let indices), _): open.subtract(indices)
        default: break
        }
        return answer
    }
}

@Suite struct `Whatever happens, a fence` {
    @Test(arguments: 0..<40) func `is open before addresses, closed before they go, and never open past an end`(
        block: UInt64
    ) {
        for seed in block * 50..<(block + 1) * 50 {
            var story = Story(seed: seed)
            story.tell()
            #expect(story.faults == [], "seed \(seed)")
        }
    }
}
