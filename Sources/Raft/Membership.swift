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

/// Who votes. Sorted by id, so that equal memberships are equal values.
package struct Membership: Hashable, Sendable {
    package let voters: [Member]

    /// The most voters a cluster may have.
    package static let limit = 10

    package init(voters: [Member]) {
        self.voters = voters.sorted { $0.id < $1.id }
    }

    /// How many of the voters make a quorum: more than half.
    package var quorum: Int { voters.count / 2 + 1 }

    package func voter(_ id: NodeID) -> Member? { voters.first { $0.id == id } }
}
