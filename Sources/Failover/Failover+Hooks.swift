import Raft
package import Time

/// What hooks mean for who holds the VIPs.
extension Failover {
    /// How long a group whose BeforeMaster failed waits for another node to take over. A handover begins within a heartbeat.
    static let reluctance: Duration = .seconds(1)

    /// Why this node should hold nothing, whichever of its groups it is about.
    var fault: String? { links.fault ?? hooks.fault }

    /// Why a hook keeps this node from the group now.
    package func hookFault(of group: String, at now: Instant) -> String? { hooks.fault(of: group, at: now) }

    /// For how long a hook that fails from now on keeps this node from the VIPs.
    package mutating func setHookCooldown(_ cooldown: Duration) { hooks.cooldown = cooldown }

    mutating func judgeHooks(_ event: FailoverEvent, at now: Instant) -> [FailoverEffect] {
        let wasFree = hooks.isEmpty
        var effects: [FailoverEffect] = []
        if case .hookEnded(let hook, let group, _, let result) = event {
            effects += note(HookFaults.Key(group: group, hook: hook), result, at: now)
        }
        if case .reconfigured(let groups, _) = event { hooks.follow(Set(groups.map(\.name))) }
        for key in hooks.expire(at: now) { effects += runAgain(key, at: now) }
        if !wasFree, hooks.isEmpty, let name = groups.first?.name { effects.append(.note(.hookForgiven, group: name)) }
        return effects
    }

    private mutating func note(_ key: HookFaults.Key, _ result: HookResult, at now: Instant) -> [FailoverEffect] {
        switch result {
        case .succeeded: hooks.forgive(key)
        case .passed: hooks.pass(key, at: now)
        case .aborted(let reason):
            let length = hooks.note(key, reason: reason, at: now)
            return [.note(.hookFailed(key.hook, reason: reason, length), group: key.group)]
        }
        return []
    }

    /// After its cooldown: ToSlave where the group is elsewhere, ToMaster where it is here all the same.
    private mutating func runAgain(_ key: HookFaults.Key, at now: Instant) -> [FailoverEffect] {
        guard let index = groups.firstIndex(where: { $0.name == key.group }) else { return [] }
        switch (key.hook, groups[index].holding) {
        case (.toSlave, .off), (.toMaster, .held):
            hooks.retry(key)
            return [.run(key.hook, group: key.group)]
        case (.toSlave, _): hooks.postpone(key, at: now)
        // Prepared anew with the next renewal.
        case (.beforeMaster, .reluctant): groups[index].holding = .off
        case (.toMaster, _), (.beforeMaster, _): break
        }
        return []
    }
}

extension Failover {
    /// The lease goes on meanwhile; nothing is asked for.
    mutating func prepare(_ index: Int, _ term: Term) -> [FailoverEffect] {
        groups[index].holding = .preparing(term)
        groups[index].owesToSlave = true
        return [.run(.beforeMaster, group: groups[index].name)]
    }

    mutating func finishPreparing(
        _ name: String,
        _ term: Term,
        _ result: HookResult,
        at now: Instant
    ) -> [FailoverEffect] {
        guard let index = groups.firstIndex(where: { $0.name == name }), groups[index].holding == .preparing(term)
        else { return [] }
        if case .aborted = result {
            groups[index].holding = .reluctant(term, since: now)
            return []
        }
        groups[index].begin(term)
        guard let lease, lease.term == term else { return [] }
        return assign(index, term, until: lease.until, at: now)
    }

    /// No other node has taken over: an address that nobody holds helps nobody.
    mutating func overcomeReluctance(
        _ index: Int,
        _ term: Term,
        since: Instant,
        until: Instant,
        at now: Instant
    ) -> [FailoverEffect] {
        guard Deadline.timer(since + Self.reluctance).hasPassed(at: now) else { return [] }
        groups[index].begin(term)
        return [.note(.heldUnprepared, group: groups[index].name)] + assign(index, term, until: until, at: now)
    }
}

extension Group {
    /// From here on all its parts are asked for.
    mutating func begin(_ term: Term) {
        holding = .assigning(term)
        missing = Set(parts)
    }
}
