package import Net

/// A node as the cluster's configuration knows it.
package struct Member: Hashable, Sendable {
    package let id: NodeID
    package let storage: StorageID
    package let endpoint: Endpoint

    package init(id: NodeID, storage: StorageID, endpoint: Endpoint) {
        self.id = id
        self.storage = storage
        self.endpoint = endpoint
    }
}

/// Who belongs to the cluster. Sorted by id, so that equal memberships are equal values.
package struct Membership: Hashable, Sendable {
    package let voters: [Member]
    /// Who gets the log but has no vote yet: a new disk, until it has caught up (thesis §4.2.1).
    package let learners: [Member]

    /// The most voters a cluster may have.
    package static let limit = 10

    package init(voters: [Member], learners: [Member] = []) {
        self.voters = voters.sorted { $0.id < $1.id }
        self.learners = learners.sorted { $0.id < $1.id }
    }

    package var members: [Member] { voters + learners }

    /// How many of the voters make a quorum: more than half.
    package var quorum: Int { voters.count / 2 + 1 }

    package func voter(_ id: NodeID) -> Member? { voters.first { $0.id == id } }

    package func member(_ id: NodeID) -> Member? { members.first { $0.id == id } }

    /// The next membership without a member.
    func removing(_ id: NodeID) -> Membership {
        Membership(voters: voters.filter { $0.id != id }, learners: learners.filter { $0.id != id })
    }

    /// The next membership with a new learner.
    func adding(learner: Member) -> Membership {
        Membership(voters: voters, learners: learners + [learner])
    }

    /// The next membership with a learner's vote.
    func promoting(_ learner: Member) -> Membership {
        Membership(voters: voters + [learner], learners: learners.filter { $0.id != learner.id })
    }
}
