import Configuration
import Control
import Elections
import Linux
import Raft
import Time

/// What all orders have in common that only the leader can carry out.
extension Agent {
    typealias Completion = (ControlAnswer) -> Void

    /// Does it where this node leads, and otherwise has the leader do it.
    func asLeader(
        _ request: ControlRequest,
        of orderer: Orderer,
        then completion: @escaping Completion,
        _ act: (RaftElection) -> Void
    ) {
        guard let election else { return completion(.noLeader(leaderless)) }
        if case .leader = election.status.role { return act(election) }
        guard let leader, leader.id != election.id, case .here = orderer else {
            return completion(.noLeader(leaderless))
        }
        forward(request, to: leader.id, of: orderer, then: completion)
    }

    var leaderless: String {
        let node = configuration.node.id
        if let witness = removal.witness { return "\(node) is no member of the cluster any more, as \(witness) says" }
        return "no leader is known at \(node), so there is nobody to do it; `status` on each node says why"
    }

    /// Asks the core, and again for a while where the reason will pass by itself.
    func attempt(
        _ request: Request,
        on election: RaftElection,
        until end: Instant? = nil,
        then completion: @escaping (RequestOutcome) -> Void
    ) {
        let end = end ?? Clock.now() + Self.transience
        election.request(request) { [unowned self] outcome in
            guard case .refused(let fault) = outcome, isTransient(fault),
                !Deadline.timer(end).hasPassed(at: Clock.now())
            else { return completion(outcome) }
            loop.schedule(after: Self.glance) { [unowned self] in
                attempt(request, on: election, until: end, then: completion)
            }
        }
    }

    /// A change is settled, and a log caught up, within some heartbeats where the nodes are there.
    func isTransient(_ fault: RequestFault) -> Bool {
        switch fault {
        case .isChanging: true
        case .isBehind(let node): isHeard(node)
        case .isNoLeader, .isEnding, .membership, .isNoVoter, .leadsAlready, .mayNotHold, .hasNoSuccessor, .isTooLong,
            .namesTooLong:
            false
        }
    }

    /// Whether a leader has heard of it lately.
    func isHeard(_ node: NodeID) -> Bool {
        if node == election?.id { return true }
        let silence = election?.lastHeard(of: node).map { Clock.now().longestElapsed(since: $0) }
        return silence.map { $0 < PeerWatch.interval } ?? false
    }

    /// Looks again and again until something is so, for that long at most; then tells whether it is.
    func watch(for time: Duration, until condition: @escaping () -> Bool, then act: @escaping (Bool) -> Void) {
        let end = Clock.now() + time
        func look() {
            let isSo = condition()
            if isSo || Deadline.timer(end).hasPassed(at: Clock.now()) { return act(isSo) }
            loop.schedule(after: Self.glance, look)
        }
        look()
    }

    private static let glance: Duration = .milliseconds(20)
    private static let transience: Duration = .seconds(3)

    /// A member by the name that somebody typed.
    func member(named name: String) -> Member? {
        election?.status.membership.members.first { $0.id.text == name }
    }

    func unknown(member name: String) -> String {
        let names = election?.status.membership.members.map(\.id.text).sorted() ?? []
        let hint = suggestion(for: name, among: names).map { "did you mean \($0)?" }
        if names.isEmpty { return "there is no member \(quoted(name)): this node belongs to no cluster yet" }
        return "there is no member \(quoted(name)); \(hint ?? "the members are \(names.joined(separator: ", "))")"
    }
}

extension RequestOutcome {
    /// Why nothing was done, for people; nil where something was.
    var refusal: ControlAnswer? {
        switch self {
        case .handingOver, .committed: nil
        case .open:
            .refused(
                "the leader lost its quorum before the nodes had agreed: the next leader may still do it, or drop it; "
                    + "look at `members`"
            )
        case .refused(.isNoLeader(let leader)):
            .noLeader(leader.map { "\($0) leads now: ask again" } ?? "the leadership has just ended: ask again")
        case .refused(let fault): .refused(fault.text)
        }
    }
}

extension RequestFault {
    var text: String {
        switch self {
        case .isNoLeader: "this node does not lead"
        case .isEnding: "leadership is being handed over at this moment; ask again"
        case .isChanging:
            "the last change of the members is not settled yet, since no quorum answers; look at `members`"
        case .membership(let fault): fault.text
        case .isNoVoter(let id): "\(id) has no vote, so it cannot lead; look at `members`"
        case .leadsAlready: "it leads already"
        case .isBehind(let id): "\(id) does not answer, or has not caught up with the log; look at `members`"
        case .mayNotHold(let id): "\(id) cannot take the VIPs now"
        case .hasNoSuccessor: "there is no other node that could take the VIPs now; look at `members`"
        case .isTooLong(let count): "\(count) bytes are too long for the log"
        case .namesTooLong: "the members' names are too long together for that; take shorter ones"
        }
    }
}

extension MembershipFault {
    var text: String {
        switch self {
        case .isMember(let id): "\(id) is a member already, with another address or role; look at `members`"
        case .isNoMember(let id): "\(id) is no member"
        case .isNoLearner(let id): "\(id) has a vote, or gets one as soon as it has caught up"
        case .isNoVoter(let id): "\(id) has no vote"
        case .isLastVoter(let id): "\(id) is the only one with a vote, and a cluster needs one"
        case .isFull(let limit): "a cluster has \(limit) members at most"
        case .hasAddress(let endpoint, let id): "\(endpoint) is the address of \(id)"
        }
    }
}
