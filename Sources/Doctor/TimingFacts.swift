internal import Time

/// The timing that is configured, to be compared with what was measured.
package struct TimingFacts: Hashable, Sendable {
    /// One of the named profiles.
    package struct Profile: Hashable, Sendable {
        package var name: String
        package var heartbeat: Duration
        package var promise: Duration

        package init(name: String, heartbeat: Duration, promise: Duration) {
            (self.name, self.heartbeat, self.promise) = (name, heartbeat, promise)
        }
    }

    package var configured: Profile
    /// All that there are, the shortest first.
    package var profiles: [Profile]
    package var isRealTime: Bool

    package init(configured: Profile, profiles: [Profile], isRealTime: Bool) {
        (self.configured, self.profiles, self.isRealTime) = (configured, profiles, isRealTime)
    }
}

/// What the members and the disk came to, taken together.
package struct Measured: Hashable, Sendable {
    /// Of the slowest member that answers, but for one datagram in a hundred.
    package var roundTrip: Duration
    package var loss: Double
    package var write: Duration
    package var worstWrite: Duration

    init?(_ members: [MemberFacts], _ disk: DiskFacts?) {
        let heard = members.filter { $0.usual != nil }
        guard let slowest = heard.compactMap(\.usual).max() else { return nil }
        roundTrip = slowest
        loss = heard.map(\.loss).max() ?? 0
        write = disk?.median ?? .zero
        worstWrite = disk?.worst ?? .zero
    }
}

/// A profile that fits what was measured.
package struct Recommendation: Hashable, Sendable {
    package var profile: TimingFacts.Profile
    /// From the moment that the holder falls silent to the VIP elsewhere, at most in the usual case.
    package var failover: Duration
}

extension TimingFacts.Profile {
    /// Three heartbeats must find their way within a lease, and an election its way to the disk, with room for a bad day.
    func fits(_ measured: Measured, isRealTime: Bool) -> Bool {
        // Below 20 ms a busy machine is late by itself.
        if heartbeat < .milliseconds(20), !isRealTime { return false }
        return measured.roundTrip * 2 <= heartbeat && measured.worstWrite * 4 <= promise
            && measured.loss <= largestLoss
    }

    /// A lease outlasts some three heartbeats: the chance that all of them are lost shall be one in a million or less at
    /// 10 ms, and one in ten thousand at 200 ms.
    private var largestLoss: Double {
        heartbeat < .milliseconds(50) ? 0.005 : heartbeat < .milliseconds(200) ? 0.02 : 0.05
    }

    /// The promise, the first successor's slot, question and vote with a write each, the first heartbeat, and the keeper.
    func failover(_ measured: Measured) -> Duration {
        promise + .nanoseconds(heartbeat.nanoseconds * 3 / 10) + measured.roundTrip * 3 + measured.write * 2
            + .milliseconds(10)
    }
}

extension TimingFacts {
    package func recommendation(_ members: [MemberFacts], _ disk: DiskFacts?) -> Recommendation? {
        guard let measured = Measured(members, disk) else { return nil }
        let fitting = profiles.first { $0.fits(measured, isRealTime: isRealTime) }
        return fitting.map { Recommendation(profile: $0, failover: $0.failover(measured)) }
    }

    func findings(_ members: [MemberFacts], _ disk: DiskFacts?) -> [Finding] {
        guard let measured = Measured(members, disk) else { return [] }
        guard let best = recommendation(members, disk) else {
            return [
                .warning(
                    .timing,
                    configured.name,
                    "no profile fits what was measured: \(readable(measured.roundTrip)) of round trip, "
                        + "\(readable(measured.worstWrite)) for a write",
                    do: "mend the network or the disk; until then: cluster.timing: {heartbeat: 500ms, promise: 3s}"
                )
            ]
        }
        let time = "a silent holder is replaced within some \(readable(configured.failover(measured)))"
        if configured.heartbeat < best.profile.heartbeat {
            return [
                .warning(
                    .timing,
                    configured.name,
                    "it is shorter than network and disk allow: leases may be lost without a fault",
                    do: "set cluster.timing: \(best.profile.name); within some \(readable(best.failover)) then"
                )
            ]
        }
        let shorter =
            best.profile.heartbeat < configured.heartbeat
            ? "; \(best.profile.name) would fit, too, with some \(readable(best.failover))" : ""
        return [.ok(.timing, configured.name, time + shorter)]
    }
}
