import Configuration
import Control
import Elections
import Linux
import Net
import Raft
import Time

/// What an operator changes of the membership: through the log, answered when it is committed.
extension Agent {
    func change(
        _ order: MemberOrder,
        _ request: ControlRequest,
        of orderer: Orderer,
        then completion: @escaping Completion
    ) {
        asLeader(request, of: orderer, then: completion) { election in
            switch order {
            case .add(let id, let address, let kind): invite(id, address, kind, election, completion)
            case .remove(let id): remove(id, election, completion)
            case .promote(let id): promote(id, election, completion)
            case .priority(let id, let priority): prefer(id, priority, election, completion)
            }
        }
    }

    private func remove(_ name: String, _ election: RaftElection, _ completion: @escaping Completion) {
        guard let member = member(named: name) else { return completion(.refused(unknown(member: name))) }
        let rest = election.status.membership.voters.map(\.id).filter { $0 != member.id }
        // Whoever is left must be able to agree on it: with too few of them up, nothing would ever be committed again.
        let up = rest.filter(isHeard)
        let quorum = rest.count / 2 + 1
        guard rest.isEmpty || up.count >= quorum else {
            let silent = rest.filter { !up.contains($0) }.map(\.text).joined(separator: ", ")
            return completion(
                .refused(
                    "without \(name) \(up.count) of \(rest.count) voters would be up, and \(quorum) make a quorum; "
                        + "bring \(silent) back or remove it first"
                )
            )
        }
        attempt(.change(.remove(member.id)), on: election) { outcome in
            let count =
                "\(rest.count) \(rest.count == 1 ? "voter is" : "voters are") left, \(quorum) of whom make a quorum"
            completion(outcome.refusal ?? .done(["\(name) is removed: \(count)"]))
        }
    }

    private func promote(_ name: String, _ election: RaftElection, _ completion: @escaping Completion) {
        guard let member = member(named: name) else { return completion(.refused(unknown(member: name))) }
        attempt(.change(.promote(member.id)), on: election) { [unowned self] outcome in
            if let refusal = outcome.refusal { return completion(refusal) }
            let votes = { [unowned self] in
                let status = self.election?.status
                return status?.membership.voter(member.id) != nil && status?.isChanging == false
            }
            watch(for: .seconds(3), until: votes) { isDone in
                completion(.done([isDone ? "\(name) votes now" : "\(name) gets a vote as soon as it has caught up"]))
            }
        }
    }

    private func prefer(
        _ name: String,
        _ priority: UInt16?,
        _ election: RaftElection,
        _ completion: @escaping Completion
    ) {
        guard let member = member(named: name) else { return completion(.refused(unknown(member: name))) }
        var appointment = election.status.appointments[member.id] ?? Appointment()
        appointment.priority = priority
        whenAppointable(completion) { [unowned self] in
            attempt(.appoint(member.id, appointment), on: election) { outcome in
                let words =
                    priority.map { "has priority \($0) now" } ?? "has the priority of its own configuration again"
                completion(outcome.refusal ?? .done(["\(name) \(words)"]))
            }
        }
    }
}

/// What anybody may see of it.
extension Agent {
    /// As this node knows it: a leader knows how the others are.
    var localMembers: MembersReport {
        guard let status = election?.status else { preconditionFailure("members before there is an election") }
        let isLeader = leader?.id == election?.id
        var report = MembersReport(
            node: configuration.node.id,
            leader: leader?.id.text,
            quorum: status.membership.quorum,
            isChanging: status.isChanging
        )
        for (members, role) in [
            (status.membership.voters, MembersReport.Member.Role.voter), (status.membership.entrants, .entrant),
            (status.membership.learners, .learner),
        ] {
            report.members += members.map { describe($0, role, status, isLeader: isLeader) }
        }
        return report
    }

    private func describe(
        _ member: Member,
        _ role: MembersReport.Member.Role,
        _ status: ElectionStatus,
        isLeader: Bool
    ) -> MembersReport.Member {
        let peer = status.peers.first { $0.node.id == member.id }
        let state: MembersReport.Member.State =
            member.storage == .none
            ? .invited : member.id == election?.id ? .up : !isLeader ? .unknown : isHeard(member.id) ? .up : .silent
        var line = MembersReport.Member(
            id: member.id.text,
            address: "\(member.endpoint)",
            role: role,
            state: state,
            isCaughtUp: isLeader
                ? member.id == election?.id ? true : peer?.match.map { $0 >= status.commitIndex } : nil
        )
        let appointment = status.appointments[member.id]
        line.isAppointedWitness = appointment?.isWitness ?? false
        line.appointedPriority = appointment?.priority.map(Int.init)
        return line
    }

    /// What this node says of itself.
    var memberWord: MemberWord {
        let appointment = (election?.id).flatMap { election?.status.appointments[$0] } ?? Appointment()
        return MemberWord(
            version: programVersion,
            priority: Int(appointment.priority ?? configuration.node.priority),
            isWitness: appointment.isWitness || configuration.node.isWitness,
            drainedSince: maintenance.since,
            fault: fault
        )
    }

    /// Asked once for all who wait, as often as anybody on the machine may ask.
    func answerMembers(_ reply: ControlReply) {
        memberQuestions.append(reply)
        guard memberQuestions.count == 1 else { return }
        collectMembers { [unowned self] report in
            let waiting = memberQuestions
            memberQuestions = []
            for reply in waiting { reply.send(report.json) }
        }
    }

    /// The leader's view, with what each member says of itself.
    private func collectMembers(then completion: @escaping (MembersReport) -> Void) {
        var view: MembersReport?
        var words: [String: MemberWord]?
        let finish = {
            guard var report = view, let words else { return }
            for place in report.members.indices { report.members[place].word = words[report.members[place].id] }
            completion(report)
        }
        askLeaderForMembers { report in
            view = report
            finish()
        }
        let own = (configuration.node.id, memberWord)
        askAll(MemberWord.request) { answers in
            words = [own.0: own.1]
            for (node, answer) in answers {
                words?[node.text] = answer.document(MemberWord.init(json:))
            }
            finish()
        }
    }

    private func askLeaderForMembers(then completion: @escaping (MembersReport) -> Void) {
        let own = localMembers
        guard let election, let leader, leader.id != election.id else { return completion(own) }
        election.ask(leader.id, MembersReport.localRequest) { answer in
            completion(answer.document(MembersReport.init(json:)) ?? own)
        }
    }
}
