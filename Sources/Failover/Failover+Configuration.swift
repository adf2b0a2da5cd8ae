import Raft

/// Another configuration while this node leads or follows: a group that is in both goes on as it is.
extension Failover {
    /// A group that is new here is `off`: the next renewal of the lease has it assigned. One that is gone leaves when the
    /// keeper has taken it off, with ToSlave where it had ToMaster.
    mutating func adopt(_ configured: [Group]) -> [FailoverEffect] {
        let former = groups
        hasHadParts = hasHadParts || !configured.allSatisfy(\.parts.isEmpty)
        let names = Set(configured.map(\.name))
        groups = configured.map { group in
            former.first { $0.name == group.name && !$0.isLeaving }?.following(group) ?? group
        }
        let gone = former.filter { $0.isLeaving || !names.contains($0.name) }
        groups += gone.compactMap(\.leaving)
        let newcomers = configured.filter { group in !former.contains { $0.name == group.name } }
        // What a node that starts as a follower does for all of them.
        let told: [FailoverEffect] =
            isFirstRoleKnown && isFollower ? newcomers.map { .run(.toSlave, group: $0.name) } : []
        // What BeforeMaster prepared for a group that nobody was told of.
        let undone = gone.filter { $0.owesToSlave && $0.leaving == nil }
        return told + undone.map { .run(.toSlave, group: $0.name) } + leaveIfOff()
    }

    /// A part of a group that leaves is off.
    mutating func leave(_ part: String) -> [FailoverEffect] {
        for index in groups.indices where groups[index].isLeaving { groups[index].parts.removeAll { $0 == part } }
        return leaveIfOff()
    }

    private mutating func leaveIfOff() -> [FailoverEffect] {
        var effects: [FailoverEffect] = []
        for group in groups where group.isLeaving && group.parts.isEmpty {
            switch group.holding {
            // The lease may have ended while its VIPs were still being taken off.
            case .held(let term, _), .withdrawing(let term, wasHeld: true):
                effects += [.note(.released(term), group: group.name), .run(.toSlave, group: group.name)]
            case .off, .preparing, .reluctant, .assigning, .withdrawing: continue
            }
        }
        groups.removeAll { $0.isLeaving && $0.parts.isEmpty }
        return effects
    }

    /// The group of the configuration that has the part.
    func group(with part: String) -> Int? {
        groups.firstIndex { !$0.isLeaving && $0.parts.contains(part) }
    }
}

extension Group {
    /// The same as another configuration has it. What is held stays so, while the keeper puts on what is new.
    fileprivate func following(_ configured: Group) -> Group {
        let new = configured.parts
        var group = self
        group.parts = new
        group.hasBeforeMaster = configured.hasBeforeMaster
        group.missing = missing.intersection(new)
        if case .assigning = holding { group.missing.formUnion(new.filter { !parts.contains($0) }) }
        return group
    }

    /// Nil where nobody was told that it is held.
    fileprivate var leaving: Group? {
        switch holding {
        case .off, .preparing, .reluctant, .assigning, .withdrawing(_, wasHeld: false): return nil
        case .held, .withdrawing(_, wasHeld: true):
            var group = self
            group.isLeaving = true
            return group
        }
    }
}
