import Raft
import Time

/// What an operator of the simulated cluster does.
package enum Wish: Hashable, Sendable {
    /// `transfer`, to a node or to whoever is best.
    case transfer(to: Int?)
    case remove(Int)
    case add(Int, isLearner: Bool)
    case promote(Int)
    case demote(Int)
    /// So many notes for the replicated log.
    case notes(Int)
}

extension Simulation {
    /// The operator's command reaches the leader, whoever that is; where there is none, it fails.
    func ask(_ wish: Wish) {
        guard let leader = presentLeader else { return }
        if let node = wish.lostVote, isNeeded(node, by: leader) { return }
        for request in requests(wish) {
            requestNumber += 1
            trace.note(moment, "\(name(leader)) is asked \(requestNumber): \(request)")
            hand(.event(.requested(request, number: requestNumber)), to: leader)
        }
    }

    private var presentLeader: Machine? {
        machines.filter { if case .leader = $0.agent?.raft.role { true } else { false } }
            .max { ($0.agent?.raft.term ?? Term(0)) < ($1.agent?.raft.term ?? Term(0)) }
    }

    /// Nobody removes the last node that may hold the VIP, nor goes below three voters when one more may be lost.
    private func isNeeded(_ node: Int, by leader: Machine) -> Bool {
        let voters = leader.agent?.raft.membership.voters.map(\.id) ?? []
        if voters.count <= 3, plan.losesDisk { return true }
        return !machines.contains {
            $0.index != node && $0.settings.fitness.mayHold && voters.contains($0.settings.id)
        }
    }

    private func requests(_ wish: Wish) -> [Request] {
        switch wish {
        case .transfer(let node): [.transfer(to: node.map { names[$0] })]
        case .remove(let node): [.change(.remove(names[node]))]
        case .add(let node, let isLearner):
            [.change(.add(names[node], machines[node].endpoint, isLearner: isLearner))]
        case .promote(let node): [.change(.promote(names[node]))]
        case .demote(let node): [.change(.demote(names[node]))]
        case .notes(let count): (0..<count).map { .append([UInt8(truncatingIfNeeded: $0)]) }
        }
    }

    /// A node's configuration gets another timing, which it keeps when it restarts.
    func retime(_ machine: Machine, to timing: ClusterTiming) {
        machine.settings.timing = machine.settings.timing.following(timing)
        hand(.event(.timingWished(timing)), to: machine)
    }
}

extension Wish {
    func redirected(_ aim: (Int) -> Int) -> Wish {
        switch self {
        case .transfer(let node): .transfer(to: node.map(aim))
        case .remove(let node): .remove(aim(node))
        case .add(let node, let isLearner): .add(aim(node), isLearner: isLearner)
        case .promote(let node): .promote(aim(node))
        case .demote(let node): .demote(aim(node))
        case .notes: self
        }
    }

    fileprivate var lostVote: Int? {
        switch self {
        case .remove(let node), .demote(let node): node
        case .transfer, .add, .promote, .notes: nil
        }
    }
}
