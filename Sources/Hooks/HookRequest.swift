package import Configuration

/// A hook that the agent wants run: what happened, and to which group.
///
/// That is all a hijacked agent can choose. The program, its arguments and its environment come from the configuration
/// that the runner inherited.
package struct HookRequest: Hashable, Sendable {
    /// The agent's name for it; answers carry it.
    package var number: UInt64
    package var event: HookEvent
    /// Index in `Configuration.groups`; nil for what happens to the node, or where there are no groups.
    package var group: Int?
    /// The election's term, for a hook that fences what it writes to.
    package var term: UInt64

    package init(number: UInt64, event: HookEvent, group: Int?, term: UInt64) {
        self.number = number
        self.event = event
        self.group = group
        self.term = term
    }
}

extension HookEvent {
    /// Whether it is one of a group's two roles; the others come before a role, or are the node's.
    var isRole: Bool {
        switch self {
        case .toMaster, .toSlave: true
        case .toReady, .beforeMaster, .beforeSlave, .toDestroy: false
        }
    }

    /// Whether a VIP waits for its end.
    var isAwaited: Bool {
        switch self {
        case .beforeMaster, .beforeSlave: true
        case .toReady, .toMaster, .toSlave, .toDestroy: false
        }
    }
}

/// How a hook ended.
package enum HookOutcome: Hashable, Sendable {
    case succeeded
    /// `aborts`: the configuration wants the agent to act on it (`on_failure: abort`, or `retry` and no try left).
    case failed(String, aborts: Bool)
    /// What it was for was over before it began.
    case undone
    /// The configuration names no hook for the event.
    case notConfigured
}
