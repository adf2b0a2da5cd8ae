package import Net

/// A whole configuration, checked: flags, environment, file and `vip.conf` merged, every default filled in.
package struct Configuration: Hashable, Sendable {
    package var path: String
    package var node: NodeSettings
    package var cluster: ClusterSettings
    package var groups: [GroupSettings]
    package var announce: AnnounceSettings
    package var hooks: HookSettings
    package var logging: LoggingSettings
    package var control: ControlSettings
    /// Whole seconds of `valid_lft` that addresses carry; 0 leaves them permanent.
    package var kernelLifetime: Int
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

/// `cluster.timing`: a profile's name or values of one's own.
package struct TimingSettings: Hashable, Sendable {
    package var heartbeat: Duration
    package var promise: Duration

    package static let lan = TimingSettings(heartbeat: .milliseconds(50), promise: .milliseconds(250))
    package static let fast = TimingSettings(heartbeat: .milliseconds(20), promise: .milliseconds(100))
    package static let turbo = TimingSettings(heartbeat: .milliseconds(10), promise: .milliseconds(40))
    package static let wan = TimingSettings(heartbeat: .milliseconds(200), promise: .milliseconds(1200))

    package init(heartbeat: Duration, promise: Duration) {
        self.heartbeat = heartbeat
        self.promise = promise
    }
}

package enum Exclusivity: String, Hashable, Sendable {
    case prompt
    case strict
}

/// VIPs that move together.
package struct GroupSettings: Hashable, Sendable {
    /// `default` where `vips:` or `vip.conf` made the group.
    package var name: String
    package var interface: String
    package var vips: [Prefix]
}

package struct AnnounceSettings: Hashable, Sendable {
    /// Frames of each form in the first burst, 1...20.
    package var count: Int
    package var interval: Duration
    /// Zero turns the refresh off.
    package var refresh: Duration
}

package struct HookSettings: Hashable, Sendable {
    package var isEnabled: Bool
    package var hooks: [HookEvent: Hook]
}

package enum HookEvent: String, Hashable, Sendable, CaseIterable {
    case toReady = "ToReady"
    case toMaster = "ToMaster"
    case toSlave = "ToSlave"
    case toDestroy = "ToDestroy"
}

/// One hook, the defaults of `hooks:` filled in.
package struct Hook: Hashable, Sendable {
    package enum FailurePolicy: String, Hashable, Sendable {
        case `continue`
        case retry
        case abort
    }

    /// An absolute path.
    package var command: String
    package var arguments: [String]
    package var timeout: Duration
    package var onFailure: FailurePolicy
    /// Sorted by name; values may hold `{{.NodeID}}`, `{{.Event}}` and `{{.RaftAddr}}`, as `arguments` may.
    package var environment: [EnvironmentVariable]
}

package struct EnvironmentVariable: Hashable, Sendable {
    package var name: String
    package var value: String
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
}
