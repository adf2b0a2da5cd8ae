import Configuration
import Elections
import Raft

/// What `members recover` does to a node, in words; or why it may not.
struct RecoveryPlan {
    let node: ConfiguredNode
    private let directory: String
    private let before: StoredState
    private let others: [NodeID]

    init(_ stored: StoredState?, _ configuration: Configuration) throws(StartFailure) {
        directory = configuration.node.dataDirectory
        guard let stored, stored.hardState.cluster != .none else {
            throw StartFailure(StorageError.belongsToNoCluster(directory: directory).description)
        }
        guard let id = NodeID(configuration.node.id) else {
            throw StartFailure("node.id is \(quoted(configuration.node.id)), which is no node's name", exitCode: .usage)
        }
        if let owner = stored.owner, owner != id {
            throw StartFailure(
                "\(directory) is that of node \(owner), and this is \(id); "
                    + "expected the configuration and the data_dir of one node"
            )
        }
        let membership = stored.log.state.membership
        guard membership.voter(id)?.storage == stored.storage else {
            throw StartFailure(
                "\(id) has no vote in the cluster of \(directory), and may not know what it has agreed on; "
                    + "recover one that has: \(Self.list(membership.voters.map(\.id)))"
            )
        }
        node = ConfiguredNode(id: id, endpoint: configuration.node.raftAddress)
        before = stored
        others = membership.members.map(\.id).filter { $0 != id }.sorted()
    }

    /// What would be done, and what that presumes.
    var proposal: String {
        "node \(node.id) would go on alone, as the only voter of a new cluster\n" + facts(newCluster: nil)
            + "It presumes that the old cluster cannot elect a leader any more, and that \(named) stopped and will start\n"
            + "only with an empty data_dir. A node that goes on with what it has may make a second holder of the VIPs.\n"
    }

    /// What was done, and what is to do now.
    func account(of recovered: StoredState) -> String {
        "node \(node.id) goes on alone, as the only voter of a new cluster\n"
            + facts(newCluster: recovered.hardState.cluster)
            + "Start the agent here. Start no other node before its data_dir is empty: with what it has it may make a\n"
            + "second holder of the VIPs.\n"
    }

    private func facts(newCluster: ClusterID?) -> String {
        let members = before.log.state.membership.members.map(\.id).sorted()
        var lines = [
            "  data_dir     \(directory)",
            "  old cluster  \(before.hardState.cluster) of \(Self.list(members)), term \(before.hardState.term.number)",
        ]
        if let newCluster { lines.append("  new cluster  \(newCluster) of \(node.id)") }
        if !others.isEmpty {
            let names = Self.list(others)
            lines.append("  invited      \(names): taken in under its name when it comes with an empty data_dir")
        }
        return lines.map { $0 + "\n" }.joined()
    }

    private var named: String {
        switch others.count {
        case 0: "every other node is"
        case 1: "\(others[0]) is"
        default: "\(Self.list(others)) are"
        }
    }

    private static func list(_ names: [NodeID]) -> String { names.map(\.text).joined(separator: ", ") }
}
