package import Net

/// A whole configuration, checked: flags, environment, file and `vip.conf` merged, every default filled in.
///
/// `Configuration.read(_:)` makes one from texts, with no system call: `Ledger` writes down where everything stands and
/// what is wrong, `Section` and `Field` walk through the tree, `Form` says how a kind of value is written, and the
/// `Rules` look at what only shows when several settings are seen together.
package struct Configuration: Hashable, Sendable {
    /// The file that it came from.
    package var path: String
    /// The `vip.conf` beside it, whether it names the VIP or is there for the hooks; nil where there is none.
    package var vipConf: String?
    package var node: NodeSettings
    package var cluster: ClusterSettings
    package var groups: [GroupSettings]
    package var announce: AnnounceSettings
    package var hooks: HookSettings
    package var logging: LoggingSettings
    package var control: ControlSettings
    package var exporter: ExporterSettings
    /// Whole seconds of `valid_lft` that addresses carry; 0 leaves them permanent.
    package var kernelLifetime: Int
    package var whenNoneEligible: WhenNoneEligible
    /// For how long a link has been good before this node counts as good again.
    package var upDelay: Duration
    /// Agent, keeper and scribe go before other programs, and are never paged out, where the limits allow.
    package var isRealTime: Bool
    package var fence: FenceKind
}

/// What becomes of the VIPs where every node has a fault, such as a link without carrier.
package enum WhenNoneEligible: String, Hashable, Sendable, CaseIterable {
    /// The holder keeps them.
    case keep
    /// Nobody has them.
    case release
}

package struct NodeSettings: Hashable, Sendable {
    package var id: String
    package var raftAddress: Endpoint
    /// An absolute path.
    package var dataDirectory: String
    /// Higher is preferred; 0...65535, default 100.
    package var priority: UInt16
    /// Votes and never holds a VIP.
    package var isWitness: Bool
}

package struct ClusterSettings: Hashable, Sendable {
    package struct Node: Hashable, Sendable {
        package var id: String
        package var address: Endpoint
    }

    /// The first membership, this node included.
    package var nodes: [Node]
    /// Nil only with `isInsecure`.
    package var secretFile: String?
    package var isInsecure: Bool
    package var isSingle: Bool
    package var timing: TimingSettings
    package var exclusivity: Exclusivity
}

/// What two nodes may do in the cases that leave nobody to act (all processes of the holder frozen or killed at once).
package enum Exclusivity: String, Hashable, Sendable, CaseIterable {
    /// The address may be held twice for up to the kernel's lifetime.
    case prompt
    /// Never: without a fence the lease is shorter by what the kernel needs to take the address off by itself.
    case strict
}

/// What keeps packets from a VIP whose time is over, though nobody is left to take it off.
package enum FenceKind: String, Hashable, Sendable, CaseIterable {
    case none
    /// The kernel's packet filter, which looks at the time by itself.
    case nftables
}

/// VIPs that move together.
package struct GroupSettings: Hashable, Sendable {
    /// `default` where `vips:` or `vip.conf` made the group.
    package var name: String
    package var vips: [VirtualAddress]
    /// Interfaces whose fault is one of the group's, beside those that its VIPs are on.
    package var trackedInterfaces: [String]
    /// Instead of those that all groups have in common.
    package var hooks: [HookEvent: Hook]

    package init(
        name: String,
        vips: [VirtualAddress],
        trackedInterfaces: [String] = [],
        hooks: [HookEvent: Hook] = [:]
    ) {
        self.name = name
        self.vips = vips
        self.trackedInterfaces = trackedInterfaces
        self.hooks = hooks
    }
}

/// A VIP and the interface that it is put on.
package struct VirtualAddress: Hashable, Sendable {
    package var prefix: Prefix
    package var interface: String

    package init(prefix: Prefix, interface: String) {
        self.prefix = prefix
        self.interface = interface
    }
}

package struct AnnounceSettings: Hashable, Sendable {
    /// Frames of each form in the first burst, 1...20.
    package var count: Int
    package var interval: Duration
    /// Zero turns the refresh off.
    package var refresh: Duration
}

package struct LoggingSettings: Hashable, Sendable {
    package enum Level: String, Hashable, Sendable, CaseIterable {
        case debug, info, notice, warn, error
    }
    package enum Format: String, Hashable, Sendable, CaseIterable {
        case json, text
    }

    package var level: Level
    package var format: Format
    /// An absolute path; nil for standard error.
    package var output: String?
}

package struct ControlSettings: Hashable, Sendable {
    package var socket: String
    package var statusSocket: String

    /// Where commands look without `--config` and `--socket`.
    package static let standard = ControlSettings(
        socket: "/run/vip-switch/control.sock",
        statusSocket: "/run/vip-switch/status.sock"
    )
}
