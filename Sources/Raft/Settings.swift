import Time

/// What the configuration says to the election.
package struct Settings: Hashable, Sendable {
    package var id: NodeID
    /// The nodes that the configuration names, this one included: the first membership if there is no cluster yet.
    package var nodes: [ConfiguredNode]
    /// Who founds the cluster without waiting for the others, by an operator's word; nil: all of `nodes` together.
    package var founders: Set<NodeID>?
    package var timing: Timing
    package var fitness: Fitness
    /// How many committed entries are kept before a snapshot takes their place.
    package var compaction: Int

    package init(
        id: NodeID,
        nodes: [ConfiguredNode],
        founders: Set<NodeID>? = nil,
        timing: Timing,
        fitness: Fitness,
        compaction: Int = 256
    ) {
        self.id = id
        self.nodes = nodes
        self.founders = founders
        self.timing = timing
        self.fitness = fitness
        self.compaction = compaction
    }
}

/// How the lease is timed, as the nodes agree on it through the log.
///
/// The agreement is for order, not for safety: each acknowledgement is worth what it promised, whatever the log says.
package struct ClusterTiming: Hashable, Sendable {
    /// Between two heartbeats.
    package var heartbeat: Duration
    /// P: what a voter promises with each acknowledgement.
    package var promise: Duration

    package init(heartbeat: Duration, promise: Duration) {
        self.heartbeat = heartbeat
        self.promise = promise
    }

    /// What a leader may ask for: a longer promise is a mistake that would lock a cluster up.
    package var isReasonable: Bool {
        heartbeat > .zero && heartbeat < promise && promise <= RaftNode.promiseLimit
    }
}

/// How one node times its lease: what is agreed on, and what is its own matter.
package struct Timing: Hashable, Sendable {
    package var heartbeat: Duration
    package var promise: Duration
    /// D: the worst time from the end of the lease until the addresses are really gone.
    package var withdrawal: Duration
    /// Between the campaigns of two successors.
    package var slot: Duration

    package init(heartbeat: Duration, promise: Duration, withdrawal: Duration, slot: Duration) {
        self.heartbeat = heartbeat
        self.promise = promise
        self.withdrawal = withdrawal
        self.slot = slot
    }

    /// What this node would have the cluster agree on.
    package var wish: ClusterTiming { ClusterTiming(heartbeat: heartbeat, promise: promise) }

    /// The same with what was agreed on. The slot is wide enough for a round trip and a vote's way to the disk.
    package func following(_ agreed: ClusterTiming?) -> Timing {
        guard let agreed, agreed != wish else { return self }
        return Timing(
            heartbeat: agreed.heartbeat,
            promise: agreed.promise,
            withdrawal: withdrawal,
            slot: .nanoseconds(slot.nanoseconds * agreed.heartbeat.nanoseconds / max(1, heartbeat.nanoseconds))
        )
    }

    /// The lease that a promise is worth: L = P · (1 − r)/(1 + r) − D with r = 0.2 %.
    ///
    /// The rates are those of the slower and the faster of two clocks, so r is the raw oscillators' only: NTP slews
    /// BOOTTIME but never MONOTONIC_RAW.
    package func lease(ofPromise promise: Duration) -> Duration {
        .nanoseconds(promise.nanoseconds / 1000 * 996) - withdrawal
    }

    /// Whether a lease outlasts the pause between two heartbeats; one that does not is worth nothing.
    var isWorthHolding: Bool { lease(ofPromise: promise) > heartbeat }
}
