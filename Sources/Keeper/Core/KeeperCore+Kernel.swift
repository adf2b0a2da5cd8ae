import Linux
import Net
import Time

/// Makes the kernel's addresses what the holds say: off comes first, then a look at what there is, then on.
extension KeeperCore {
    mutating func perform(_ command: KernelCommand) {
        kernel.underway = command
        effects.append(.perform(command))
    }

    /// Whether a configured VIP may be just there: the very prefix on the very interface, under a hold, behind an open gate.
    func isWanted(_ placement: Placement, at now: Instant) -> Bool {
        if let group = kernel.lingering[placement] { return isActive(group, at: now) && isPassable(group) }
        guard let owner = kernel.owners[placement.prefix.address], !owner.isLeaving, isActive(owner.group, at: now),
            isPassable(owner.group)
        else { return false }
        let interface = kernel.interfaces[groups[owner.group].settings.interface]
        return interface?.index == placement.interface && owner.prefix == placement.prefix
    }

    /// What is on and not held, a stranger's second prefix included, or not to stay as it is.
    func strays(at now: Instant) -> [Placement] {
        kernel.placed.keys.filter { isStray($0, at: now) }.sorted()
    }

    private func isStray(_ placement: Placement, at now: Instant) -> Bool {
        kernel.spoilt.contains(placement) || !isWanted(placement, at: now)
    }

    mutating func nextRemoval(at now: Instant) -> KernelCommand? {
        kernel.endRests(at: now)
        if kernel.mayHaveStrays { kernel.willRemove(strays(at: now)) }
        // Looked at again batch by batch: a new hold may want what an earlier one has left.
        while let batch = kernel.takeStrays() {
            let due = batch.filter { kernel.isRemovable($0) && isStray($0, at: now) }
            if due.isEmpty { continue }
            // What others have put on, or a plan does not have any more, is taken off without a promise to anybody.
            if withdrawalBegin == nil, !proofs.allSatisfy(isOfGoneGroup) { withdrawalBegin = now }
            return .remove(due)
        }
        return nil
    }

    mutating func nextDump(at now: Instant) -> KernelCommand? {
        let isCheckDue = kernel.checkDue.map { Deadline.timer($0).hasPassed(at: now) } ?? false
        guard kernel.needsDump || isCheckDue, kernel.dumpRestsUntil == nil else { return nil }
        kernel.needsDump = false
        kernel.checkDue = nil
        return .dump
    }

    mutating func nextAddition(at now: Instant) -> KernelCommand? {
        let active = groups.indices.filter { isActive($0, at: now) }
        for index in active {
            enqueueDue(index, at: now)
            failWithoutLink(index, at: now)
        }
        // A group of one VIP does not wait behind one of thousands, and nothing waits behind refreshes.
        let fewest = active.sorted { groups[$0].queue.count < groups[$1].queue.count }
        for index in fewest where !groups[index].queue.isEmpty && fence?.owesRules != true {
            if let opening = opening(before: index, at: now) { return opening }
            guard isPassable(index) else { continue }
            if let command = addition(groups[index].queue.take(kernel.additions.size), of: index) { return command }
        }
        for index in active where isPassable(index) {
            if let command = addition(nextRefreshes(index), of: index) { return command }
        }
        return nil
    }

    /// A VIP that is fought over waits for the end of its pause.
    private mutating func nextRefreshes(_ index: Int) -> [Prefix] {
        while !groups[index].refreshes.isEmpty {
            let batch = groups[index].refreshes.take(kernel.refreshes.size)
            let due = batch.filter { !groups[index].fights.isPaused($0) }
            if !due.isEmpty { return due }
        }
        return []
    }

    /// Nothing goes on before its fence is open.
    private mutating func opening(before index: Int, at now: Instant) -> KernelCommand? {
        isPassable(index) ? nil : nextOpening(index, at: now)
    }

    /// Nil where nothing of the batch is the group's any more.
    mutating func addition(_ wanted: [Prefix], of index: Int) -> KernelCommand? {
        let batch = wanted.filter { kernel.owners[$0.address] == KernelView.Owner(group: index, prefix: $0) }
        guard !batch.isEmpty, let interface = kernel.interfaces[groups[index].settings.interface] else { return nil }
        let placements = batch.map { Placement($0, on: interface.index) }
        kernel.isRefreshing = kernel.placed[placements[0]] == .on
        for placement in placements { kernel.attempt(placement) }
        return .add(placements)
    }

