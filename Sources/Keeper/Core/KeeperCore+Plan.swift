import Linux
import Net
import Time

/// The way from one plan to the next, while VIPs of both may be on.
struct Transition: Hashable, Sendable {
    enum Phase: Hashable, Sendable {
        /// What is new goes on; what is old stays for that long at most.
        case adding(until: Instant)
        /// What is old goes off, until a list shows none of it.
        case removing
    }

    /// The plan without anything of the one before.
    let plan: KeeperPlan
    var phase: Phase
    /// Addresses are to have another lifetime.
    let isRefreshing: Bool
}

/// Follows another plan while holds go on: what is in both stays as it is, what is new goes on before what is old goes off.
///
/// Groups keep their places, by which proofs, gates and counters know them. A group that the new plan does not have stays
/// as one that is gone, obeys nothing, and gives its place to another when nothing of it is on any more.
extension KeeperCore {
    /// For what is old to wait for what is new, such as thousands of VIPs, or one that the kernel refuses.
    private static let longestAddition = Duration.seconds(5)

    mutating func adopt(_ plan: KeeperPlan, _ interfaces: [Interface], _ number: PlanNumber, at now: Instant) {
        guard phase == .serving, transition == nil else { return }
        let former = groups
        let standing = Set(kernel.placed.keys.filter { isWanted($0, at: now) })
        let donors = plan.groups.map { donor(for: $0, at: now) }
        let places = takePlaces(for: plan)
        let isRefreshed = plan.kernelLifetime != self.plan.kernelLifetime
        self.plan = plan
        // Until the last of the earlier ones is off, it may take as long as it did.
        self.plan.withdrawal = max(plan.withdrawal, self.plan.withdrawal)
        for (place, (settings, donor)) in zip(places, zip(plan.groups, donors)) {
            let isNewcomer = groups[place].isGone
            if isNewcomer { welcome(settings, at: place, in: former, after: donor) }
            groups[place].follow(settings)
        }
        kernel.follow(groups, interfaces, standing: standing)
        for place in places { completeHold(place, isRefreshed: isRefreshed, at: now) }
        budget = OperationBudget(perSecond: Self.operationsPerSecond * max(1, groups.count))
        fence?.owesRules = true
        kernel.needsDump = true
        transition = Transition(
            plan: plan,
            phase: .adding(until: now + Self.longestAddition),
            isRefreshing: isRefreshed
        )
        report(.adopted(number))
    }

    /// The held group that has a VIP of this one on already: it goes by another name, or the VIP has moved.
    private func donor(for settings: KeeperPlan.Group, at now: Instant) -> Int? {
        settings.vips.lazy.compactMap { vip in kernel.owners[vip.address].flatMap { $0.prefix == vip ? $0.group : nil }
        }
        .first { isActive($0, at: now) && groups[$0].settings.interface == settings.interface }
    }

    /// The place of each group of the plan; what it does not have is gone from here on.
    private mutating func takePlaces(for plan: KeeperPlan) -> [Int] {
        var free = groups.indices.filter { groups[$0].isGone }
        let names = Set(plan.groups.map(\.name))
        for index in groups.indices where !names.contains(groups[index].settings.name) { groups[index].leave() }
        return plan.groups.map { settings in
            if let index = group(named: settings.name) { return index }
            if !free.isEmpty { return free.removeFirst() }
            groups.append(GroupState(settings, isGone: true))
            tallies.append(TallyState())
            fence?.gates.append(.closed)
            return groups.count - 1
        }
    }

    /// A group that has VIPs on under another's hold goes on with that hold: the agent's next one comes before its end.
    private mutating func welcome(
        _ settings: KeeperPlan.Group,
        at place: Int,
        in former: [GroupState],
        after donor: Int?
    ) {
        groups[place] = donor.map { former[$0].passedOn } ?? GroupState(settings)
        tallies[place] = TallyState()
        fence?.pass(the: donor, to: place)
    }

    /// Asks for what a held group has got with this plan.
    private mutating func completeHold(_ index: Int, isRefreshed: Bool, at now: Instant) {
        guard groups[index].hold != nil else { return }
        let interface = kernel.interfaces[groups[index].settings.interface]?.index
        let (on, off) = groups[index].settings.vips.partitioned { vip in
            interface.map { kernel.placed[Placement(vip, on: $0)] == .on } ?? false
        }
        let paused = groups[index].fights
        groups[index].enqueue(off.filter { !paused.isPaused($0) })
        guard isRefreshed else { return }
        groups[index].refreshes.fill(with: on)
        groups[index].renewal = renewal(from: now)
    }

    /// The group of the plan with that name.
    func group(named name: String) -> Int? {
        groups.firstIndex { $0.settings.name == name && !$0.isGone }
    }
}

// MARK: - What is old

