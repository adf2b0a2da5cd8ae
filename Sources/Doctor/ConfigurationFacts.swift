/// What `check` says of the configuration: files, permissions, hooks, keys.
package struct ConfigurationFacts: Hashable, Sendable {
    package struct Mistake: Hashable, Sendable {
        package var isError: Bool
        /// `FILE:LINE:COLUMN`
        package var place: String
        /// `what; expected …`, as `check` prints it.
        package var text: String

        package init(isError: Bool, place: String, text: String) {
            (self.isError, self.place, self.text) = (isError, place, text)
        }
    }

    package var path: String
    package var mistakes: [Mistake]

    package init(path: String, mistakes: [Mistake]) {
        (self.path, self.mistakes) = (path, mistakes)
    }

    var findings: [Finding] {
        if mistakes.isEmpty { return [.ok(.configuration, path, "it is right, and so are the files that it names")] }
        return mistakes.map { mistake in
            // The first half says what is wrong, the rest what was expected or what to type.
            let parts = mistake.text.split(separator: "; ", maxSplits: 1).map(String.init)
            return Finding(
                mistake.isError ? .error : .warning,
                .configuration,
                mistake.place,
                parts.first ?? mistake.text,
                parts.count > 1 ? parts[1] : "mend it there, and look again"
            )
        }
    }
}

/// The agent of this node.
package enum AgentFacts: Hashable, Sendable {
    case running(version: String, node: String, role: String, leader: String?)
    /// Nothing answers on its status socket.
    case silent(String)

    var isRunning: Bool {
        if case .running = self { true } else { false }
    }

    var findings: [Finding] {
        switch self {
        case .running(let version, let node, let role, let leader?):
            return [.ok(.agent, node, "it runs (\(version)) as \(role); \(leader == node ? "it" : leader) leads")]
        case .running(let version, let node, let role, nil):
            return [
                .warning(
                    .agent,
                    node,
                    "it runs (\(version)) as \(role), and knows no leader",
                    do: "look at the members below, and at `vip-switch status`"
                )
            ]
        case .silent(let reason): return [.ok(.agent, nil, "none runs here: \(reason)")]
        }
    }
}
