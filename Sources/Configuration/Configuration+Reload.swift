extension Configuration {
    /// What of it a running agent cannot follow, at the place of each.
    ///
    /// - Parameters:
    ///   - running: What the agent runs by.
    ///   - hasJoined: Whether the node belongs to a cluster.
    package func obstacles(to running: Configuration, hasJoined: Bool, _ origins: Origins) -> [Diagnostic] {
        var fixed: [(setting: String, text: String)] = []
        func keep(_ setting: String, _ old: String, _ new: String, _ why: String) {
            if old != new { fixed.append((setting, "\(setting) is \(new), and the agent runs with \(old): \(why)")) }
        }
        let restart = "restart it for that"
        keep("node.id", running.node.id, node.id, "a node keeps its name; \(restart), with another data_dir")
        keep("node.raft_addr", "\(running.node.raftAddress)", "\(node.raftAddress)", "its socket is bound; \(restart)")
        keep(
            "node.data_dir",
            running.node.dataDirectory,
            node.dataDirectory,
            "what it has promised lies there; \(restart)"
        )
        keep("fence", running.fence.rawValue, fence.rawValue, "VIPs would stand without it meanwhile; \(restart)")
        keep("realtime", "\(running.isRealTime)", "\(isRealTime)", "its processes were started so; \(restart)")
        keep("control.socket", running.control.socket, control.socket, "it listens there; \(restart)")
        keep(
            "control.status_socket",
            running.control.statusSocket,
            control.statusSocket,
            "it listens there; \(restart)"
        )
        keep("cluster.insecure", "\(running.cluster.isInsecure)", "\(cluster.isInsecure)", "\(restart), on all nodes")
        if !hasJoined, running.cluster.nodes != cluster.nodes {
            fixed.append(
                (
                    "cluster.nodes",
                    "cluster.nodes differs from what the agent runs with, and it has not joined a cluster yet: \(restart)"
                )
            )
        }
        return fixed.map { Diagnostic(.error, at: origins[$0.setting], $0.text) }
    }
}
