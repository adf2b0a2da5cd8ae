import Configuration
import Control
import Elections
import Net
import Raft

/// `members add`: a node is invited, and a witness is appointed besides, which is another entry of the log.
///
/// The leader may be lost between the two. So whoever says the same once more has what is left done, and what is done
/// already is no mistake.
extension Agent {
    func invite(
        _ name: String,
        _ address: String,
        _ kind: MemberOrder.Kind,
        _ election: RaftElection,
        _ completion: @escaping Completion
    ) {
        guard let id = NodeID(name) else {
            return completion(
                .refused("\(quoted(name)) is no name; expected up to 63 letters, digits, '.', '_' or '-'")
            )
        }
        guard let endpoint = Endpoint(address) else {
            return completion(
                .refused("\(quoted(address)) is no address; expected ADDRESS:PORT, such as 192.0.2.14:7946")
            )
        }
        // Datagrams go where the configuration says: two truths about one name would send them to nobody.
        if let entry = configuration.cluster.nodes.first(where: { $0.id == name }), entry.address != endpoint {
            return completion(
                .refused(
                    "cluster.nodes of \(configuration.node.id) has \(name) at \(entry.address); change it there first, or "
                        + "take another name"
                )
            )
        }
        let invitation = Invitation(id: id, endpoint: endpoint, kind: kind)
        guard kind == .witness else { return invite(invitation, election, completion) }
        // Before the invitation: one that nobody can appoint would come as a voter that may hold.
        whenAppointable(completion) { [unowned self] in
            invite(invitation, election) { [unowned self] answer in
                guard case .done = answer else { return completion(answer) }
                appoint(invitation, election, answer, completion)
            }
        }
    }

    private func invite(_ invitation: Invitation, _ election: RaftElection, _ completion: @escaping Completion) {
        let (id, isLearner) = (invitation.id, invitation.kind == .learner)
        if let words = invitation.standing(in: election.status) { return completion(.done([words])) }
        attempt(.change(.add(id, invitation.endpoint, isLearner: isLearner)), on: election) { outcome in
            completion(outcome.refusal ?? .done([invitation.welcome]))
        }
    }

    /// Answers with what its invitation was answered with.
    private func appoint(
        _ invitation: Invitation,
        _ election: RaftElection,
        _ invited: ControlAnswer,
        _ completion: @escaping Completion
    ) {
        let id = invitation.id
        var appointment = election.status.appointments[id] ?? Appointment()
        appointment.isWitness = true
        attempt(.appoint(id, appointment), on: election) { outcome in
            guard let refusal = outcome.refusal else { return completion(invited) }
            completion(refusal.saying { "\(id) is invited, and not yet as a witness: \($0); type the same again" })
        }
    }

    /// What the log says of a node is understood by all members that know of such entries: one that does not would follow no
    /// leader any more.
    func whenAppointable(_ completion: @escaping Completion, act: @escaping () -> Void) {
        askAll(MemberWord.request) { answers in
            let silent = answers.filter { (try? $0.value.get()) == nil }.keys.sorted().map(\.text)
            guard silent.isEmpty else {
                let who = silent.joined(separator: ", ")
                return completion(
                    .refused("not noted, since \(who) must be up and of this version for that; say it again then")
                )
            }
            act()
        }
    }
}

private struct Invitation {
    let id: NodeID
    let endpoint: Endpoint
    let kind: MemberOrder.Kind

    var welcome: String {
        let next = "start its agent with a configuration that names all members"
        return switch kind {
        case .voter: "\(id) is invited: \(next); it gets a vote when it has caught up"
        case .learner: "\(id) is invited as a learner: \(next); `members promote \(id)` gives it a vote"
        case .witness: "\(id) is invited as a witness: \(next); it votes when it has caught up, and holds nothing"
        }
    }

    /// What it is already, where that is what it shall be; nil where there is something to do, or to refuse.
    func standing(in status: ElectionStatus) -> String? {
        let membership = status.membership
        guard let member = membership.member(id), member.endpoint == endpoint else { return nil }
        let isLearner = membership.learners.contains { $0.id == id }
        guard isLearner == (kind == .learner) else { return nil }
        // A witness is not what was asked for. The other way round, one that came before it was appointed is appointed now.
        guard kind == .witness || status.appointments[id]?.isWitness != true else { return nil }
        if member.storage == .none { return welcome }
        if isLearner { return "\(id) is a learner already; `members promote \(id)` gives it a vote" }
        return membership.voter(id) == nil ? "\(id) gets a vote when it has caught up" : "\(id) has a vote already"
    }
}

extension ControlAnswer {
    /// The same kind of refusal in other words.
    fileprivate func saying(_ words: (String) -> String) -> ControlAnswer {
        switch self {
        case .refused(let reason): .refused(words(reason))
        case .noLeader(let reason): .noLeader(words(reason))
        case .done, .mistakes: self
        }
    }
}