    /// Renewals, and what failed a while ago.
    private mutating func enqueueDue(_ index: Int, at now: Instant) {
        if let renewal = groups[index].renewal, Deadline.timer(renewal).hasPassed(at: now) {
            // Nothing new goes on by the way, behind rules that do not know it.
            let vips = groups[index].settings.vips
            groups[index].refreshes.fill(with: fence?.owesRules == true ? vips.filter { isOn($0, of: index) } : vips)
            groups[index].renewal = self.renewal(from: now)
        }
        if let retry = groups[index].retry, Deadline.timer(retry).hasPassed(at: now) {
            groups[index].enqueue(groups[index].settings.vips.filter { groups[index].failures[$0] != nil })
            groups[index].retry = nil
        }
    }

    private func isOn(_ vip: Prefix, of index: Int) -> Bool {
        guard let interface = kernel.interfaces[groups[index].settings.interface]?.index else { return false }
        return kernel.placed[Placement(vip, on: interface)] == .on
    }

    /// An interface that is not there takes nothing, and one that is off would take IPv6 addresses without their route.
    private mutating func failWithoutLink(_ index: Int, at now: Instant) {
        let name = groups[index].settings.interface
        let interface = kernel.interfaces[name]
        if interface?.isUp == true { return }
        groups[index].enqueue(groups[index].refreshes.waiting)
        groups[index].refreshes = WorkQueue()
        for vip in groups[index].queue.waiting where interface == nil || vip.address.bitWidth == 128 {
            let reason = interface == nil ? "there is no interface \(name)" : "\(name) is down"
            fail(vip, of: index, "cannot add \(vip) to \(name): \(reason)", at: now)
        }
        groups[index].queue.removeAll { interface == nil || $0.address.bitWidth == 128 }
    }

    mutating func fail(_ vip: Prefix, of index: Int, _ reason: String, at now: Instant) {
        groups[index].failures[vip] = reason
        if groups[index].retry == nil { groups[index].retry = now + Self.retryInterval }
    }
}

// MARK: - Answers

extension KeeperCore {
    mutating func digest(_ answer: KernelAnswer, at now: Instant) {
        guard let command = kernel.underway else { return }
        kernel.underway = nil
        kernel.pace(command, until: now)
        switch (command, answer) {
        case (.add(let placements), .performed(let failures)): added(placements, failures, at: now)
        case (.add(let placements), .failed(let reason)): added(placements, all(placements, reason), at: now)
        case (.remove(let placements), .performed(let failures)): removed(placements, failures, at: now)
        case (.remove(let placements), .failed(let reason)): removed(placements, all(placements, reason), at: now)
        case (.dump, .dumped(let addresses, let interfaces)): dumped(addresses, interfaces, at: now)
        case (.dump, .failed(let reason)): cannotDump(reason, at: now)
        case (.fence(let command), .fenced(let answer)): fenced(command, answer, at: now)
        case (.fence(let command), .failed(let reason)): cannotFence(command, reason, at: now)
        case (.dump, .performed), (.add, .dumped), (.remove, .dumped), (.fence, .performed), (.fence, .dumped),
            (.add, .fenced), (.remove, .fenced), (.dump, .fenced):
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
        for placement in placements {
            groups[index].failures[placement.prefix] = nil
            if let reason = failures[placement] { fail(placement.prefix, of: index, reason, at: now) }
        }
        guard isActive(index, at: now), !fresh.isEmpty else { return }
        if groups[index].fresh.isEmpty { groups[index].freshSince = now }
        groups[index].fresh += fresh
    }

    private mutating func removed(_ placements: [Placement], _ failures: [Placement: String], at now: Instant) {
        let gone = placements.filter { failures[$0] == nil }
        for placement in gone { kernel.removed(placement) }
        kernel.lastRemoval = now
        restoreReplaced(gone, at: now)
        // Who waits for a proof waits for a list; what a stranger had put on is only looked after.
        if phase == .serving, proofs.isEmpty, failures.isEmpty {
            kernel.checkSoon(at: now)
        } else {
            kernel.needsDump = true
        }
        guard let (placement, reason) = failures.min(by: { $0.key < $1.key }) else { return }
        voidWill()
        let (pause, isFirst) = kernel.rest()
        for placement in failures.keys { kernel.rest(placement, until: now + pause) }
        if isFirst {
            notice(.notRemoved, ("vip", "\(placement.prefix)"), ("reason", reason))
        }
    }

    private mutating func cannotDump(_ reason: String, at now: Instant) {
        voidWill()
        kernel.needsDump = true
        let (pause, isFirst) = kernel.rest()
        kernel.dumpRestsUntil = now + pause
        if isFirst { notice(.notListed, ("reason", reason)) }
    }
}
