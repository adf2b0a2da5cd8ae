/// Every metric there is. Monitoring.md has them in a table, which a test holds against this list.
extension MetricFamily {
    static let all = ofExporter + ofNode + timed + ofGroups + ofPeers
}

// MARK: - The exporter itself

extension MetricFamily {
    static let up = gauge(
        "up",
        help: "Whether the agent answers; without, only this and the exporter's own metrics are there."
    )
    static let exporterBuild = gauge("exporter_build_info", by: "version", help: "The exporter's version; always 1.")
    static let asked = counter("exporter_status_requests", help: "How often the agent was asked for its status.")
    static let failures = counter(
        "exporter_status_errors",
        by: "reason",
        help: "Of these, how often it was absent, denied, silent, broken off, garbage or other."
    )
    static let waited = counter(
        "exporter_status_seconds",
        help: "How long the agent took to answer, all answers together."
    )
    static let lastWait = gauge("exporter_status_duration_seconds", help: "How long the last answer or failure took.")
    static let requests = counter("exporter_http_requests", by: "code", help: "HTTP requests that were answered.")
    static let clients = gauge("exporter_http_clients", help: "HTTP clients that are connected now.")
    static let evicted = counter(
        "exporter_http_evictions",
        help: "HTTP clients that were hung up on: too slow, or the idlest when there were too many."
    )

    static let ofExporter = [up, exporterBuild, asked, failures, waited, lastWait, requests, clients, evicted]
}

// MARK: - The node

extension MetricFamily {
    static let build = gauge("build_info", by: "version", help: "The agent's version; always 1.")
    static let node = gauge("node_info", by: "node", "cluster_id", help: "The node's name and its cluster; always 1.")
    static let isLeader = gauge("is_leader", help: "Whether this node leads.")
    static let hasLeader = gauge("has_leader", help: "Whether this node knows a leader.")
    static let role = gauge("role", by: "role", help: "1 for the node's role, 0 for the others.")
    static let term = gauge("raft_term", help: "The term of the election; it grows with each campaign.")
    static let leaseLeft = gauge(
        "lease_remaining_seconds",
        help: "What is left of this node's lease, while it has one."
    )
    static let smallestLease = gauge(
        "lease_smallest_remaining_seconds",
        help: "The least that was left of a lease when it was renewed, since the agent started."
    )
    static let lateness = gauge(
        "keeper_largest_lateness_seconds",
        help: "The longest that the keeper was woken after the moment that it had asked for."
    )
    static let uptime = gauge("uptime_seconds", help: "For how long the agent has been running.")
    static let priority = gauge(
        "priority",
        help: "The node's priority as it counts now: 0 while it ranks behind the others."
    )
    static let eligible = gauge("eligible", help: "Whether the node would hold VIPs.")
    static let leaderships = counter("leaderships", help: "How often this node began to lead.")
    static let droppedLines = counter("log_lines_dropped", help: "Log lines that found no room.")
    static let lostHistory = counter("history_entries_lost", help: "Entries of the history that could not be written.")
    static let refused = counter("datagrams_refused", by: "reason", help: "Datagrams of other nodes that were refused.")

    static let ofNode = [
        build, node, uptime, isLeader, hasLeader, role, term, priority, eligible, leaseLeft, smallestLease, lateness,
        leaderships, droppedLines, lostHistory, refused,
    ]
    static let roles = ["waiting", "follower", "candidate", "leader"]
}

// MARK: - What took how long

extension MetricFamily {
    static let failover = histogram(
        "failover_duration_seconds",
        help: "Failovers to this node: from the former leader's last word to VIPs that are on and announced."
    )
    static let lastFailover = gauge(
        "last_failover_duration_seconds",
        help: "How long the last failover to this node took."
    )
    static let fsync = histogram("fsync_duration_seconds", help: "How long the disk took to sync votes and the log.")
    static let persist = histogram("persist_duration_seconds", help: "The same from the agent's request to the answer.")
    static let roundTrip = histogram(
        "round_trip_seconds",
        help: "Round trips to the peers, a sample a second while this node leads."
    )
    static let hook = histogram("hook_duration_seconds", help: "Hooks, from start to end, further tries included.")

    static let timed = [failover, lastFailover, fsync, persist, roundTrip, hook]
}

// MARK: - Groups and peers

extension MetricFamily {
    static let held = gauge("group_held", by: "group", help: "Whether this node holds the group's VIPs.")
    static let holder = gauge(
        "group_holder_info",
        by: "group",
        "holder",
        help: "Who holds the group, as far as this node knows; always 1."
    )
    static let heldFor = gauge("group_held_seconds", by: "group", help: "For how long its holder has had the group.")
    static let vips = gauge("group_vips", by: "group", help: "How many VIPs the group has.")
    static let fault = gauge(
        "group_fault",
        by: "group",
        help: "Whether something makes this node unfit to hold the group, such as a link."
    )
    static let contested = gauge(
        "group_contested",
        by: "group",
        help: "Whether somebody keeps taking the group's VIPs off this node."
    )
    static let announcements = counter(
        "announcements",
        by: "group",
        "kind",
        help: "Frames that told the neighbours: arp_request, arp_reply, advertisement."
    )
    static let announcementFailures = counter(
        "announcement_failures",
        by: "group",
        help: "Such frames that could not be sent."
    )
    static let conflicts = counter(
        "address_conflicts",
        by: "group",
        help: "Claims of other machines to VIPs that were held here."
    )
    static let defences = counter("address_defences", by: "group", help: "Announcements that answered such claims.")
    static let duplicates = counter("duplicate_addresses", by: "group", help: "VIPs on which IPv6 found a duplicate.")

    static let ofGroups = [
        held, holder, heldFor, vips, fault, contested, announcements, announcementFailures, conflicts, defences,
        duplicates,
    ]

    static let peerUp = gauge(
        "peer_up",
        by: "peer",
        help: "Whether the peer is heard; only of those that should speak to this node."
    )
    static let peerHeard = gauge("peer_last_heard_seconds", by: "peer", help: "How long ago the peer was heard.")
    static let peerRoundTrip = gauge("peer_round_trip_seconds", by: "peer", help: "The round trip to the peer.")

    static let peerLag = gauge(
        "peer_lag_entries",
        by: "peer",
        help: "Entries of the leader's log that the peer lacks; on the leader."
    )
    static let peerEligible = gauge(
        "peer_eligible",
        by: "peer",
        help: "Whether the peer would hold VIPs; on the leader."
    )

    static let ofPeers = [peerUp, peerHeard, peerRoundTrip, peerLag, peerEligible]
}
