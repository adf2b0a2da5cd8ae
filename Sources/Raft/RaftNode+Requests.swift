/// What an operator asks of a leader, done or refused at once with a reason.
extension RaftNode {
    mutating func answer(_ request: Request, _ number: UInt64) {
        let answer: Answer
        do throws(RequestFault) { answer = try handle(request) } catch { answer = .refused(error) }
        effects.append(.answered(number, answer))
    }

    private mutating func handle(_ request: Request) throws(RequestFault) -> Answer {
        guard case .leader(let leadership) = state else { throw .isNoLeader(leader: knownLeader) }
        guard leadership.ending == nil else { throw .isEnding }
        switch request {
        case .transfer(let heir): return try transfer(to: heir, leadership)
        case .change(let change): return try self.change(change, leadership)
        case .appoint(let id, let appointment): return try appoint(id, appointment)
        case .append(let bytes):
            guard bytes.count <= LogPayload.dataLimit else { throw .isTooLong(bytes.count) }
            let index = append(.data(bytes))
            sendHeartbeats()
            return .appended(index)
        }
    }

    private var knownLeader: NodeID? {
        if case .follower(let leader) = state { leader } else { nil }
    }

    private mutating func transfer(to wanted: NodeID?, _ leadership: Leadership) throws(RequestFault) -> Answer {
        if wanted == id { throw .leadsAlready }
        guard let heir = wanted ?? fitHeir(leadership) else { throw .hasNoSuccessor }
        if let fault = heirFault(heir, leadership) { throw fault }
        end(.handover(to: heir), reason: "an operator wants \(heir) to lead")
        return .handingOver(to: heir)
    }

    private mutating func change(
        _ change: MembershipChange,
        _ leadership: Leadership
    ) throws(RequestFault) -> Answer {
        guard mayChangeMembership(leadership) else { throw .isChanging }
        let next: Membership
        do throws(MembershipFault) { next = try membership.applying(change) } catch { throw .membership(error) }
        try expectTellable(.membership(next))
        let index = changeMembership(to: next, reason: change.reason)
        sendHeartbeats()
        return .appended(index)
    }
}

extension RaftNode {
    private mutating func appoint(_ id: NodeID, _ appointment: Appointment) throws(RequestFault) -> Answer {
        guard membership.member(id) != nil else { throw .membership(.isNoMember(id)) }
        try expectTellable(.appointment(id, appointment))
        let index = append(.appointment(id, appointment))
        sendHeartbeats()
        return .appended(index)
    }

    private func expectTellable(_ payload: LogPayload) throws(RequestFault) {
        var next = log.state
        next.apply(payload)
        guard next.isTellable else { throw .namesTooLong }
    }
}

extension MembershipChange {
    fileprivate var reason: String {
        switch self {
        case .add(let id, _, _): "\(id) is invited"
        case .remove(let id): "\(id) is removed"
        case .promote(let id): "\(id) shall vote"
        case .demote(let id): "\(id) shall not vote"
        }
    }
}
