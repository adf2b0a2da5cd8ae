package import Raft
package import Time

/// What can happen to the groups of a node.
package enum FailoverEvent: Hashable, Sendable {
    /// The election's lease lasts until then.
    case leaseRenewed(Term, until: Instant)
    /// The lease is over or is to be given up; renewals of the term that come later are ignored.
    case leaseEnded(Term)
    /// Another node leads, or none is known.
    case following(leader: NodeID?)
    /// The keeper has assigned and announced the part of a group.
    case assigned(part: String, Term)
    /// The keeper could not assign all of the part.
    case assignmentFailed(part: String, Term, reason: String)
    /// The keeper took the part off by itself: the lease ended before the agent renewed it.
    case expired(part: String, Term)
    /// The kernel has none of the VIPs, and none of this term or an older one will be installed.
    case withdrawn(Term)
    /// A hook that was run in a term has ended.
    case hookEnded(GroupHook, group: String, Term, HookResult)
    /// Why the links of a part are not good for holding it, or nil when they are, as they are taken to be at first.
    case linkChanged(part: String, fault: String?)
    /// The configuration has these groups from now on.
    case reconfigured([Group], upDelay: Duration)
    /// A part that the configuration does not have any more is off.
    case partWithdrawn(String)
    /// `nextDeadline` has passed. Harmless at any other time.
    case timeElapsed
}

/// What must be done, in this order.
package enum FailoverEffect: Hashable, Sendable {
    case assign(part: String, Term, until: Instant)
    /// Take every group off.
    case withdraw(Term)
    /// Tell the election that nothing of the term is held any more.
    case reportWithdrawn(Term)
    case run(GroupHook, group: String)
    /// Whether this node should hold anything has changed: with a reason it is to do so only where no other node can.
    case rank(fault: String?)
    /// Give leadership up, and rank behind the others for a while.
    case yield(group: String, reason: String)
    case note(FailoverNote, group: String)
}

package enum GroupHook: String, Hashable, Sendable, CaseIterable {
    case beforeMaster = "BeforeMaster"
    case toMaster = "ToMaster"
    case toSlave = "ToSlave"
}

/// What the end of a hook means for its group.
package enum HookResult: Hashable, Sendable {
    case succeeded
    /// It failed, and this node is not to hold the group for it.
    case aborted(reason: String)
    /// It is over in any other way: there is none, it was not needed any more, or it failed and nobody minds.
    case passed
}

/// A change that an operator should read.
package enum FailoverNote: Hashable, Sendable {
    case held(Term)
    case released(Term)
    case expired(Term)
    case failed(Term, reason: String)
    /// It should be another node's, but this one gave it up a while ago already.
    case kept(reason: String)
    /// A link of the group has a fault.
    case linkLost(reason: String)
    /// It has been good again for long enough.
    case linkRestored
    /// A hook failed: the node is not eligible for that long, or until the hook has succeeded.
    case hookFailed(GroupHook, reason: String, Duration)
    /// No hook keeps the node from the VIPs any more.
    case hookForgiven
    /// Its BeforeMaster failed, but no other node takes over.
    case heldUnprepared
}

struct Lease: Hashable, Sendable {
    let term: Term
    let until: Instant
}

