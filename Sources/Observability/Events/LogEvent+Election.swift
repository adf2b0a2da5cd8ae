/// Who leads, who is a member, and what comes over the network.
extension LogEvent {
    package static let leading = LogEvent("leading", .notice, "leading", .history)
    package static let following = LogEvent("following", .notice, "following", .history)
    package static let leaderLost = LogEvent("leader_lost", .info, "the leader is not heard any more", .history)
    package static let candidate = LogEvent("candidate", .debug, "candidate")
    package static let campaigning = LogEvent("campaigning", .info, "campaigning", .history)
    package static let handingOver = LogEvent("handing_over", .notice, "handing over", .history)
    package static let steppedDown = LogEvent("stepped_down", .notice, "stepped down", .history)
    package static let peerSilent = LogEvent("peer_silent", .warn, "a peer is silent", [.history, .paced])
    package static let peerBack = LogEvent("peer_back", .notice, "a peer is back", [.history, .paced])
}

/// Members.
extension LogEvent {
    package static let joined = LogEvent("joined", .notice, "member of the cluster", .history)
    package static let membersKnown = LogEvent("members_known", .debug, "member of the cluster")
    package static let membersChanged = LogEvent("members_changed", .notice, "membership changed", .history)
    package static let timingChanged = LogEvent(
        "timing_changed",
        .notice,
        "the nodes agree on another timing",
        .history
    )
    package static let awaitsNodes = LogEvent(
        "awaits_nodes",
        .info,
        "waiting for the other nodes to agree on the first membership"
    )
    package static let awaitsAdmission = LogEvent(
        "awaits_admission",
        .notice,
        "the cluster does not know this data_dir; waiting for its leader to take it in as a new member",
        .history
    )
    package static let foundsAlone = LogEvent(
        "founds_without_others",
        .warn,
        "these nodes found the cluster without waiting for the others, as `bootstrap --only` has ordered",
        .history
    )
    package static let nodesDiffer = LogEvent(
        "nodes_differ",
        .error,
        "cluster.nodes differs between two nodes; no cluster is founded before they agree",
        .counted
    )
    package static let foundersDiffer = LogEvent(
        "founders_differ",
        .error,
        "the founders differ between two nodes; give both the same order by `bootstrap --only`, and restart them",
        .counted
    )
}

/// Datagrams that were not heard. Whatever its content: who sends them decides how many they are.
extension LogEvent {
    package static let datagramWrongKey = LogEvent(
        "datagram_wrong_key",
        .warn,
        "datagram refused: sealed with another secret; compare cluster.secret_file on both nodes",
        .counted
    )
    package static let datagramNotForUs = LogEvent(
        "datagram_not_for_us",
        .warn,
        "datagram refused: meant for a node of another name; compare cluster.nodes on both nodes",
        .counted
    )
    package static let datagramUnknownSender = LogEvent(
        "datagram_unknown_sender",
        .warn,
        "datagram refused: from a node that cluster.nodes does not name",
        .counted
    )
    package static let datagramVersionTooNew = LogEvent(
        "datagram_version_too_new",
        .warn,
        "datagram refused: its release is two or more ahead; upgrade this node, one release after the other",
        .counted
    )
    package static let datagramVersionTooOld = LogEvent(
        "datagram_version_too_old",
        .warn,
        "datagram refused: its release is two or more behind; upgrade that node, one release after the other",
        .counted
    )
    package static let datagramForeignCluster = LogEvent(
        "datagram_foreign_cluster",
        .warn,
        "datagram refused: from a node of another cluster, or with the data_dir of one",
        .counted
    )
    package static let datagramRefused = LogEvent("datagram_refused", .warn, "datagram refused", .counted)
}
