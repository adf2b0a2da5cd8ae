/// What an agent tells of itself and of its cluster.
package struct StatusReport: Hashable, Sendable {
    package struct Group: Hashable, Sendable {
        package var name: String
        package var vips: [VIP]
        /// The node that holds the VIPs, as far as this one knows.
        package var holder: String?
        package var isHeldHere: Bool
        /// When the holder got them, in RFC 3339; wall time, so for people only.
        package var since: String?
        /// For how long it has had them.
        package var heldFor: Duration?
        /// What this node has announced of it, and who claimed it meanwhile.
        package var announcements = Announcements()
        /// What somebody does to its VIPs here again and again; nil while nobody does.
        package var contest: String?
        /// Why this node should not hold it now, such as a link without carrier; nil where nothing is wrong.
        package var fault: String?

        package init(
            name: String,
            vips: [VIP],
            holder: String? = nil,
            isHeldHere: Bool = false,
            since: String? = nil,
            heldFor: Duration? = nil
        ) {
            self.name = name
            self.vips = vips
            self.holder = holder
            self.isHeldHere = isHeldHere
            self.since = since
            self.heldFor = heldFor
        }
    }

    package struct VIP: Hashable, Sendable {
        /// With its prefix length.
        package var address: String
        package var interface: String

        package init(address: String, interface: String) {
            self.address = address
            self.interface = interface
        }
    }

    package struct Peer: Hashable, Sendable {
        package var id: String
        package var address: String
        /// A word for people, such as `up`, `silent` or `unknown`.
        package var state: String
        /// How long ago it was last heard.
        package var lastHeard: Duration?
        package var roundTrip: Duration?
        /// What a leader knows of it as a successor; nothing elsewhere.
        package var standing = Standing()
        package var speech = Speech()

        package init(
            id: String,
            address: String,
            state: String,
            lastHeard: Duration? = nil,
            roundTrip: Duration? = nil
        ) {
            self.id = id
            self.address = address
            self.state = state
            self.lastHeard = lastHeard
            self.roundTrip = roundTrip
        }
    }

    package var version: String
    package var node: String
    /// `waiting`, `follower`, `candidate` or `leader`.
    package var role: String
    package var term: UInt64
    package var leader: String?
    /// Nil before there is a cluster.
    package var cluster: String?
    /// Since when it is drained, in RFC 3339; nil where it is not.
    package var drainedSince: String?
    /// Which member says that this node is none any more; nil while nobody does.
    package var removalWitness: String?
    /// Of this node's own lease; nil where it has none.
    package var leaseLeft: Duration?
    /// The least that was left of a lease of this node when it was renewed, since its agent started.
    package var smallestLeaseLeft: Duration?
    /// The longest that this node's keeper was woken after the moment that it had asked for.
    package var keeperLateness: Duration?
    package var groups: [Group]
    /// The other nodes.
    package var peers: [Peer]
    /// The version of datagrams that the cluster speaks.
    package var versionInUse: Int?
    package var speech = Speech()
    /// Datagrams that were refused, by reason.
    package var dropped: [String: Int]
    /// Since the agent started.
    package var uptime: Duration?
    /// How this node stands as a holder.
    package var standing = Standing()
    /// The last time that VIPs came to this node from another.
    package var lastFailover: Failover?
    package var metrics = Metrics()

    package init(version: String, node: String, role: String, term: UInt64) {
        self.version = version
        self.node = node
        self.role = role
        self.term = term
        groups = []
        peers = []
        dropped = [:]
    }

    /// What a client sends to get one.
    package static let request = "status"
    /// The same of all nodes, a line each, its own first.
    package static let requestOfAll = "status all"
}
