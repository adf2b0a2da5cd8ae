import Linux
import Net
import Time

/// What the keeper believes about the kernel's addresses and interfaces, and how far it trusts that.
struct KernelView: Hashable, Sendable {
    enum Standing: Hashable, Sendable {
        /// Asked for, or on an interface that has changed since: it may be on.
        case uncertain
        case on
    }

    /// Where a configured VIP belongs.
    struct Owner: Hashable, Sendable {
        var group: Int
        var prefix: Prefix
        /// Of the plan before, and on until what is new is on.
        var isLeaving = false
    }

    var owners: [IPAddress: Owner]
    /// What the plan before had on, with its group: wanted for a little while, as long as that group is held.
    var lingering: [Placement: Int] = [:]
    /// Those that groups are on, by name.
    private(set) var interfaces: [String: Interface] = [:] {
        didSet { if interfaces != oldValue { haveLinksChanged = true } }
    }
    /// Until the agent has been told.
    var haveLinksChanged = true
    var watched: Set<String>
    /// Of all interfaces, for people to read.
    private var names: [InterfaceIndex: String] = [:]
    /// Of all interfaces: a claim from one of these is no other machine's.
    private var hardware: [InterfaceIndex: MACAddress] = [:]
    /// Configured VIPs that are or may be on, wherever and under whatever prefix.
    private(set) var placed: [Placement: Standing] = [:]
    /// The command that the kernel has not answered yet.
    var underway: KernelCommand?
    private var begin: Instant?
    private(set) var additions: BatchPace
    private(set) var refreshes = BatchPace()
    private(set) var removals: BatchPace
    /// What the addition under way is about is on already.
    var isRefreshing = false
    /// Something happened that only a new list explains.
    var needsDump = false
    var dumpRestsUntil: Instant?
    /// When a list is to bear out what events have said.
    var checkDue: Instant?
    var lastRemoval: Instant?
    /// What could not be removed, and when it is tried again.
    private(set) var resting: [Placement: Instant] = [:]
    private var backoff = KeeperCore.backoff.lowerBound
    /// On and held, but not as it must be: to be taken off before it is put on again.
    private(set) var spoilt: Set<Placement> = []
    private var spoiledLast: [Placement: Instant] = [:]
    /// Something may be on that is not held. Looking at every address in every step would cost too much.
    var mayHaveStrays = false
    /// What was on and not held at the last look, and has not been asked for since.
    private var strays: ArraySlice<Placement> = []
    /// How often every address was looked at; tests keep it from growing with the batches.
    private(set) var surveys = 0

    init(_ plan: KeeperPlan, interfaces: [Interface]) {
        var owners: [IPAddress: Owner] = [:]
        for (index, group) in plan.groups.enumerated() {
            for vip in group.vips { owners[vip.address] = Owner(group: index, prefix: vip) }
        }
        self.owners = owners
        additions = BatchPace(whole: plan.withdrawal)
        removals = additions
        watched = Set(plan.groups.map(\.interface) + plan.groups.flatMap(\.tracked))
        for interface in interfaces { set(interface) }
    }

    /// The next pause after a failure; twice the last.
    mutating func rest() -> (pause: Duration, isFirst: Bool) {
        defer { backoff = min(backoff * 2, KeeperCore.backoff.upperBound) }
        return (backoff, backoff == KeeperCore.backoff.lowerBound)
    }

    mutating func wake() { backoff = KeeperCore.backoff.lowerBound }

    mutating func rest(_ placement: Placement, until end: Instant) { resting[placement] = end }

    mutating func endRests(at now: Instant) {
        for (placement, end) in resting where Deadline.timer(end).hasPassed(at: now) {
            resting[placement] = nil
            mayHaveStrays = true
        }
        if let end = dumpRestsUntil, Deadline.timer(end).hasPassed(at: now) { dumpRestsUntil = nil }
    }
}

// MARK: - Addresses

extension KernelView {
    /// Before it is asked for: from here on it is taken off like one that is on.
    mutating func attempt(_ placement: Placement) {
        if placed[placement] == nil { placed[placement] = .uncertain }
    }

