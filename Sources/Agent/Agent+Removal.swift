import Configuration
import Control
import Elections
import Linux
import Observability
import Raft
import Time

/// A node that was removed hears nothing more of the cluster. So a node without a leader asks the others now and then, and
/// they tell it when it is no member of theirs.
struct Removal {
    /// Who says so; nil as long as nobody does.
    var witness: NodeID?
    /// Rounds of the watch without a leader.
    var leaderless = 0

    /// Of `PeerWatch.interval`: the first question after that many, and then one each so many.
    static let firstAfter = 3
    static let every = 10

    /// Whether to ask now.
    mutating func isDue(hasLeader: Bool) -> Bool {
        guard !hasLeader else {
            self = Removal()
            return false
        }
        leaderless += 1
        return leaderless >= Self.firstAfter && (leaderless - Self.firstAfter).isMultiple(of: Self.every)
    }
}

extension Agent {
    func lookWhetherRemoved() {
        let wasRemoved = removal.witness != nil
        guard removal.isDue(hasLeader: !hasJoined || leader != nil) else {
            if wasRemoved, removal.witness == nil { log.write(.memberAgain) }
            return
        }
        askAll(MemberWord.request) { [unowned self] answers in
            let witness = answers.filter { $0.value == .failure(.refused(.notMember)) }.keys.min()
            guard let witness, leader == nil, removal.witness == nil else { return }
            removal.witness = witness
            log.write(.noMember, ["according_to": LogValue(witness)])
        }
    }
}
