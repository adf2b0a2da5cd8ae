import Linux
import Net
import Time

/// What a dump and the events say, and what is to be done about it.
extension KeeperCore {
    mutating func dumped(_ all: [StandingAddress], _ interfaces: [Interface], at now: Instant) {
        let standing = all.filter { kernel.owners[$0.placement.prefix.address] != nil }
        reconcile(interfaces)
        for index in groups.indices where isActive(index, at: now) {
            putBack(index, standing, at: now)
            spoilDuplicates(index, standing, at: now)
        }
        for address in standing where kernel.placed[address.placement] == nil && !isWanted(address.placement, at: now) {
            noticeStranger(address)
        }
        kernel.replace(with: standing)
        // While something resists removal the pauses go on growing.
        if kernel.resting.isEmpty { kernel.wake() }
        endWithdrawal(standing, at: now)
        reportProven(standing)
        settleIfThrough(standing, at: now)
        if standing.isEmpty { conclude(at: now) }
    }

    /// What is held and confirmed, but gone or made permanent by somebody else, is put on again at once.
    private mutating func putBack(_ index: Int, _ standing: [StandingAddress], at now: Instant) {
        let group = groups[index].settings
        guard let interface = kernel.interfaces[group.interface] else { return }
        let found = Dictionary(standing.map { ($0.placement, $0) }) { first, _ in first }
        for vip in group.vips {
            let placement = Placement(vip, on: interface.index)
            guard kernel.placed[placement] == .on else { continue }
            guard let address = found[placement] else {
                putBack(vip, of: index, after: .absence, at: now)
                continue
            }
            if isMadePermanent(address) { putBack(vip, of: index, after: .permanence(by: .unknown), at: now) }
        }
    }

    mutating func noticeStranger(_ address: StandingAddress, by author: Author = .unknown) {
        notice(
            .strangerRemoved,
            ("vip", "\(address.placement.prefix)"),
            ("interface", kernel.name(of: address.placement.interface)),
            ("by", "\(author)")
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
        if new.isUsable, old?.isUsable == false { announceAnew(on: new.index) }
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
