import Linux
import Net
import Time

/// Another machine that claims a VIP, as frames and the kernel's duplicate detection show it.
extension KeeperCore {
    /// Frames of the former holder may still be on their way when the group has just been put on here.
    static let grace = Duration.seconds(1)

    /// Only the holder judges: of what is held elsewhere, its holder's announcements are just what is expected.
    mutating func judge(_ claim: AddressClaim, on interface: InterfaceIndex, at now: Instant) {
        guard let owner = kernel.owners[claim.address], !kernel.isOurs(claim.hardware) else { return }
        let placement = Placement(owner.prefix, on: interface)
        guard kernel.placed[placement] == .on, isWanted(placement, at: now),
            let heldSince = groups[owner.group].heldSince, Deadline.timer(heldSince + Self.grace).hasPassed(at: now)
        else { return }
        let (claims, toTell) = conflicts.note(claim.address, at: now)
        tallies[owner.group].change(at: now) {
            $0.conflicts += 1
            $0.rival = .init(address: claim.address, hardware: claim.hardware, claims: claims, lastClaim: now)
        }
        if let toTell { notice(of: claim, owner, toTell, on: interface) }
        if conflicts.mayDefend(claim.address, at: now) { defend([placement], of: owner.group, at: now) }
    }

    private mutating func notice(
        of claim: AddressClaim,
        _ owner: KernelView.Owner,
        _ claims: UInt64,
        on interface: InterfaceIndex
    ) {
        notice(
            .rivalClaims,
            ("vip", "\(owner.prefix)"),
            ("hardware", "\(claim.hardware)"),
            ("interface", kernel.name(of: interface)),
            ("claims", "\(claims)")
        )
    }

    /// What was claimed again too soon after its last defence, now that it may be defended once more.
    mutating func defendOwed(at now: Instant) {
        for address in conflicts.takeOwed(upTo: Self.batch, at: now) {
            guard let owner = kernel.owners[address],
                let interface = kernel.interfaces[groups[owner.group].settings.interface]
            else { continue }
            let placement = Placement(owner.prefix, on: interface.index)
            guard kernel.placed[placement] == .on, isWanted(placement, at: now),
                conflicts.mayDefend(address, at: now)
            else { continue }
            defend([placement], of: owner.group, at: now)
        }
    }

    private mutating func defend(_ placements: [Placement], of group: Int, at now: Instant) {
        effects.append(.announce(placements))
        tallies[group].change(at: now) { $0.defences += UInt64(placements.count) }
    }
}

// MARK: - Duplicate detection

extension KeeperCore {
    /// Between two attempts to put on anew what the kernel does not use.
    private static let spoilInterval = Duration.seconds(1)

    /// A VIP under duplicate detection answers nobody for more than a second, and one that failed it never again. Ours go
    /// on without (`IFA_F_NODAD`), so somebody has put it on anew; the kernel clears neither flag by a change.
    mutating func spoilDuplicates(_ index: Int, _ standing: [StandingAddress], at now: Instant) {
        for address in standing where address.isDuplicate || address.isTentative {
            let vip = address.placement.prefix
            guard kernel.owners[vip.address]?.group == index, isWanted(address.placement, at: now),
                kernel.spoil(address.placement, at: now, every: Self.spoilInterval)
            else { continue }
            groups[index].enqueue([vip])
            if address.isDuplicate { tallies[index].change(at: now) { $0.duplicates += 1 } }
            let reason = address.isDuplicate ? "duplicate detection had failed (DADFAILED)" : "it was tentative"
            notice(
                .putOnAnew,
                ("vip", "\(vip)"),
                ("reason", reason)
            )
        }
    }
}