    /// It may be off or changed: once it is confirmed it counts as new.
    mutating func doubt(_ placement: Placement) { placed[placement] = .uncertain }

    mutating func checkSoon(at now: Instant) {
        if checkDue == nil { checkDue = now + KeeperCore.checkDelay }
    }

    /// Returns whether it is new.
    mutating func confirm(_ placement: Placement) -> Bool {
        placed.updateValue(.on, forKey: placement) != .on
    }

    mutating func removed(_ placement: Placement) {
        placed[placement] = nil
        resting[placement] = nil
        spoilt.remove(placement)
    }

    /// Has it taken off before it is put on; false when that was tried a moment ago.
    mutating func spoil(_ placement: Placement, at now: Instant, every interval: Duration) -> Bool {
        if let last = spoiledLast[placement], !Deadline.timer(last + interval).hasPassed(at: now) { return false }
        spoiledLast[placement] = now
        spoilt.insert(placement)
        return true
    }

    /// Replaces all belief by what a dump shows.
    mutating func replace(with standing: [StandingAddress]) {
        let before = placed
        placed = [:]
        for address in standing {
            // What was asked for and refused, but is there all the same, is to be confirmed.
            placed[address.placement] = before[address.placement] ?? .uncertain
        }
        resting = resting.filter { placed[$0.key] != nil }
        spoilt = spoilt.filter { placed[$0] != nil }
        mayHaveStrays = true
    }

    /// What is on an interface that has changed is to be put on anew.
    mutating func doubt(_ index: InterfaceIndex) {
        for placement in placed.keys where placement.interface == index { placed[placement] = .uncertain }
    }
}

// MARK: - Interfaces

extension KernelView {
    /// A renamed interface keeps its index and loses its old name.
    mutating func set(_ interface: Interface) {
        names[interface.index] = interface.name
        hardware[interface.index] = interface.hardwareAddress
        var known = interfaces.filter { $0.value.index != interface.index }
        if watched.contains(interface.name) { known[interface.name] = interface }
        interfaces = known
    }

    /// Its addresses went with it.
    mutating func remove(_ index: InterfaceIndex) {
        names[index] = nil
        hardware[index] = nil
        interfaces = interfaces.filter { $0.value.index != index }
        placed = placed.filter { $0.key.interface != index }
        resting = resting.filter { $0.key.interface != index }
        spoilt = spoilt.filter { $0.interface != index }
        spoiledLast = spoiledLast.filter { $0.key.interface != index }
    }

    func watchedInterface(_ index: InterfaceIndex) -> Interface? {
        interfaces.values.first { $0.index == index }
    }

    func isOurs(_ address: MACAddress) -> Bool { hardware.values.contains(address) }
    var allNames: [String] { names.sorted { $0.key.rawValue < $1.key.rawValue }.map(\.value) }

    func name(of index: InterfaceIndex) -> String {
        names[index] ?? "interface \(index.rawValue)"
    }
}

// MARK: - Batches

extension KernelView {
    /// All that is to be taken off, until something happens that asks for another look.
    mutating func willRemove(_ placements: [Placement]) {
        strays = placements[...]
        surveys += 1
        mayHaveStrays = false
    }

    /// The next batch of them; nil when none is left.
    mutating func takeStrays() -> [Placement]? {
        guard !strays.isEmpty else { return nil }
        defer { strays = strays.dropFirst(removals.size) }
        return Array(strays.prefix(removals.size))
    }

    func isRemovable(_ placement: Placement) -> Bool { placed[placement] != nil && resting[placement] == nil }

    /// The command under way began at `now`, unless it is an older one.
    mutating func noteBegin(at now: Instant) {
        if underway != nil, begin == nil { begin = now }
    }

    /// What the kernel took for the command decides how much it is asked for next.
    mutating func pace(_ command: KernelCommand, until now: Instant) {
        guard let start = begin else { return }
        begin = nil
        let time = now.longestElapsed(since: start)
        switch command {
        case .add(let placements) where isRefreshing: refreshes.note(placements.count, took: time)
        case .add(let placements): additions.note(placements.count, took: time)
        case .remove(let placements): removals.note(placements.count, took: time)
        case .dump, .fence: break
        }
    }
}
