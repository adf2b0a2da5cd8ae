import Net
import Time

/// The fence before the addresses: opened before one of a group is put on, closed before one is taken off, and renewed
/// with each hold, since the kernel closes it by itself.
///
/// An address stands behind an open gate or is on its way off. A gate that has closed by itself is opened again only when
/// all addresses of its group are off: so a keeper that is frozen between its look at the clock and the kernel opens a
/// gate before nothing, and looks at the clock again before it puts an address on.
extension KeeperCore {
    /// Between attempts to renew, which have little time.
    static let fencePause = Duration.milliseconds(10)
    /// Between attempts to close what closes by itself as well.
    static let fenceRest = Duration.milliseconds(100)
    /// For rules that cannot be changed: others may be at them. After that what waits for them counts as failed.
    static let rulesPatience = Duration.seconds(1)

    /// Whether addresses of the group may be on as far as the fence goes.
    func isPassable(_ index: Int) -> Bool {
        guard let fence else { return true }
        if case .open = fence.gates[index] { return true }
        return false
    }

    /// A hold has come, which may last longer or shorter than the gate is open.
    mutating func renewFence(_ index: Int, at now: Instant) {
        if case .open(let until, _) = fence?.gates[index] { fence?.gates[index] = .open(until: until, renewal: now) }
    }

    /// What cannot wait for addresses to be removed: gates to close, then gates to renew.
    mutating func nextFenceCommand(at now: Instant) -> KernelCommand? {
        guard let fence else { return nil }
        if let rebuild = nextRebuild(at: now) { return rebuild }
        // What could not be closed rests for a while; what has not been tried does not.
        let isResting = fence.restsUntil.map { !Deadline.timer($0).hasPassed(at: now) } ?? false
        let closing = groups.indices.filter {
            mustClose($0, at: now) && !(isResting && fence.gates[$0] == .uncertain)
        }
        if !closing.isEmpty { return .fence(.close(groups: closing)) }
        for index in groups.indices where isActive(index, at: now) {
            guard let until = groups[index].hold?.until, case .open(let end, let renewal?) = fence.gates[index],
                Deadline.timer(renewal).hasPassed(at: now)
            else { continue }
            if FenceTime.milliseconds(until: until, at: now) != nil {
                return .fence(.renew(group: index, until: until))
            }
            self.fence?.gates[index] = .open(until: end, renewal: nil)
        }
        return nil
    }

    private func nextRebuild(at now: Instant) -> KernelCommand? {
        guard let fence, fence.owesRules, fence.rulesRestUntil.map({ Deadline.timer($0).hasPassed(at: now) }) ?? true
        else { return nil }
        var addresses = groups.map { Set($0.settings.vips.map(\.address)) }
        for (address, owner) in kernel.owners where owner.isLeaving { addresses[owner.group].insert(address) }
        return .fence(
            .rebuild(addresses.map { $0.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) } }, heirs: fence.heirs)
        )
    }

    private func mustClose(_ index: Int, at now: Instant) -> Bool {
        switch fence?.gates[index] {
        case .closed, nil: false
        case .uncertain: true
        case .open: !isActive(index, at: now)
        }
    }

    /// Opens the gate before the first address; nil where it has to wait.
    mutating func nextOpening(_ index: Int, at now: Instant) -> KernelCommand? {
        guard let until = groups[index].hold?.until, fence?.gates[index] == .closed,
            FenceTime.milliseconds(until: until, at: now) != nil,
            !kernel.placed.keys.contains(where: { kernel.owners[$0.prefix.address]?.group == index })
        else { return nil }
        fence?.gates[index] = .uncertain
        return .fence(.open(group: index, until: until))
    }

    func fenceDeadlines(at now: Instant) -> [Deadline] {
        guard let fence else { return [] }
        let renewals = groups.indices.compactMap { index -> Instant? in
            if isActive(index, at: now), case .open(_, let renewal) = fence.gates[index] { renewal } else { nil }
        }
        let rests = groups.indices.contains { mustClose($0, at: now) } ? fence.restsUntil : nil
        let rules = fence.owesRules ? fence.rulesRestUntil : nil
        return (renewals + [rests, rules].compactMap(\.self)).map { .timer($0) }
    }
}