/// The groups of a node: leadership, keeper's answers and hook results in; assign, withdraw and hooks out.
///
/// All groups follow one election. The invariant: `reportWithdrawn` leaves only after the keeper has said that the kernel
/// has nothing of the term, for the election then lets another node lead.
package struct Failover: Hashable, Sendable {
    package internal(set) var groups: [Group]
    /// Whether a kernel may ever have had something, also of a configuration that is no more.
    var hasHadParts: Bool
    private(set) var isFirstRoleKnown = false
    /// Another node leads, as far as this one has heard.
    private(set) var isFollower = false
    private var endedTerm: Term?
    /// What the keeper has said to be off: it installs nothing of this term or an older one any more.
    private var withdrawnTerm: Term?
    /// No second yield before then: where every node's hook fails, the VIP stays with one, loudly, instead of circling.
    private var yieldedUntil: Instant?
    var links: LinkHealth
    var hooks: HookFaults
    /// The latest end of the lease, for what is asked for between two renewals.
    private(set) var lease: Lease?

    /// How long a node that gave up for a failure ranks behind the others.
    package static let cooldown: Duration = .seconds(60)

    /// - Parameters:
    ///   - upDelay: For how long a link has been good before it counts as good again.
    ///   - hookCooldown: For how long a hook that failed keeps the node from the VIPs, the first time.
    package init(groups: [Group], upDelay: Duration = .zero, hookCooldown: Duration = Self.cooldown) {
        self.groups = groups
        hasHadParts = !groups.allSatisfy(\.parts.isEmpty)
        links = LinkHealth(upDelay: upDelay)
        hooks = HookFaults(cooldown: hookCooldown)
    }

    /// When to step with `timeElapsed` if nothing else happens before.
    package var nextDeadline: Instant? {
        [links.next, hooks.next].compactMap(\.self).min { $0.boottime < $1.boottime }
    }

    package mutating func step(_ event: FailoverEvent, at now: Instant) -> [FailoverEffect] {
        let wasFit = fault == nil
        // Before anything else, so that a failure is seen in the light of the link that it comes from.
        var effects = judgeLinks(event, at: now) + judgeHooks(event, at: now)
        // One reason is as good as another: what matters is whether there is one.
        if wasFit != (fault == nil) { effects.append(.rank(fault: fault)) }
        return effects + react(to: event, at: now)
    }

    private mutating func react(to event: FailoverEvent, at now: Instant) -> [FailoverEffect] {
        switch event {
        case .leaseRenewed(let term, let until): renew(term, until: until, at: now)
        case .leaseEnded(let term): end(term)
        case .following(let leader): follow(leader)
        case .assigned(let part, let term): confirm(part, term, at: now)
        case .assignmentFailed(let part, let term, let reason): fail(part, term, reason: reason, at: now)
        case .expired(let part, let term): expire(part, term)
        case .withdrawn(let term): finishWithdrawal(term)
        case .hookEnded(.beforeMaster, let name, let term, let result): finishPreparing(name, term, result, at: now)
        case .hookEnded(.toMaster, _, _, _), .hookEnded(.toSlave, _, _, _): []
        case .reconfigured(let groups, _): adopt(groups)
        case .partWithdrawn(let part): leave(part)
        case .linkChanged, .timeElapsed: []
        }
    }

    private mutating func renew(_ term: Term, until: Instant, at now: Instant) -> [FailoverEffect] {
        if let endedTerm, term <= endedTerm { return [] }
        (isFirstRoleKnown, isFollower) = (true, false)
        lease = Lease(term: term, until: until)
        return groups.indices.filter { !groups[$0].isLeaving }.flatMap { index -> [FailoverEffect] in
            switch groups[index].holding {
            case .off where groups[index].hasBeforeMaster: return prepare(index, term)
            case .preparing: return []
            case .reluctant(_, let since): return overcomeReluctance(index, term, since: since, until: until, at: now)
            case .off: groups[index].begin(term)
            case .assigning, .held, .withdrawing: break
            }
            return assign(index, term, until: until, at: now)
        }
    }

    /// Asks for the parts of a group, or anew; one without any is held at once.
    mutating func assign(_ index: Int, _ term: Term, until: Instant, at now: Instant) -> [FailoverEffect] {
        let assignments = groups[index].parts.map { FailoverEffect.assign(part: $0, term, until: until) }
        return assignments + holdIfComplete(index, term, at: now)
    }

    private mutating func confirm(_ part: String, _ term: Term, at now: Instant) -> [FailoverEffect] {
        guard let index = group(with: part), groups[index].wants(term) else { return [] }
        groups[index].missing.remove(part)
        return holdIfComplete(index, term, at: now)
    }

    private mutating func holdIfComplete(_ index: Int, _ term: Term, at now: Instant) -> [FailoverEffect] {
        guard groups[index].holding == .assigning(term), groups[index].missing.isEmpty else { return [] }
        groups[index].holding = .held(term, since: now)
        groups[index].failure = nil
        groups[index].owesToSlave = true
        let name = groups[index].name
        return [.note(.held(term), group: name), .run(.toMaster, group: name)]
    }

    /// The keeper tries again with each renewal; what it says is noted when it says something new.
    private mutating func fail(_ part: String, _ term: Term, reason: String, at now: Instant) -> [FailoverEffect] {
        guard let index = group(with: part), groups[index].wants(term), groups[index].failure != reason
        else { return [] }
        groups[index].failure = reason
        let name = groups[index].name
        let note = FailoverEffect.note(.failed(term, reason: reason), group: name)
        // A link that has a fault has its own way of handing over: only to a node that is better.
        return links.isFaulty(part) ? [note] : [note] + yield(name, reason: reason, at: now)
    }

    private mutating func end(_ term: Term) -> [FailoverEffect] {
        endedTerm = max(endedTerm ?? term, term)
        for index in groups.indices {
            switch groups[index].holding {
            case .off, .preparing, .reluctant: groups[index].holding = .withdrawing(term, wasHeld: false)
            case .assigning: groups[index].holding = .withdrawing(term, wasHeld: false)
            case .held: groups[index].holding = .withdrawing(term, wasHeld: true)
            case .withdrawing(_, let wasHeld): groups[index].holding = .withdrawing(term, wasHeld: wasHeld)
            }
        }
        // Where there never were VIPs there is nothing that a kernel could still have.
        let isOff = withdrawnTerm.map { $0 >= term } ?? false || !hasHadParts
        return isOff ? finishWithdrawal(term) : [.withdraw(term)]
    }

    private mutating func finishWithdrawal(_ term: Term) -> [FailoverEffect] {
        withdrawnTerm = max(withdrawnTerm ?? term, term)
        var effects: [FailoverEffect] = [.reportWithdrawn(term)]
        for index in groups.indices {
            guard case .withdrawing(let ending, let wasHeld) = groups[index].holding, ending <= term else { continue }
            groups[index].holding = .off
            if wasHeld { effects.append(.note(.released(ending), group: groups[index].name)) }
            effects += undo(index)
        }
        groups.removeAll { $0.isLeaving && $0.holding == .off }
        return effects
    }

    /// ToSlave, where there is something for it to undo.
    private mutating func undo(_ index: Int) -> [FailoverEffect] {
        guard groups[index].owesToSlave else { return [] }
        groups[index].owesToSlave = false
        return [.run(.toSlave, group: groups[index].name)]
    }

    private mutating func expire(_ part: String, _ term: Term) -> [FailoverEffect] {
        guard let index = group(with: part) else { return leave(part) }
        switch groups[index].holding {
        case .off, .preparing, .reluctant, .withdrawing: return []
        case .assigning(let current):
            if current == term { groups[index].missing.insert(part) }
            return []
        case .held(let current, _):
            guard current == term else { return [] }
            groups[index].holding = .off
            return [.note(.expired(term), group: groups[index].name)] + undo(index)
        }
    }

    /// The first role being follower is told once: that is how a site undoes what a crash left behind.
    private mutating func follow(_ leader: NodeID?) -> [FailoverEffect] {
        isFollower = leader != nil
        guard leader != nil, !isFirstRoleKnown else { return [] }
        isFirstRoleKnown = true
        return groups.map { .run(.toSlave, group: $0.name) }
    }

    private mutating func yield(_ name: String, reason: String, at now: Instant) -> [FailoverEffect] {
        if let end = yieldedUntil, !Deadline.timer(end).hasPassed(at: now) {
            return [.note(.kept(reason: reason), group: name)]
        }
        yieldedUntil = now + Self.cooldown
        return [.yield(group: name, reason: reason)]
    }
}
