/// What the agent of this node says of itself, by whatever way it was asked.
package struct RunningAgent: Hashable, Sendable {
    package struct Member: Hashable, Sendable {
        package var id: String
        /// `192.0.2.1:7946`
        package var address: String

        package init(id: String, address: String) { (self.id, self.address) = (id, address) }
    }

    /// Who holds an address.
    package struct Holder: Hashable, Sendable {
        package var id: String
        package var isHere: Bool

        package init(id: String, isHere: Bool) { (self.id, self.isHere) = (id, isHere) }
    }

    package var version: String
    package var node: String
    package var role: String
    package var leader: String?
    /// The other members.
    package var members: [Member] = []
    /// By the address with its prefix length.
    package var holders: [String: Holder] = [:]

    package init(version: String, node: String, role: String, leader: String?) {
        (self.version, self.node, self.role, self.leader) = (version, node, role, leader)
    }
}
