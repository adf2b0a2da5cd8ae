package import Configuration
package import Linux
internal import Net

/// The hooks of a configuration with all that they are told: what the runner inherits, one value that another can take the
/// place of as a whole.
package struct HookPlan: Hashable, Sendable {
    /// A group's values, as they stand in the environment.
    private struct Place: Hashable {
        var group: String
        var vips: [VirtualAddress]
        var hooks: [HookEvent: Hook]
    }

    private static let mostAddresses = 2_000

    /// For how long a role must last before its hook begins.
    package let debounce: Duration
    package let signature: HookSignature?
    /// Nil where there is none, or where it could not be read: then no hook runs.
    package let signatureKey: SignatureKey?
    private let hooks: [HookEvent: Hook]
    private let nodeID: String
    private let raftAddress: String
    private let configurationFile: String
    private let vipConf: String?
    private let home: String
    private let language: String
    /// What `pass_environment` names, as far as this process has it.
    private let passed: [String: String]
    private var places: [Place]

    /// Reads the key of the signatures, too, and the variables that are handed on.
    /// - Parameters:
    ///   - home: The service user's; a hook's HOME.
    ///   - language: A hook's LANG.
    package init(_ configuration: Configuration, home: String? = nil, language: String? = nil) {
        let settings = configuration.hooks
        let isEnabled = settings.isEnabled
        hooks = isEnabled ? settings.hooks : [:]
        debounce = settings.debounce
        signature = isEnabled ? settings.signature : nil
        signatureKey = signature.flatMap { try? SignatureKey.read($0.keyFile) }
        nodeID = configuration.node.id
        raftAddress = "\(configuration.node.raftAddress)"
        configurationFile = Self.absolute(configuration.path)
        vipConf = configuration.vipConf.map(Self.absolute)
        self.home = home ?? ProcessEnvironment.value("HOME") ?? "/"
        self.language = language ?? ProcessEnvironment.value("LANG") ?? "C.UTF-8"
        let names = Set(settings.passedVariables)
        passed = Dictionary(uniqueKeysWithValues: names.map { ($0, ProcessEnvironment.value($0)) })
            .compactMapValues(\.self)
        places = configuration.groups.map { Place(group: $0.name, vips: $0.vips, hooks: isEnabled ? $0.hooks : [:]) }
    }

    /// Hooks run in `/`.
    private static func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : "\(ProcessEnvironment.workingFolder)/\(path)"
    }

    /// A group's own hook, or the one that all have in common.
    package func hook(for request: HookRequest) -> Hook? {
        let own = request.group.flatMap { places.indices.contains($0) ? places[$0].hooks[request.event] : nil }
        return own ?? hooks[request.event]
    }

    /// The same with every group at the index at which `former` has it: requests go by it. A group that only the former
    /// plan has keeps its place, for the hook that undoes what it did.
    package func following(_ former: HookPlan) -> HookPlan {
        var plan = self
        plan.places = former.places.map { old in places.first { $0.group == old.group } ?? old }
        plan.places += places.filter { new in !former.places.contains { $0.group == new.group } }
        return plan
    }

    /// The programs that any event runs.
    package var commands: Set<String> {
        Set((places.map(\.hooks) + [hooks]).flatMap { $0.values.map(\.command) })
    }

    /// Whether the configuration has the group that a request names.
    package func accepts(_ request: HookRequest) -> Bool {
        request.group.map { places.indices.contains($0) } ?? true
    }

    /// What to execute, the templates filled in.
    package func program(of hook: Hook, for request: HookRequest) -> Child.Program {
        let own = hook.environment.map { ($0.name, expand($0.value, request)) }
        // The configured names come last and win.
        let values = Dictionary(environment(of: request) + own) { _, later in later }
        return Child.Program(
            path: hook.command,
            arguments: hook.arguments.map { expand($0, request) },
            environment: values.map { "\($0.key)=\($0.value)" }.sorted()
        )
    }
}

extension HookPlan {
    /// In the environment of every hook, and thereby of what it starts: tells ours from other processes.
    package var mark: String { "VIP_SWITCH_CONFIG=\(configurationFile)" }

    private func expand(_ text: String, _ request: HookRequest) -> String {
        HookTemplate.expand(text) { template in
            switch template {
            case .nodeID: nodeID
            case .event: request.event.rawValue
            case .raftAddress: raftAddress
            }
        }
    }

    /// What is handed on may replace the first three, and none of what a hook is told.
    private func environment(of request: HookRequest) -> [(String, String)] {
        let basis = [
            ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
            ("HOME", home),
            ("LANG", language),
        ]
        let facts = [
            ("EVENT_TYPE", request.event.rawValue),
            ("NODE_ID", nodeID),
            ("RAFT_ADDR", raftAddress),
            ("RAFT_TERM", "\(request.term)"),
            ("VIP_SWITCH_CONFIG", configurationFile),
        ]
        return basis + passed.map { ($0.key, $0.value) } + facts + address(of: request) + addressFile
    }

    /// Of the request's group; of the only one where the request names none. VIP_ADDRESS and INTERFACE are those of its
    /// first VIP, VIP_ADDRESSES lists all as `ADDRESS/LENGTH@INTERFACE`,
    /// or the first of so many that an environment could not hold them (the kernel's limit for one variable is 128 KiB).
    private func address(of request: HookRequest) -> [(String, String)] {
        guard let index = request.group ?? (places.count == 1 ? 0 : nil), places.indices.contains(index) else {
            return []
        }
        let place = places[index]
        let all = place.vips.prefix(Self.mostAddresses).map { "\($0.prefix)@\($0.interface)" }
        let first =
            place.vips.first.map { [("VIP_ADDRESS", "\($0.prefix.address)"), ("INTERFACE", $0.interface)] } ?? []
        return [("VIP_GROUP", place.group), ("VIP_ADDRESSES", all.joined(separator: " "))] + first
    }

    /// For scripts to source.
    private var addressFile: [(String, String)] { vipConf.map { [("VIP_CONF", $0)] } ?? [] }
}