// MARK: - Answers

extension KeeperCore {
    mutating func fenced(_ command: FenceCommand, _ answer: FenceAnswer, at now: Instant) {
        if answer == .done(isRestored: true) {
            notice(.fenceRestored)
        }
        switch (command, answer) {
        case (.open(let index, let until), .done), (.renew(let index, let until), .done):
            let renewal = nextRenewal(of: index, openUntil: until, at: now)
            fence?.gates[index] = .open(until: until, renewal: renewal)
        case (.open(let index, _), .tooLate), (.open(let index, _), .hasClosed): fence?.gates[index] = .closed
        case (.renew(let index, _), .hasClosed): beginAnew(index)
        case (.renew(let index, _), .tooLate): postpone(index, to: nil)
        case (.rebuild, _): finishRebuild(at: now)
        case (.close(let indices), _):
            for index in indices { fence?.gates[index] = .closed }
            fence?.restsUntil = nil
        }
    }

    /// At two thirds of the gate's time where no hold comes before; at once where one has come meanwhile.
    private func nextRenewal(of index: Int, openUntil until: Instant, at now: Instant) -> Instant {
        guard groups[index].hold?.until == until else { return now }
        return now + Deadline.either(until).remaining(at: now) / 10 * 6
    }

    private mutating func postpone(_ index: Int, to renewal: Instant?) {
        if case .open(let end, _) = fence?.gates[index] { fence?.gates[index] = .open(until: end, renewal: renewal) }
    }

    /// The keeper came too late. Its addresses stand behind a closed gate: off, and on again through the open one.
    private mutating func beginAnew(_ index: Int) {
        fence?.gates[index] = .closed
        kernel.mayHaveStrays = true
        guard groups[index].hold != nil else { return }
        groups[index].fresh = []
        groups[index].enqueueAll()
        notice(.fenceClosedEarly, ("group", groups[index].settings.name))
    }

    mutating func cannotFence(_ command: FenceCommand, _ reason: String, at now: Instant) {
        switch command {
        case .open(let index, _): failQueue(of: index, "cannot open the fence", reason, at: now)
        case .renew(let index, _):
            notice(.fenceNotRenewed, ("reason", reason))
            guard case .open(let end, _) = fence?.gates[index], Deadline.either(end).hasPassed(at: now) else {
                return postpone(index, to: now + Self.fencePause)
            }
            beginAnew(index)
            // Nobody has said so: it is closed once more.
            fence?.gates[index] = .uncertain
        case .rebuild: cannotRebuild(reason, at: now)
        case .close(let indices):
            for index in indices {
                fence?.gates[index] = .uncertain
                failQueue(of: index, "cannot close the fence", reason, at: now)
            }
            fence?.restsUntil = now + Self.fenceRest
            notice(.fenceNotClosed, ("reason", reason))
        }
    }

    private mutating func finishRebuild(at now: Instant) {
        let hasFailed = fence?.rulesFailingSince != nil
        fence?.owesRules = false
        fence?.rulesRestUntil = nil
        fence?.rulesFailingSince = nil
        fence?.heirs = [:]
        // What failed for the rules' sake does not wait for its turn.
        if hasFailed { for index in groups.indices where groups[index].retry != nil { groups[index].retry = now } }
    }

    /// It is tried again for as long as it takes. But what is new is nowhere meanwhile, and another node could have it.
    private mutating func cannotRebuild(_ reason: String, at now: Instant) {
        let since = fence?.rulesFailingSince ?? now
        fence?.rulesFailingSince = since
        fence?.rulesRestUntil = now + Self.fenceRest
        notice(.fenceNotChanged, ("reason", reason))
        guard Deadline.timer(since + Self.rulesPatience).hasPassed(at: now) else { return }
        for index in groups.indices { failQueue(of: index, "cannot change the fence", reason, at: now) }
    }

    /// What waits for the gate is not put on, and whoever asked for it learns why.
    private mutating func failQueue(of index: Int, _ what: String, _ reason: String, at now: Instant) {
        for vip in groups[index].queue.waiting { fail(vip, of: index, "\(what) for \(vip): \(reason)", at: now) }
        groups[index].queue = WorkQueue()
    }
}
