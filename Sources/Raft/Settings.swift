import Time

/// What the configuration says to the election.
package struct Settings: Hashable, Sendable {
    package var id: NodeID
    /// The nodes that the configuration names, this one included: the first membership if there is no cluster yet.
    package var nodes: [ConfiguredNode]
    package var timing: Timing
    package var fitness: Fitness

    package init(id: NodeID, nodes: [ConfiguredNode], timing: Timing, fitness: Fitness) {
        self.id = id
        self.nodes = nodes
        self.timing = timing
        self.fitness = fitness
    }
}

/// How the lease is timed.
package struct Timing: Hashable, Sendable {
    /// Between two heartbeats.
    package var heartbeat: Duration
    /// What a voter promises with each acknowledgement.
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

    /// The lease that a promise is worth: L = P · (1 − r)/(1 + r) − D with r = 0.2 %.
    ///
    /// The rates are those of the slower and the faster of two clocks, so r is the raw oscillators' only: NTP slews
    /// BOOTTIME but never MONOTONIC_RAW.
    package func lease(ofPromise promise: Duration) -> Duration {
        .nanoseconds(promise.nanoseconds / 1000 * 996) - withdrawal
    }
}
