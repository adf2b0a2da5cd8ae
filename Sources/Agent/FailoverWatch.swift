import Raft
import Time

/// Who was lost, why, and how long it took until the VIPs were here: the election's roles in, what people ask in the
/// morning out. Decides nothing.
struct FailoverWatch {
    /// How a leader was lost.
    enum Kind: String {
        /// Nothing came from it for as long as it had been promised to.
        case silence
        /// It said, or its last will did, that it holds nothing any more.
        case release
        /// It told this node to lead.
        case handover
        /// Another node was voted for before this one missed it.
        case replacement
        /// This node led itself, and its lease was over.
        case own
    }

    struct Loss: Equatable {
        let leader: NodeID
        let term: Term
        let kind: Kind
        /// When the leader was heard for the last time.
        let lastWord: Instant
    }

    /// A group has come to this node from another, or back.
    struct Failover: Equatable {
        let group: String
        let term: Term
        let from: NodeID
        let kind: Kind
        /// From the former leader's last word to this node's election, and to VIPs that are on and announced.
        let electedAfter: Duration
        let took: Duration
    }

    private var leader: (id: NodeID, term: Term)?
    private var loss: Loss?
    private var campaign: CampaignReason?
    private var elected: (term: Term, at: Instant)?
    /// Groups that this term has brought here already.
    private var counted: Set<String> = []

    /// Comes before the role that it leads to.
    mutating func note(_ reason: CampaignReason) { campaign = reason }

    /// - Parameter lastHeard: Of whoever leads as far as is known.
    /// - Returns: The leader that is lost, once.
    mutating func note(_ role: Role, of own: NodeID, lastHeard: (NodeID) -> Instant?, at now: Instant) -> Loss? {
        defer { if case .candidate = role { campaign = nil } }
        switch role {
        case .waiting: return nil
        case .follower(let term, let leader?):
            (self.leader, loss, elected) = ((leader, term), nil, nil)
            return nil
        case .leader(let term):
            (leader, elected, counted) = ((own, term), (term, now), [])
            return nil
        case .follower(let term, nil), .candidate(let term):
            guard let leader else { return nil }
            self.leader = nil
            let kind = leader.id == own ? .own : kind(of: role, after: leader.term, in: term)
            let lastWord = leader.id == own ? now : lastHeard(leader.id) ?? now
            loss = Loss(leader: leader.id, term: leader.term, kind: kind, lastWord: lastWord)
            return loss
        }
    }

    private func kind(of role: Role, after last: Term, in term: Term) -> Kind {
        guard case .candidate = role else { return term > last ? .replacement : .release }
        // Within its term it is only asked about; a new one was begun because of what it said.
        return switch campaign {
        case .handedOver? where term > last: .handover
        case .released? where term > last: .release
        case .handedOver, .released, .hearsNoLeader, .isAlone, nil: .silence
        }
    }

    /// The group's VIPs are on and announced. Nil where they came from nobody: at the first election, or when they are put
    /// on once more in the same term.
    mutating func noteHeld(_ group: String, _ term: Term, at now: Instant) -> Failover? {
        guard let loss, let elected, elected.term == term, counted.insert(group).inserted else { return nil }
        return Failover(
            group: group,
            term: term,
            from: loss.leader,
            kind: loss.kind,
            electedAfter: elected.at.longestElapsed(since: loss.lastWord),
            took: now.longestElapsed(since: loss.lastWord)
        )
    }
}

extension FailoverWatch.Loss {
    /// In an operator's words.
    var cause: String { kind.cause(of: leader) }
}

extension FailoverWatch.Failover {
    var cause: String { kind.cause(of: from) }
}

extension FailoverWatch.Kind {
    fileprivate func cause(of leader: NodeID) -> String {
        switch self {
        case .silence: "\(leader) fell silent"
        case .release: "\(leader) took its VIPs off"
        case .handover: "\(leader) handed over"
        case .replacement: "another node was voted for in the place of \(leader)"
        case .own: "\(leader) had lost its lease"
        }
    }
}
