package struct HookSettings: Hashable, Sendable {
    package var isEnabled: Bool
    /// For every group, but for those that a group has of its own.
    package var hooks: [HookEvent: Hook]
    /// For how long a role must last before its hook begins. No address waits for it.
    package var debounce: Duration
    /// For how long a node whose hook failed with `abort` is not eligible, the first time.
    package var cooldown: Duration
    /// Names of the agent's own environment that hooks find, too.
    package var passedVariables: [String]
    /// Nil where the hooks are not signed.
    package var signature: HookSignature?

    package init(
        isEnabled: Bool,
        hooks: [HookEvent: Hook],
        debounce: Duration = .zero,
        cooldown: Duration = .seconds(60),
        passedVariables: [String] = [],
        signature: HookSignature? = nil
    ) {
        self.isEnabled = isEnabled
        self.hooks = hooks
        self.debounce = debounce
        self.cooldown = cooldown
        self.passedVariables = passedVariables
        self.signature = signature
    }
}

/// The public names of what hooks are run at.
package enum HookEvent: String, Hashable, Sendable, CaseIterable {
    case toReady = "ToReady"
    case beforeMaster = "BeforeMaster"
    case toMaster = "ToMaster"
    case beforeSlave = "BeforeSlave"
    case toSlave = "ToSlave"
    case toDestroy = "ToDestroy"

    /// Whether it happens to a group; the others happen to the node.
    package var isOfGroup: Bool {
        switch self {
        case .beforeMaster, .toMaster, .beforeSlave, .toSlave: true
        case .toReady, .toDestroy: false
        }
    }
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
    /// What the program's content must have, in 64 small hexadecimal digits; nil for any.
    package var sha256: String?
}

/// Where the list of the programs' digests is, and the key that it is authenticated with.
package struct HookSignature: Hashable, Sendable {
    package var file: String
    package var keyFile: String

    package init(file: String, keyFile: String) {
        self.file = file
        self.keyFile = keyFile
    }
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

extension Configuration {
    /// The hook of a group's event, or of the node's where no group is named; a group's own goes before the common one.
    package func hook(for event: HookEvent, in group: GroupSettings?) -> Hook? {
        guard hooks.isEnabled else { return nil }
        return group?.hooks[event] ?? hooks.hooks[event]
    }

    /// Every hook that may be run, each with the setting that names it.
    package var allHooks: [(setting: String, event: HookEvent, hook: Hook)] {
        guard hooks.isEnabled else { return [] }
        let common = HookEvent.allCases.compactMap { event in
            hooks.hooks[event].map { (setting: "hooks.\(event.rawValue)", event: event, hook: $0) }
        }
        let own = groups.enumerated().flatMap { index, group in
            HookEvent.allCases.compactMap { event in
                group.hooks[event].map { (setting: "groups[\(index)].hooks.\(event.rawValue)", event: event, hook: $0) }
            }
        }
        return common + own
    }
}
