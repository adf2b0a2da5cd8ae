import Linux
import Net
import Raft
import Time

@testable import Keeper

extension InterfaceIndex {
    static let eth0 = InterfaceIndex(2)
    static let eth1 = InterfaceIndex(3)
}

extension Interface {
    static let eth0 = Interface(
        index: .eth0,
        name: "eth0",
        isUp: true,
        hardwareAddress: MACAddress(bytes: [2, 0, 0, 0, 0, 1])
    )
    static let eth1 = Interface(
        index: .eth1,
        name: "eth1",
        isUp: true,
        hardwareAddress: MACAddress(bytes: [2, 0, 0, 0, 0, 2])
    )
}

extension Author {
    static let stranger = Author.stranger(PortID(4711), process: "networkd")
}

func prefix(_ text: String) -> Prefix {
    guard let prefix = Prefix(text) else { preconditionFailure("no prefix: \(text)") }
    return prefix
}

func on(_ text: String, _ interface: InterfaceIndex = .eth0) -> Placement { Placement(prefix(text), on: interface) }

/// Milliseconds after the test's beginning, by both clocks.
func at(_ milliseconds: Int) -> Instant {
    Instant(boottime: 1_000_000_000_000, raw: 500_000_000_000) + .milliseconds(milliseconds)
}

extension KeeperPlan {
    /// One group, `web`, with one VIP of each family.
    static let web = KeeperPlan(
        dataDirectory: "/var/lib/vip-switch",
        groups: [Group(name: "web", interface: "eth0", vips: [prefix("192.0.2.10/32"), prefix("2001:db8::10/128")])],
        announcing: Announcing(count: 3, interval: .milliseconds(200), refresh: .seconds(60)),
        kernelLifetime: 1,
        longestLease: .seconds(5),
        withdrawal: .milliseconds(50),
        adopts: false
    )

    static func many(_ count: Int) -> KeeperPlan {
        var plan = web
        plan.groups[0].vips = (0..<count).map { Prefix(single: .v4(0xc633_0000 + UInt32($0))) }
        return plan
    }
}

extension LastWill {
    static func of(_ term: UInt64) -> LastWill {
        let recipient = Endpoint(address: .v4(0xc000_0202), port: 7946)
        return LastWill(term: Term(term), datagrams: [.init(recipient: recipient, bytes: [UInt8(term)])])
    }
}

extension KeeperReport {
    /// What a notice is about; nil for anything else.
    var noticed: KeeperNotice.Event? {
        if case .notice(let notice) = self { notice.event } else { nil }
    }
}

/// A core with a kernel that answers at once, and a record of all that came of it.
struct Scene {
    var core: KeeperCore
    var now = at(0)
    /// What the kernel has, and whether it is permanent.
    var addresses: [Placement: Bool] = [:]
    var interfaces: [Interface] = [.eth0, .eth1]
    /// What the kernel refuses to put on or to take off.
    var stubborn: Set<Placement> = []
    var cannotList = false
    enum Detection { case failed, tentative }
    /// What duplicate detection has come to, where there was any.
    var standing: [Placement: Detection] = [:]
    /// Whether what is put on goes without it.
    var healsOnAdd = true
    /// How long the kernel takes for a command.
    var cost = Duration.zero
    var fence = FakeFence()
    /// Heard while the kernel was at work.
    var meanwhile: [KeeperEvent] = []

    var reports: [KeeperReport] = []
    var announced: [Placement] = []
    var commands: [KernelCommand] = []
    var wills: [LastWill] = []
    var exit: Bool?

    init(_ plan: KeeperPlan = .web) { core = KeeperCore(plan, interfaces: interfaces) }

    mutating func deliver(_ events: KeeperEvent...) {
        var queue = events[...]
        while let event = queue.popFirst() {
            for effect in core.step(event, at: now) {
                if case .perform(let command) = effect {
                    let answer = perform(command)
                    now = now + cost
                    queue += meanwhile
                    meanwhile = []
                    queue.append(.answered(answer))
                } else {
                    note(effect)
                }
            }
        }
    }

    /// Somebody takes an address off, and the kernel tells.
    mutating func lose(_ placement: Placement, to author: Author = .stranger) {
        addresses[placement] = nil
        deliver(.addressRemoved(placement, by: author))
    }

    /// Somebody puts an address on, or makes it permanent, and the kernel tells.
    mutating func see(_ placement: Placement, isPermanent: Bool = true, by author: Author = .stranger) {
        addresses[placement] = isPermanent
        let address = StandingAddress(placement: placement, isPermanent: isPermanent, isTagged: false)
        deliver(.addressSet(address, by: author))
    }

    mutating func ask(_ request: KeeperRequest) { deliver(.requested(request)) }

    /// The will of the term, and a hold of `web` under it.
    mutating func hold(_ term: UInt64 = 1, until: Instant) {
        ask(.will(.of(term)))
        ask(.hold(group: "web", Term(term), until: until))
    }

    /// Lets time pass as the loop does: from deadline to deadline.
    mutating func pass(until end: Instant) {
        while exit == nil, let deadline = core.nextDeadline(at: now) {
            let wait = max(deadline.remaining(at: now), .zero)
            if (now + wait).boottime > end.boottime { break }
            now = now + wait
            deliver(.timeElapsed)
        }
        now = end
    }

    private mutating func note(_ effect: KeeperEffect) {
        switch effect {
        case .report(let report): reports.append(report)
        case .announce(let placements): announced += placements
        case .send(let will): wills.append(will)
        case .exit(let isClean): exit = isClean
        case .perform: break
        }
    }

    private mutating func perform(_ command: KernelCommand) -> KernelAnswer {
        commands.append(command)
        switch command {
        case .dump:
            if cannotList { return .failed("no list") }
            let all = addresses.map { (placement, isPermanent) in
                StandingAddress(
                    placement: placement,
                    isPermanent: isPermanent,
                    isTagged: true,
                    isDuplicate: standing[placement] == .failed,
                    isTentative: standing[placement] == .tentative
                )
            }
            return .dumped(all, interfaces)
        case .add(let placements):
            for placement in placements where !stubborn.contains(placement) { addresses[placement] = false }
            return .performed(failures: failures(placements))
        case .fence(let command): return fence.perform(command, at: now)
        case .remove(let placements):
            for placement in placements where !stubborn.contains(placement) {
                addresses[placement] = nil
                if healsOnAdd { standing[placement] = nil }
            }
            return .performed(failures: failures(placements))
        }
    }

    private func failures(_ placements: [Placement]) -> [Placement: String] {
        Dictionary(uniqueKeysWithValues: placements.filter(stubborn.contains).map { ($0, "no: \($0.prefix)") })
    }

    /// Everything that was noted so far is forgotten.
    mutating func forget() {
        reports = []
        announced = []
        commands = []
    }
}
