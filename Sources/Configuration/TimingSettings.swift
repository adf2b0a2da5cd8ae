import Net
import Time

/// `cluster.timing`: a profile's name or values of one's own.
package struct TimingSettings: Hashable, Sendable {
    package var heartbeat: Duration
    package var promise: Duration

    package static let lan = TimingSettings(heartbeat: .milliseconds(50), promise: .milliseconds(250))
    package static let fast = TimingSettings(heartbeat: .milliseconds(20), promise: .milliseconds(100))
    package static let turbo = TimingSettings(heartbeat: .milliseconds(10), promise: .milliseconds(40))
    package static let wan = TimingSettings(heartbeat: .milliseconds(200), promise: .milliseconds(1200))

    /// What must be over before the promise is: D, and with `exclusivity: strict` the time that the kernel may take to remove
    /// by itself what nobody is left to remove. A fence closes for all addresses at once and by itself, before the lease
    /// ends: it leaves the 10 ms of a late awakening, whoever is asked for and however many addresses there are.
    static func reserve(
        withdrawal: Duration,
        _ exclusivity: Exclusivity,
        _ fence: FenceKind,
        kernelLifetime: Int
    ) -> Duration {
        switch (fence, exclusivity) {
        case (.nftables, _): AddressCosts(v4: 0, v6: 0).withdrawal
        case (.none, .prompt): withdrawal
        case (.none, .strict): withdrawal + kernelRemoval(lifetime: kernelLifetime)
        }
    }

    /// K: a lifetime of N seconds ends up to N + 1 s after the last refresh, as measured.
    private static func kernelRemoval(lifetime: Int) -> Duration { .seconds(lifetime + 1) }

    package init(heartbeat: Duration, promise: Duration) {
        self.heartbeat = heartbeat
        self.promise = promise
    }

    /// L = 0.996 P − what must be over before the promise is: clocks that run 0.2 % apart from true time.
    package func lease(reserving reserve: Duration) -> Duration {
        .nanoseconds(promise.nanoseconds / 1000 * 996) - reserve
    }

    /// The shortest lease to live with: so many heartbeats, and half of one for the answer to come back.
    func shortestLease(heartbeats: Int) -> Duration {
        heartbeat * heartbeats + heartbeat / 2
    }

    /// The shortest promise, in whole milliseconds, that is worth such a lease.
    func shortestPromise(heartbeats: Int, reserving reserve: Duration) -> Duration {
        let needed = (shortestLease(heartbeats: heartbeats) + reserve).nanoseconds
        let exact = (needed * 1000 + 995) / 996
        return .milliseconds((exact + 999_999) / 1_000_000)
    }
}

/// The named profiles.
package enum TimingProfile: String, Hashable, Sendable, CaseIterable {
    case lan, fast, turbo, wan

    package var timing: TimingSettings {
        switch self {
        case .lan: .lan
        case .fast: .fast
        case .turbo: .turbo
        case .wan: .wan
        }
    }
}

extension Configuration {
    /// What the lease must leave of the promise.
    package var reserve: Duration {
        TimingSettings.reserve(withdrawal: removal, cluster.exclusivity, fence, kernelLifetime: kernelLifetime)
    }

    /// How long it takes to remove this node's VIPs: D where there is no fence.
    package var removal: Duration { addressCosts.withdrawal }

    private var addressCosts: AddressCosts {
        let vips = groups.flatMap(\.vips)
        let v6 = vips.count { $0.prefix.address.bitWidth == 128 }
        return AddressCosts(v4: vips.count - v6, v6: v6)
    }

    /// The sum behind the lease, for people to check.
    package var timingSummary: String {
        let timing = cluster.timing
        let lease = text(of: .milliseconds(timing.lease(reserving: reserve).nanoseconds / 1_000_000))
        return "lease: promise \(text(of: timing.promise)) x 0.996 less \(text(of: reserve)) to take the VIPs off "
            + "gives \(lease), renewed every \(text(of: timing.heartbeat))"
    }
}
