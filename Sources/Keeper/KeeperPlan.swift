package import Net

/// What the keeper may do, from the configuration: all that it knows of the world but what the kernel tells it.
///
/// A child without capabilities parses the configuration and hands this over; the keeper reads nothing else.
package struct KeeperPlan: Hashable, Sendable {
    /// VIPs that move together, and where they go.
    package struct Group: Hashable, Sendable {
        package var name: String
        package var interface: String
        package var vips: [Prefix]
        /// Other interfaces whose fault is one of the group's.
        package var tracked: [String]

        package init(name: String, interface: String, vips: [Prefix], tracked: [String] = []) {
            self.name = name
            self.interface = interface
            self.vips = vips
            self.tracked = tracked
        }
    }

    /// How often neighbours are told.
    package struct Announcing: Hashable, Sendable {
        /// Rounds in a burst, at least one.
        package var count: Int
        /// Between two rounds of a burst.
        package var interval: Duration
        /// Between two rounds for as long as the group is held; zero for none.
        package var refresh: Duration

        package init(count: Int, interval: Duration, refresh: Duration) {
            self.count = count
            self.interval = interval
            self.refresh = refresh
        }
    }

    /// An absolute path; lock and record lie there.
    package var dataDirectory: String
    package var groups: [Group]
    package var announcing: Announcing
    /// Whole seconds of `valid_lft` that addresses carry; 0 leaves them permanent.
    package var kernelLifetime: Int
    /// A hold that wants to last longer from now is refused.
    package var longestLease: Duration
    /// D: the worst time from the end of a lease until the addresses are really gone. A last will is not sent later.
    package var withdrawal: Duration
    /// `--adopt`: configured VIPs that somebody else put on before the start are taken off instead of refused.
    package var adopts: Bool
    /// `realtime: true`. What the limits do not allow, the agent says: they are the same for both.
    package var isRealTime: Bool
    /// Nothing reaches a VIP but under a hold: the kernel's packet filter sees to it.
    package var isFenced: Bool

    package init(
        dataDirectory: String,
        groups: [Group],
        announcing: Announcing,
        kernelLifetime: Int,
        longestLease: Duration,
        withdrawal: Duration,
        adopts: Bool,
        isRealTime: Bool = false,
        isFenced: Bool = false
    ) {
        self.dataDirectory = dataDirectory
        self.groups = groups
        self.announcing = announcing
        self.kernelLifetime = kernelLifetime
        self.longestLease = longestLease
        self.withdrawal = withdrawal
        self.adopts = adopts
        self.isRealTime = isRealTime
        self.isFenced = isFenced
    }
}

extension KeeperPlan {
    /// Bounds of what a plan may say; a configuration beyond them is refused before.
    package enum Limit {
        package static let groups = 64
        /// Bytes of a group's name, which may be a configured one with its interface.
        package static let name = 96
        package static let vips = 16_384
        /// Tracked interfaces of a group.
        package static let tracked = 16
        /// Bytes of an encoded plan.
        package static let encoding = 1 << 20
        /// Seconds: a day.
        package static let kernelLifetime = 86_400
        /// For every interval and lease.
        package static let interval = Duration.seconds(86_400)
    }
}
