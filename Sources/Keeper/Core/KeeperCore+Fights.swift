import Linux
import Net
import Time

/// What somebody else has done to a VIP that is on and held.
enum Touch: Hashable, Sendable {
    case removal(by: Author)
    /// `valid_lft forever`: nothing would take it off if we could not.
    case permanence(by: Author)
    /// Under another prefix, which is off again: on one interface the kernel has an IPv6 address once.
    case replacement
    /// A list has shown it gone.
    case absence
}

extension Touch: CustomStringConvertible {
    var description: String {
        switch self {
        case .removal(.kernel): "its lifetime was over"
        case .removal: "it was removed"
        case .permanence: "it was made permanent"
        case .replacement: "it was replaced by one with another prefix"
        case .absence: "it was gone"
        }
    }

    fileprivate var author: Author {
        switch self {
        case .removal(let author), .permanence(let author): author
        case .replacement, .absence: .unknown
        }
    }
}

struct TouchedVIP: Hashable, Sendable {
    let vip: Prefix
    let touch: Touch
}

/// Answers to what others do to configured addresses, from what the event itself says: a list of all addresses would cost
/// the more time the more there are. It comes a little later, to bear out what the events have said.
extension KeeperCore {
    /// Until a list is asked for after an event.
    static let checkDelay = Duration.milliseconds(100)
    /// Events of IPv6 name no author: within this time after a removal of our own they may tell of just that.
    static let ownRemovalEcho = Duration.seconds(1)

    mutating func lose(_ placement: Placement, to author: Author, at now: Instant) {
        guard let owner = kernel.owners[placement.prefix.address] else { return }
        // It was to go anyway.
        if kernel.lingering[placement] != nil || owner.isLeaving { return kernel.checkSoon(at: now) }
        // That is what was asked for.
        if case .remove(let placements) = kernel.underway, placements.contains(placement) { return }
        guard isWanted(placement, at: now) else {
            if kernel.placed[placement] != nil { kernel.checkSoon(at: now) }
            return
        }
        // With its link the kernel takes what the event of the link will bring back.
        guard kernel.interfaces[groups[owner.group].settings.interface]?.isUp == true else {
            return kernel.needsDump = true
        }
        if author == .unknown, let last = kernel.lastRemoval, now.longestElapsed(since: last) < Self.ownRemovalEcho {
            return kernel.needsDump = true
        }
        // Whether it went before or after what we are asking for just now, nobody knows.
        guard kernel.placed[placement] == .on || isUnderway(placement) else { return }
        putBack(owner.prefix, of: owner.group, after: .removal(by: author), at: now)
    }

    mutating func see(_ address: StandingAddress, by author: Author, at now: Instant) {
        let placement = address.placement
        guard let owner = kernel.owners[placement.prefix.address] else { return }
        if kernel.lingering[placement] != nil { return kernel.attempt(placement) }
        if isWanted(placement, at: now) {
            let isTouched = kernel.placed[placement] == .on && isMadePermanent(address)
            kernel.attempt(placement)
            // The kernel does not use it: a list, and what follows from it, puts it on anew.
            if address.isDuplicate || address.isTentative { kernel.needsDump = true }
            if isTouched { putBack(owner.prefix, of: owner.group, after: .permanence(by: author), at: now) }
        } else if author == .unknown, address.isTagged {
            // Of our own making, most probably, and off by now: a list tells.
            kernel.checkSoon(at: now)
        } else {
            kernel.attempt(placement)
            kernel.mayHaveStrays = true
            noticeStranger(address, by: author)
        }
    }

    func isMadePermanent(_ address: StandingAddress) -> Bool { address.isPermanent && plan.kernelLifetime > 0 }

    private func isUnderway(_ placement: Placement) -> Bool {
        if case .add(let placements) = kernel.underway { placements.contains(placement) } else { false }
    }

    /// On one interface IPv6 has an address once: with a stranger's prefix our own has gone.
    mutating func restoreReplaced(_ gone: [Placement], at now: Instant) {
        for placement in gone where placement.prefix.address.bitWidth == 128 {
            guard let owner = kernel.owners[placement.prefix.address], placement.prefix != owner.prefix,
                isWanted(Placement(owner.prefix, on: placement.interface), at: now),
                !groups[owner.group].queue.contains(owner.prefix)
            else { continue }
            putBack(owner.prefix, of: owner.group, after: .replacement, at: now)
        }
    }
}

// MARK: - Putting back

extension KeeperCore {
    /// At once, or after a pause where that has happened too often.
    mutating func putBack(_ vip: Prefix, of index: Int, after touch: Touch, at now: Instant) {
        guard let interface = kernel.interfaces[groups[index].settings.interface] else { return }
        kernel.doubt(Placement(vip, on: interface.index))
        kernel.checkSoon(at: now)
        // It will be refused, or come back with the link.
        guard interface.isUp else { return groups[index].enqueue([vip]) }
        let wasFought = groups[index].fights.fight != nil
        guard groups[index].fights.note(vip, by: touch.author, at: now) != nil else {
            return groups[index].touched.append(TouchedVIP(vip: vip, touch: touch))
        }
        tellOfFight(index, isNew: !wasFought, at: now)
    }

    /// The agent hears of it once a second at most, the log once.
    private mutating func tellOfFight(_ index: Int, isNew: Bool, at now: Instant) {
        guard let fight = groups[index].fights.fight else { return }
        let isDue = groups[index].toldOfFight.map { now.longestElapsed(since: $0) >= .seconds(1) } ?? true
        guard isNew || isDue else { return }
        groups[index].toldOfFight = now
        let name = groups[index].settings.name
        report(.contested(group: name, "\(fight.vip) was taken off \(fight.count) times, last by \(fight.author)"))
        guard isNew else { return }
        notice(
            .contested,
            ("vip", "\(fight.vip)"),
            ("group", name),
            ("by", "\(fight.author)")
        )
    }

    /// What was touched goes before renewals, however many those are.
    mutating func nextPutBack(at now: Instant) -> KernelCommand? {
        for index in groups.indices where isActive(index, at: now) {
            for vip in groups[index].fights.takeResumed(at: now) {
                groups[index].touched.append(TouchedVIP(vip: vip, touch: .absence))
            }
            let batch = groups[index].touched.prefix(min(Self.batch, kernel.additions.size))
            guard let first = batch.first else { continue }
            guard kernel.interfaces[groups[index].settings.interface]?.isUp == true else {
                // Its link went meanwhile: that is told like any other refusal.
                groups[index].enqueue(groups[index].touched.map(\.vip))
                groups[index].touched = []
                continue
            }
            guard isPassable(index) else {
                if let opening = nextOpening(index, at: now) { return opening }
                continue
            }
            groups[index].touched.removeFirst(batch.count)
            tellOfPuttingBack(first, others: batch.count - 1)
            return addition(batch.map(\.vip), of: index)
        }
        return nil
    }

    /// Who did it stands apart: to the log the same by another is the same.
    private mutating func tellOfPuttingBack(_ first: TouchedVIP, others: Int) {
        var fields = [KeeperNotice.Field("vip", "\(first.vip)"), .init("reason", "\(first.touch)")]
        if others > 0 { fields.append(.init("others", "\(others)")) }
        if case .stranger = first.touch.author { fields.append(.init("by", "\(first.touch.author)")) }
        report(.notice(KeeperNotice(.putBack, fields)))
    }

    mutating func endFights(at now: Instant) {
        for index in groups.indices where groups[index].fights.calm(at: now) {
            let name = groups[index].settings.name
            report(.contested(group: name, nil))
            notice(.calm, ("group", name))
        }
    }
}
