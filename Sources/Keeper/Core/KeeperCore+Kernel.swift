import Linux
import Net
import Time

/// Makes the kernel's addresses what the holds say: off comes first, then a look at what there is, then on.
extension KeeperCore {
    mutating func perform(_ command: KernelCommand) {
        kernel.underway = command
        effects.append(.perform(command))
    }

    /// Whether a configured VIP may be just there: the very prefix on the very interface, under a hold.
    private func isWanted(_ placement: Placement, at now: Instant) -> Bool {
        guard let owner = kernel.owners[placement.prefix.address], isActive(owner.group, at: now) else { return false }
        let interface = kernel.interfaces[groups[owner.group].settings.interface]
        return interface?.index == placement.interface && owner.prefix == placement.prefix
    }

    /// What is on and not held, a stranger's second prefix included.
    func strays(at now: Instant) -> [Placement] {
        kernel.placed.keys.filter { !isWanted($0, at: now) }.sorted()
    }

    mutating func nextRemoval(at now: Instant) -> KernelCommand? {
        kernel.endRests(at: now)
        guard kernel.mayHaveStrays else { return nil }
        let strays = strays(at: now).filter { kernel.resting[$0] == nil }
        guard strays.isEmpty else { return .remove(Array(strays.prefix(Self.batch))) }
        kernel.mayHaveStrays = false
        return nil
    }

    mutating func nextDump(at now: Instant) -> KernelCommand? {
        guard kernel.needsDump, kernel.dumpRestsUntil == nil else { return nil }
        kernel.needsDump = false
        return .dump
    }

    mutating func nextAddition(at now: Instant) -> KernelCommand? {
        for index in groups.indices where isActive(index, at: now) {
            enqueueDue(index, at: now)
            failWithoutLink(index, at: now)
            let batch = groups[index].queue.prefix(Self.batch)
            guard !batch.isEmpty, let interface = kernel.interfaces[groups[index].settings.interface] else { continue }
            let placements = batch.map { Placement($0, on: interface.index) }
            for placement in placements { kernel.attempt(placement) }
            return .add(placements)
        }
        return nil
    }

    /// Renewals, and what failed a while ago.
    private mutating func enqueueDue(_ index: Int, at now: Instant) {
        if let renewal = groups[index].renewal, Deadline.timer(renewal).hasPassed(at: now) {
            groups[index].enqueueAll()
            groups[index].renewal = self.renewal(from: now)
        }
        if let retry = groups[index].retry, Deadline.timer(retry).hasPassed(at: now) {
            groups[index].enqueue(groups[index].settings.vips.filter { groups[index].failures[$0] != nil })
            groups[index].retry = nil
        }
    }

    /// An interface that is not there takes nothing, and one that is off would take IPv6 addresses without their route.
    private mutating func failWithoutLink(_ index: Int, at now: Instant) {
        let name = groups[index].settings.interface
        let interface = kernel.interfaces[name]
        if interface?.isUp == true { return }
        for vip in groups[index].queue where interface == nil || vip.address.bitWidth == 128 {
            let reason = interface == nil ? "there is no interface \(name)" : "\(name) is down"
            fail(vip, of: index, "cannot add \(vip) to \(name): \(reason)", at: now)
        }
        groups[index].queue.removeAll { interface == nil || $0.address.bitWidth == 128 }
    }

    private mutating func fail(_ vip: Prefix, of index: Int, _ reason: String, at now: Instant) {
        groups[index].failures[vip] = reason
        if groups[index].retry == nil { groups[index].retry = now + Self.retryInterval }
    }
}

// MARK: - Answers

extension KeeperCore {
    mutating func digest(_ answer: KernelAnswer, at now: Instant) {
        guard let command = kernel.underway else { return }
        kernel.underway = nil
        switch (command, answer) {
        case (.add(let placements), .performed(let failures)): added(placements, failures, at: now)
        case (.add(let placements), .failed(let reason)): added(placements, all(placements, reason), at: now)
        case (.remove(let placements), .performed(let failures)): removed(placements, failures, at: now)
        case (.remove(let placements), .failed(let reason)): removed(placements, all(placements, reason), at: now)
        case (.dump, .dumped(let addresses, let interfaces)): dumped(addresses, interfaces, at: now)
        case (.dump, .failed(let reason)): cannotDump(reason, at: now)
        case (.dump, .performed), (.add, .dumped), (.remove, .dumped):
            preconditionFailure("\(answer) does not answer \(command)")
        }
    }

    private func all(_ placements: [Placement], _ reason: String) -> [Placement: String] {
        Dictionary(placements.map { ($0, reason) }) { first, _ in first }
    }

    private mutating func added(_ placements: [Placement], _ failures: [Placement: String], at now: Instant) {
        let fresh = placements.filter { failures[$0] == nil && kernel.confirm($0) }
        guard let first = placements.first, let index = kernel.owners[first.prefix.address]?.group else { return }
        // What failed may be on all the same.
        if !failures.isEmpty { kernel.needsDump = true }
        guard groups[index].hold != nil else { return }
        let done = Set(placements.map(\.prefix))
        groups[index].queue.removeAll { done.contains($0) }
        for placement in placements {
            groups[index].failures[placement.prefix] = nil
            if let reason = failures[placement] { fail(placement.prefix, of: index, reason, at: now) }
        }
        if isActive(index, at: now), !fresh.isEmpty { announce(fresh, of: index, at: now) }
    }