extension KeeperCore {
    /// Lets go of what is old as soon as what is new is on, or cannot be put on.
    mutating func proceedWithTransition(at now: Instant) {
        guard let transition, case .adding(let end) = transition.phase else { return }
        let isAdding = groups.indices.contains { index in
            isActive(index, at: now)
                && (!isDone(index) || transition.isRefreshing && !groups[index].refreshes.isEmpty)
        }
        guard !isAdding && fence?.owesRules != true || Deadline.timer(end).hasPassed(at: now) else { return }
        self.transition?.phase = .removing
        kernel.dropLingering()
        for index in groups.indices where groups[index].isGone && groups[index].isLeaving {
            let (name, term) = (groups[index].settings.name, groups[index].hold?.term ?? releasedTerm)
            endHold(index, because: "the group \(name) is not in the configuration any more")
            groups[index].isLeaving = false
            if let term { prove(Proof(scope: .one(index), report: .released(.group(name), term))) }
        }
        kernel.needsDump = true
    }

    /// After a list: whether the last of what is old is off.
    mutating func settleIfThrough(_ standing: [StandingAddress], at now: Instant) {
        guard let transition, transition.phase == .removing,
            !standing.contains(where: { kernel.isLeaving($0.placement) || !isWanted($0.placement, at: now) }),
            !proofs.contains(where: isOfGoneGroup)
        else { return }
        plan = transition.plan
        self.transition = nil
        kernel.forgetLeaving()
        fence?.owesRules = true
        report(.settled)
    }

    func isOfGoneGroup(_ proof: Proof) -> Bool {
        if case .one(let index) = proof.scope { groups[index].isGone } else { false }
    }

    var transitionDeadline: Deadline? {
        if case .adding(let end) = transition?.phase { .timer(end) } else { nil }
    }
}

extension GroupState {
    /// No plan has it any more.
    mutating func leave() {
        guard !isGone else { return }
        (isGone, isLeaving) = (true, true)
        settings.vips = []
        forgetOthers()
    }

    /// What another group goes on with: it answers nothing that this one was asked.
    var passedOn: GroupState {
        var heir = self
        heir.unanswered = []
        heir.linkFault = nil
        heir.toldOfFight = nil
        return heir
    }

    mutating func follow(_ settings: KeeperPlan.Group) {
        self.settings = settings
        (isGone, isLeaving) = (false, false)
        forgetOthers()
    }

    /// What waited for addresses that are not the group's any more.
    private mutating func forgetOthers() {
        let vips = Set(settings.vips)
        queue.removeAll { !vips.contains($0) }
        refreshes.removeAll { !vips.contains($0) }
        failures = failures.filter { vips.contains($0.key) }
        touched.removeAll { !vips.contains($0.vip) }
        round = round.filter { vips.contains($0) }[...]
        fights.forgetOthers(than: vips)
    }
}

extension KernelView {
    /// Knows the VIPs of other groups from now on.
    ///
    /// - Parameter standing: What is on under a hold. Of it stays for a while what the groups do not have any more, but for
    ///   an IPv6 address that is to have another prefix there: of those an interface has one at a time.
    mutating func follow(_ groups: [GroupState], _ interfaces: [Interface], standing: Set<Placement>) {
        let former = owners
        owners = [:]
        for (index, group) in groups.enumerated() {
            for vip in group.settings.vips { owners[vip.address] = Owner(group: index, prefix: vip) }
        }
        watched = Set(groups.filter { !$0.isGone }.flatMap { [$0.settings.interface] + $0.settings.tracked })
            .union(placed.keys.map { name(of: $0.interface) })
        for interface in interfaces { set(interface) }
        let places = Dictionary(interfaces.map { ($0.name, $0.index) }) { first, _ in first }
        for placement in placed.keys {
            let address = placement.prefix.address
            guard let owner = former[address] else { continue }
            let heir = owners[address]
            let home = heir.flatMap { places[groups[$0.group].settings.interface] }
            if let heir, heir.prefix == placement.prefix, home == placement.interface { continue }
            if heir == nil { owners[address] = Owner(group: owner.group, prefix: placement.prefix, isLeaving: true) }
            let isInTheWay = heir != nil && address.bitWidth == 128 && home == placement.interface
            if !isInTheWay, standing.contains(placement) { lingering[placement] = owner.group }
        }
        haveLinksChanged = true
        mayHaveStrays = true
    }

    mutating func dropLingering() {
        lingering = [:]
        mayHaveStrays = true
    }

    func isLeaving(_ placement: Placement) -> Bool { owners[placement.prefix.address]?.isLeaving == true }

    mutating func forgetLeaving() { owners = owners.filter { !$0.value.isLeaving } }
}

extension Array {
    fileprivate func partitioned(_ isFirst: (Element) -> Bool) -> ([Element], [Element]) {
        var parts: ([Element], [Element]) = ([], [])
        for element in self { if isFirst(element) { parts.0.append(element) } else { parts.1.append(element) } }
        return parts
    }
}
