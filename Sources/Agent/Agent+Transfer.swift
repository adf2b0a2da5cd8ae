import Configuration
import Control
import Elections
import Linux
import Raft
import Time

/// Leadership, and the VIPs with it, goes to another node because an operator wants it: as in a planned stop, the VIPs are
/// off before the other is told to take them.
extension Agent {
    func transfer(
        to name: String?,
        _ request: ControlRequest,
        of orderer: Orderer,
        then completion: @escaping Completion
    ) {
        asLeader(request, of: orderer, then: completion) { election in
            let completion = inTime(completion)
            let heir = name.map { member(named: $0)?.id }
            if let name, heir == .some(nil) { return completion(.refused(unknown(member: name))) }
            let handOver = { [unowned self] in self.handOver(to: heir ?? nil, on: election, then: completion) }
            // What will be refused anyway is refused at once, without BeforeSlave.
            if let fault = election.handoverFault(to: heir ?? nil), !isTransient(fault) { return handOver() }
            prepareHandover(handOver)
        }
    }

    private func handOver(to heir: NodeID?, on election: RaftElection, then completion: @escaping Completion) {
        attempt(.transfer(to: heir), on: election) { [unowned self] outcome in
            switch outcome {
            case .handingOver(let heir): follow(heir, then: completion)
            case .refused(.mayNotHold(let node)): explain(node, then: completion)
            case .refused(.leadsAlready): completion(.refused("\(configuration.node.id) leads already"))
            case .committed, .open, .refused: completion(outcome.refusal ?? .done([]))
            }
        }
    }

    /// Answers when the heir leads and has the VIPs, or somebody else does.
    private func follow(_ heir: NodeID, then completion: @escaping Completion) {
        let term = election?.term
        watch(for: Self.handoverPatience) { [unowned self] in
            election?.term != term && leader != nil
        } then: { [unowned self] isOver in
            guard isOver, let leader else {
                return completion(
                    .refused("\(heir) was told to take over, and nobody has within some seconds; look at `status`")
                )
            }
            guard leader.id == heir else {
                return completion(.refused("\(heir) was told to take over, and \(leader.id) leads now"))
            }
            confirm(heir, until: Clock.now() + Self.holdPatience, then: completion)
        }
    }

    /// It leads; whether it has the VIPs, too, it knows best.
    private func confirm(_ heir: NodeID, until end: Instant, then completion: @escaping Completion) {
        let done = { (words: String) in completion(.done(["\(heir) leads now\(words)"])) }
        election?.ask(heir, StatusReport.request) { [unowned self] answer in
            let report = answer.document(StatusReport.init(json:))
            let groups = report?.groups ?? []
            if let report, groups.allSatisfy(\.isHeldHere) {
                return done(report.groups.isEmpty ? "" : " and has \(groups.map(\.name).joined(separator: ", "))")
            }
            guard !Deadline.timer(end).hasPassed(at: Clock.now()) else {
                return done("; whether it has the VIPs is not known, look at `status`")
            }
            loop.schedule(after: .milliseconds(20)) { [unowned self] in confirm(heir, until: end, then: completion) }
        }
    }

    /// Why a node would not be told to take the VIPs, in its own words.
    private func explain(_ node: NodeID, then completion: @escaping Completion) {
        election?.ask(node, MemberWord.request) { answer in
            let word = answer.document(MemberWord.init(json:))
            let reason = word?.reluctance ?? "it says it could not hold them"
            completion(.refused("\(node) cannot take the VIPs now: \(reason)"))
        }
    }

    private static let handoverPatience: Duration = .seconds(6)
    private static let holdPatience: Duration = .seconds(3)
}

extension MemberWord {
    /// Why the node should hold nothing now; nil where it knows of no reason.
    fileprivate var reluctance: String? {
        if isWitness { return "it is a witness" }
        if let drainedSince { return "it is drained since \(drainedSince); `undrain` it first" }
        return fault
    }
}
