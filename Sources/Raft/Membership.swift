package import Net

/// A node as the cluster's configuration knows it.
package struct Member: Hashable, Sendable {
    package let id: NodeID
    /// `.none`: invited; nobody of this name has shown a disk yet.
    package let storage: StorageID
    package let endpoint: Endpoint

    package init(id: NodeID, storage: StorageID, endpoint: Endpoint) {
        self.id = id
        self.storage = storage
        self.endpoint = endpoint
    }

    func with(_ storage: StorageID) -> Member { Member(id: id, storage: storage, endpoint: endpoint) }
}

/// Who belongs to the cluster. Sorted by id, so that equal memberships are equal values.
package struct Membership: Hashable, Sendable {
    package let voters: [Member]
    /// Who gets the log and will have a vote as soon as it has caught up (thesis §4.2.1): invited, or with a new disk.
    package let entrants: [Member]
    /// Who gets the log and no vote, until somebody says otherwise.
    package let learners: [Member]

    /// The most members a cluster may have.
    package static let limit = 10

    package init(voters: [Member], entrants: [Member] = [], learners: [Member] = []) {
        self.voters = voters.sorted { $0.id < $1.id }
        self.entrants = entrants.sorted { $0.id < $1.id }
        self.learners = learners.sorted { $0.id < $1.id }
    }

    package var members: [Member] { voters + entrants + learners }

    /// Whether a cluster can have it: some voter, nobody twice, and not too many.
    var isPossible: Bool {
        !voters.isEmpty && members.count <= Self.limit && Set(members.map(\.id)).count == members.count
    }

    /// How many of the voters make a quorum: more than half.
    package var quorum: Int { majority.size }

    package func voter(_ id: NodeID) -> Member? { voters.first { $0.id == id } }

    package func member(_ id: NodeID) -> Member? {
        voter(id) ?? entrants.first { $0.id == id } ?? learners.first { $0.id == id }
    }
}

/// What may be asked for of a membership. Each changes at most one vote, so that the quorums before and after it meet
/// (thesis §4.1).
package enum MembershipChange: Hashable, Sendable {
    /// Invites a node; its disk is noted when it says hello. An entrant gets a vote when it has caught up.
    case add(NodeID, Endpoint, isLearner: Bool)
    case remove(NodeID)
    /// A learner shall have a vote.
    case promote(NodeID)
    /// A voter shall have none, and learn.
    case demote(NodeID)
}

/// Why a change of the membership cannot be.
package enum MembershipFault: Error, Hashable, Sendable {
    case isMember(NodeID)
    case isNoMember(NodeID)
    case isNoLearner(NodeID)
    case isNoVoter(NodeID)
    case isLastVoter(NodeID)
    case isFull(limit: Int)
    case hasAddress(Endpoint, NodeID)
}

extension Membership {
    package func applying(_ change: MembershipChange) throws(MembershipFault) -> Membership {
        switch change {
        case .add(let id, let endpoint, let isLearner):
            return try adding(Member(id: id, storage: .none, endpoint: endpoint), isLearner: isLearner)
        case .remove(let id):
            guard member(id) != nil else { throw .isNoMember(id) }
            guard voters.map(\.id) != [id] else { throw .isLastVoter(id) }
            return without(id)
        case .promote(let id):
            guard let learner = learners.first(where: { $0.id == id }) else { throw .isNoLearner(id) }
            let rest = without(id)
            return Membership(voters: voters, entrants: entrants + [learner], learners: rest.learners)
        case .demote(let id):
            guard let voter = voter(id) else { throw .isNoVoter(id) }
            guard voters.count > 1 else { throw .isLastVoter(id) }
            let rest = without(id)
            return Membership(voters: rest.voters, entrants: entrants, learners: learners + [voter])
        }
    }

    private func adding(_ member: Member, isLearner: Bool) throws(MembershipFault) -> Membership {
        guard self.member(member.id) == nil else { throw .isMember(member.id) }
        guard members.count < Self.limit else { throw .isFull(limit: Self.limit) }
        if let other = members.first(where: { $0.endpoint == member.endpoint }) {
            throw .hasAddress(member.endpoint, other.id)
        }
        return isLearner
            ? Membership(voters: voters, entrants: entrants, learners: learners + [member])
            : Membership(voters: voters, entrants: entrants + [member], learners: learners)
    }

    private func without(_ id: NodeID) -> Membership {
        Membership(
            voters: voters.filter { $0.id != id },
            entrants: entrants.filter { $0.id != id },
            learners: learners.filter { $0.id != id }
        )
    }

    /// The same with another disk under a member's name. A new disk has forgotten the old one's votes and promises: it
    /// never has a vote before it has caught up.
    func replacingStorage(of id: NodeID, with storage: StorageID) -> Membership {
        guard let member = member(id) else { return self }
        let rest = without(id)
        let isLearner = learners.contains { $0.id == id }
        return Membership(
            voters: rest.voters,
            entrants: isLearner ? rest.entrants : rest.entrants + [member.with(storage)],
            learners: isLearner ? rest.learners + [member.with(storage)] : rest.learners
        )
    }

    /// The same with an entrant's vote.
    func givingVote(to entrant: Member) -> Membership {
        Membership(
            voters: voters + [entrant],
            entrants: entrants.filter { $0.id != entrant.id },
            learners: learners
        )
    }
}
