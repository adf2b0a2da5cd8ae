extension Configuration {
    /// What is another than in `old`, a line for each, as an operator says it: `announce.refresh 60s → 30s`.
    package func differences(from old: Configuration) -> [String] {
        let lines =
            groupDifferences(from: old)
            + Self.values.compactMap { name, text in
                let (before, after) = (text(old), text(self))
                return before == after ? nil : "\(name) \(before) → \(after)"
            } + hookDifferences(from: old)
        return lines.isEmpty && self != old ? ["settings of which nothing is shown"] : lines
    }

    /// The settings that have one value each, as they are written.
    private static var values: [(name: String, text: (Configuration) -> String)] {
        [
            ("node.id", \.node.id),
            ("node.raft_addr", { "\($0.node.raftAddress)" }),
            ("node.data_dir", \.node.dataDirectory),
            ("node.priority", { "\($0.node.priority)" }),
            ("node.witness", { "\($0.node.isWitness)" }),
            ("cluster.nodes", { $0.cluster.nodes.map { "\($0.id) \($0.address)" }.joined(separator: ", ") }),
            ("cluster.secret_file", { $0.cluster.secretFile ?? "none" }),
            ("cluster.insecure", { "\($0.cluster.isInsecure)" }),
            ("cluster.single", { "\($0.cluster.isSingle)" }),
            ("cluster.timing.heartbeat", { text(of: $0.cluster.timing.heartbeat) }),
            ("cluster.timing.promise", { text(of: $0.cluster.timing.promise) }),
            ("cluster.exclusivity", \.cluster.exclusivity.rawValue),
            ("announce.count", { "\($0.announce.count)" }),
            ("announce.interval", { text(of: $0.announce.interval) }),
            ("announce.refresh", { text(of: $0.announce.refresh) }),
            ("logging.level", \.logging.level.rawValue),
            ("logging.format", \.logging.format.rawValue),
            ("logging.output", { $0.logging.output ?? "stderr" }),
            ("exporter.listen", { "\($0.exporter.listen)" }),
            ("control.socket", \.control.socket),
            ("control.status_socket", \.control.statusSocket),
            ("kernel_lifetime", { "\($0.kernelLifetime)s" }),
            ("when_none_eligible", \.whenNoneEligible.rawValue),
            ("up_delay", { text(of: $0.upDelay) }),
            ("realtime", { "\($0.isRealTime)" }),
            ("fence", \.fence.rawValue),
        ]
    }
}

// MARK: - Groups

extension Configuration {
    private func groupDifferences(from old: Configuration) -> [String] {
        let gone = old.groups.filter { group in !groups.contains { $0.name == group.name } }
        return groups.compactMap { group in
            let before = old.groups.first { $0.name == group.name }
            let changes =
                Self.changes(from: before?.vips ?? [], to: group.vips) + Self.tracking(from: before, to: group)
            if let before, before == group { return nil }
            if changes.isEmpty { return "\(group.label): changed" }
            return "\(group.label): " + (before == nil && group.label != "vips" ? "new; " : "")
                + changes.joined(separator: "; ")
        }
            + gone.map { group in
                "\(group.label): gone; " + Self.changes(from: group.vips, to: []).joined(separator: "; ")
            }
    }

    private static func changes(from old: [VirtualAddress], to new: [VirtualAddress]) -> [String] {
        let (before, after) = (Set(old), Set(new))
        return [
            list("added", new.filter { !before.contains($0) }), list("removed", old.filter { !after.contains($0) }),
        ].compactMap(\.self)
    }

    private static func tracking(from old: GroupSettings?, to new: GroupSettings) -> [String] {
        let (before, after) = (old?.trackedInterfaces ?? [], new.trackedInterfaces)
        if before == after { return [] }
        let texts = [before, after].map { "[" + $0.joined(separator: ", ") + "]" }
        return ["track_interfaces \(texts[0]) → \(texts[1])"]
    }

    /// Of thousands only so many are named: a line is for reading.
    private static let mostNamed = 16

    private static func list(_ verb: String, _ vips: [VirtualAddress]) -> String? {
        if vips.isEmpty { return nil }
        let named = vips.prefix(mostNamed).map { "\($0.prefix) on \($0.interface)" }.joined(separator: ", ")
        let rest = vips.count > mostNamed ? " and \(vips.count - mostNamed) more" : ""
        return "\(verb) \(named)\(rest)"
    }
}

extension GroupSettings {
    /// `vips` for the group that has no name of its own.
    fileprivate var label: String { name == "default" ? "vips" : "group \(name)" }
}

// MARK: - Hooks

extension Configuration {
    private func hookDifferences(from old: Configuration) -> [String] {
        var lines: [String] = []
        if hooks.isEnabled != old.hooks.isEnabled {
            lines.append("hooks.enabled \(old.hooks.isEnabled) → \(hooks.isEnabled)")
        }
        for (name, value) in [("debounce", \HookSettings.debounce), ("cooldown", \.cooldown)] {
            let (before, after) = (old.hooks[keyPath: value], hooks[keyPath: value])
            if before != after { lines.append("hooks.\(name) \(text(of: before)) → \(text(of: after))") }
        }
        lines += Self.changes(from: old.hooks.hooks, to: hooks.hooks, of: "hooks")
        for group in groups {
            let before = old.groups.first { $0.name == group.name }?.hooks ?? [:]
            lines += Self.changes(from: before, to: group.hooks, of: "\(group.label): hooks")
        }
        var (mine, theirs) = (hooks, old.hooks)
        (mine.isEnabled, theirs.isEnabled) = (true, true)
        (mine.hooks, theirs.hooks) = ([:], [:])
        (mine.debounce, theirs.debounce) = (.zero, .zero)
        (mine.cooldown, theirs.cooldown) = (.zero, .zero)
        return mine == theirs ? lines : lines + ["hooks: changed"]
    }

    private static func changes(
        from old: [HookEvent: Hook],
        to new: [HookEvent: Hook],
        of name: String
    ) -> [String] {
        HookEvent.allCases.compactMap { event in
            let (before, after) = (old[event], new[event])
            guard before != after else { return nil }
            let change =
                switch (before?.command, after?.command) {
                case (nil, let command?): "added, \(command)"
                case (_, nil): "removed"
                case (let earlier?, let command?): earlier == command ? "changed" : "\(earlier) → \(command)"
                }
            return "\(name).\(event.rawValue): \(change)"
        }
    }
}
