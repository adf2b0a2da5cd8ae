package import Configuration
package import Doctor
internal import Elections
internal import Linux
package import Net
internal import Raft
internal import Time

/// What `vip-switch doctor` looks at, and the look itself.
package struct Examination {
    /// The file, what `check` says of it, and what it says; nil without one.
    package var configuration: Configuration?
    package var diagnostics: [Diagnostic] = []
    package var origins: Origins?
    package var configurationPath: String?
    /// Without a configuration: what the command line names.
    package var addresses: [VirtualAddress] = []
    package var interfaces: [String] = []
    /// Nil where none answers, with what it was asked in vain by.
    package var agent: RunningAgent?
    package var silence: String?
    /// The scratch address of `--try-address`.
    package var scratch: Prefix?
    /// How long the members are asked.
    package var duration: Duration = .seconds(4)
    package var machine = Machine()

    package init() {}

    /// As many addresses as are asked for.
    static let mostAsked = 64
    static let trialWrites = 50
    static let trialPause: Duration = .milliseconds(4)
}

extension Examination {
    var vips: [VirtualAddress] { configuration.map { $0.groups.flatMap(\.vips) } ?? addresses }

    var interfaceNames: [String] {
        var names: [String] = []
        for name in vips.map(\.interface) + interfaces where !names.contains(name) { names.append(name) }
        return names
    }

    /// Looks. What takes privileges is asked of `probe`, and what takes time goes on side by side.
    package func facts(_ privileges: PrivilegeFacts, asking probe: PrivilegedProbe?) -> Facts {
        var facts = Facts()
        facts.privileges = privileges
        facts.privileges?.otherOwner = otherOwner
        facts.configuration = configurationPath.map { path in ConfigurationFacts(path: path, mistakes: mistakes) }
        facts.agent = agent.map(AgentFacts.init) ?? silence.map(AgentFacts.silent)
        let links = (try? Netlink().links()) ?? []
        let standing = (try? Netlink().addresses()) ?? []
        facts.interfaces = interfaceNames.map { interface($0, links, standing) }
        let asked = askable(links)
        ask(probe, asked.map(\.target), links)
        facts.disk = configuration.map { disk($0.node.dataDirectory) }
        facts.port = configuration.map { port($0.node.raftAddress) }
        facts.members = members()
        facts.conflicts = conflicts(asked, answer(of: probe), probe != nil)
        facts.trials = trials(probe, links)
        facts.firewall = firewall(probe)
        facts.rivals = rivals
        facts.clock = ClockFacts(ClockState.read())
        facts.timing = configuration.map(TimingFacts.init)
        facts.platform = machine.platform
        facts.limits = configuration.flatMap(limits)
        return facts
    }

    private var mistakes: [ConfigurationFacts.Mistake] {
        diagnostics.map { diagnostic in
            ConfigurationFacts.Mistake(
                isError: diagnostic.severity == .error,
                place: "\(diagnostic.origin)",
                text: diagnostic.text
            )
        }
    }

    private var otherOwner: String? {
        guard let directory = configuration?.node.dataDirectory, let status = try? FileStatus(of: directory),
            status.owner != User.effective.id
        else { return nil }
        return User(id: status.owner).name
    }
}

extension AgentFacts {
    fileprivate init(_ agent: RunningAgent) {
        self = .running(version: agent.version, node: agent.node, role: agent.role, leader: agent.leader)
    }
}

extension ClockFacts {
    fileprivate init(_ state: ClockState) {
        self.init()
        source = state.source
        isSynchronized = state.isSynchronized
        correction = state.correction
        suspensions = state.suspensions
    }
}

extension TimingFacts {
    fileprivate init(_ configuration: Configuration) {
        let present = configuration.cluster.timing
        let named = TimingProfile.allCases.map { profile in
            Profile(name: profile.rawValue, heartbeat: profile.timing.heartbeat, promise: profile.timing.promise)
        }
        let name = TimingProfile.allCases.first { $0.timing == present }?.rawValue ?? "its own timing"
        self.init(
            configured: Profile(name: name, heartbeat: present.heartbeat, promise: present.promise),
            profiles: named.sorted { $0.heartbeat < $1.heartbeat },
            isRealTime: configuration.isRealTime
        )
    }
}
