package struct HookSettings: Hashable, Sendable {
    package var isEnabled: Bool
    package var hooks: [HookEvent: Hook]
}

/// The public names of what hooks are run at.
package enum HookEvent: String, Hashable, Sendable, CaseIterable {
    case toReady = "ToReady"
    case toMaster = "ToMaster"
    case toSlave = "ToSlave"
    case toDestroy = "ToDestroy"
}

/// One hook, the defaults of `hooks:` filled in.
package struct Hook: Hashable, Sendable {
    package enum FailurePolicy: String, Hashable, Sendable, CaseIterable {
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

/// What stands for a value in `args` and `environment` of a hook.
package enum HookTemplate: String, Hashable, Sendable, CaseIterable {
    case nodeID = "{{.NodeID}}"
    case event = "{{.Event}}"
    case raftAddress = "{{.RaftAddr}}"
}