    private mutating func removed(_ placements: [Placement], _ failures: [Placement: String], at now: Instant) {
        for placement in placements where failures[placement] == nil { kernel.removed(placement) }
        kernel.needsDump = true
        guard let (placement, reason) = failures.min(by: { $0.key < $1.key }) else { return }
        voidWill()
        let (pause, isFirst) = kernel.rest()
        for placement in failures.keys { kernel.rest(placement, until: now + pause) }
        if isFirst {
            notice(.error, "a virtual IP could not be taken off", ("vip", "\(placement.prefix)"), ("reason", reason))
        }
    }

    private mutating func cannotDump(_ reason: String, at now: Instant) {
        voidWill()
        kernel.needsDump = true
        let (pause, isFirst) = kernel.rest()
        kernel.dumpRestsUntil = now + pause
        if isFirst { notice(.error, "the addresses could not be listed", ("reason", reason)) }
    }
}

// MARK: - What a dump shows

extension KeeperCore {
    private mutating func dumped(_ all: [StandingAddress], _ interfaces: [Interface], at now: Instant) {
        let standing = all.filter { kernel.owners[$0.placement.prefix.address] != nil }
        reconcile(interfaces)
        for index in groups.indices where isActive(index, at: now) { putBack(index, standing) }
        for address in standing where kernel.placed[address.placement] == nil && !isWanted(address.placement, at: now) {
            noticeStranger(address)
        }
        kernel.replace(with: standing)
        // While something resists removal the pauses go on growing.
        if kernel.resting.isEmpty { kernel.wake() }
        reportProven(standing)
        if standing.isEmpty { conclude(at: now) }
    }

    /// What is held and confirmed, but gone or made permanent by somebody else, is put on again at once.
    private mutating func putBack(_ index: Int, _ standing: [StandingAddress]) {
        let group = groups[index].settings
        guard let interface = kernel.interfaces[group.interface] else { return }
        let found = Dictionary(standing.map { ($0.placement, $0) }) { first, _ in first }
        for vip in group.vips {
            let placement = Placement(vip, on: interface.index)
            guard kernel.placed[placement] == .on else { continue }
            let change = Self.change(of: found[placement], isTimed: plan.kernelLifetime > 0)
            guard let change else { continue }
            groups[index].enqueue([vip])
            notice(.warn, "a virtual IP is put back", ("vip", "\(vip)"), ("reason", change))
        }
    }

    private static func change(of address: StandingAddress?, isTimed: Bool) -> String? {
        guard let address else { return "it was gone" }
        return address.isPermanent && isTimed ? "it had become permanent" : nil
    }

    private mutating func noticeStranger(_ address: StandingAddress) {
        notice(
            .warn,
            "a virtual IP that is not held here is taken off",
            ("vip", "\(address.placement.prefix)"),
            ("interface", kernel.name(of: address.placement.interface))
        )
    }

    private mutating func reportProven(_ standing: [StandingAddress]) {
        let present = Set(standing.compactMap { kernel.owners[$0.placement.prefix.address]?.group })
        let isProven = { (proof: Proof) in !present.contains(where: proof.concerns) }
        for proof in proofs where isProven(proof) { report(proof.report) }
        proofs.removeAll(where: isProven)
    }
}

// MARK: - Interfaces

extension KeeperCore {
    /// At link up, on another hardware address or in place of one that was removed, all VIPs go on and are announced
    /// again: IPv6 addresses are lost on link down, and neighbours must learn.
    mutating func note(_ interface: Interface) {
        let formerName = kernel.watchedInterface(interface.index)?.name
        let old = kernel.interfaces[interface.name]
        kernel.set(interface)
        if let formerName, formerName != interface.name { begin(anew: formerName) }
        guard let new = kernel.interfaces[interface.name] else { return }
        let cameUp = new.isUp && old?.isUp != true
        guard cameUp || old?.index != new.index || old?.hardwareAddress != new.hardwareAddress else { return }
        kernel.doubt(new.index)
        begin(anew: new.name)
    }

    mutating func forget(_ index: InterfaceIndex) {
        let name = kernel.watchedInterface(index)?.name
        kernel.remove(index)
        if let name { begin(anew: name) }
    }

    /// Whatever the events left out, the list has it.
    private mutating func reconcile(_ interfaces: [Interface]) {
        let present = Set(interfaces.map(\.index))
        for gone in kernel.interfaces.values.map(\.index) where !present.contains(gone) { forget(gone) }
        for interface in interfaces { note(interface) }
    }

    private mutating func begin(anew name: String) {
        kernel.needsDump = true
        kernel.mayHaveStrays = true
        for index in groups.indices where groups[index].settings.interface == name && groups[index].hold != nil {
            groups[index].enqueueAll()
        }
    }
}

// MARK: - Announcements

extension KeeperCore {
    /// The first frame of each VIP leaves with the answer that it is on; the repeats follow.
    private mutating func announce(_ fresh: [Placement], of index: Int, at now: Instant) {
        effects.append(.announce(fresh))
        groups[index].announcements = AnnouncementSchedule(plan.announcing, from: now, isFirstRoundOut: true)
    }

    mutating func announceDue(at now: Instant) {
        for index in groups.indices where isActive(index, at: now) {
            // Taken even where nothing can be sent, or the same round would be due for ever.
            let round = groups[index].takeAnnouncements(at: now)
            guard let interface = kernel.interfaces[groups[index].settings.interface], interface.isUp else { continue }
            let due = round.map { Placement($0, on: interface.index) }.filter { kernel.placed[$0] == .on }
            if !due.isEmpty { effects.append(.announce(due)) }
        }
    }
}
