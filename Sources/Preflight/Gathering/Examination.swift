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
    private static let mostAsked = 64
    private static let trialWrites = 50
    private static let trialPause: Duration = .milliseconds(4)
}

extension Examination {
    private var vips: [VirtualAddress] { configuration.map { $0.groups.flatMap(\.vips) } ?? addresses }

    private var interfaceNames: [String] {
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

// MARK: - Interfaces

extension Examination {
    private func interface(_ name: String, _ links: [Link], _ standing: [InterfaceAddress]) -> InterfaceFacts {
        var facts = InterfaceFacts(name: name, vips: vips.filter { $0.interface == name }.map(\.prefix))
        guard let link = links.first(where: { $0.name == name }) else {
            facts.exists = false
            facts.others = links.map(\.name)
            return facts
        }
        facts.note(link, links)
        facts.isIPv6Disabled = InterfaceSettings.disablesIPv6(on: name) ?? true
        facts.isCard = machine.isCard(name)
        facts.addresses = standing.filter { $0.interface == link.index }.map(InterfaceFacts.Address.init)
        facts.settings = machine.sysctls(of: name)
        facts.managers = machine.managers(of: name, index: link.index.rawValue, running: namesOfOurProcesses)
        let others = links.filter { other in
            other.index != link.index && !other.flags.contains(.loopback) && other.flags.contains(.up)
                && standing.contains { $0.interface == other.index && $0.prefix.address.bitWidth == 32 }
        }
        facts.isOnlyOne = others.isEmpty
        return facts
    }

    private var namesOfOurProcesses: Set<String> {
        Set(ProcessTable.all.filter { $0.isInOurNetwork != false }.compactMap(\.name))
    }

    private var rivals: [RivalProcess] {
        ProcessTable.all.compactMap { entry in
            guard let name = entry.name, RivalProcess.names.contains(name) else { return nil }
            return RivalProcess(name: name, pid: entry.pid, isHere: entry.isInOurNetwork)
        }
    }
}

extension InterfaceFacts {
    fileprivate mutating func note(_ link: Link, _ links: [Link]) {
        isUp = link.flags.contains(.up)
        hasCarrier = link.hasCarrier || link.flags.contains(.loopback)
        isUsable = link.isUsable || link.flags.contains(.loopback)
        isLoopback = link.flags.contains(.loopback)
        hasNoARP = link.flags.contains(.noARP)
        type = link.type
        portOf = link.portOf.map { index in links.first { $0.index == index }?.name ?? "\(index)" }
    }
}

extension InterfaceFacts.Address {
    fileprivate init(_ address: InterfaceAddress) {
        self.init(
            address.prefix,
            isOurs: address.tag == .vipSwitch,
            isPermanent: address.lifetime == .forever
        )
    }
}

// MARK: - What takes privileges

extension Examination {
    private struct Asked {
        var vip: VirtualAddress
        var target: ProbeQuestion.Target
    }

    /// The VIPs that somebody can be asked about: not those that this node holds.
    private func askable(_ links: [Link]) -> [Asked] {
        let all = vips.compactMap { vip -> Asked? in
            guard let link = links.first(where: { $0.name == vip.interface }), holder(of: vip)?.isHere != true,
                !link.flags.contains(.noARP), link.hardwareAddress != nil, link.flags.contains(.up)
            else { return nil }
            return Asked(vip: vip, target: ProbeQuestion.Target(vip.prefix.address, on: link.index))
        }
        return Array(all.prefix(Self.mostAsked))
    }

    private func holder(of vip: VirtualAddress) -> RunningAgent.Holder? { agent?.holders["\(vip.prefix)"] }

    private func ask(_ probe: PrivilegedProbe?, _ targets: [ProbeQuestion.Target], _ links: [Link]) {
        guard let probe else { return }
        probe.ask(.whoHas(targets))
        if let scratch {
            for name in interfaceNames {
                if let link = links.first(where: { $0.name == name }) { probe.ask(.tryAddress(scratch, on: link.index)) }
            }
        }
        probe.ask(.baseChains)
    }

    private func answer(of probe: PrivilegedProbe?) -> ProbeAnswer? { probe?.answer(within: .seconds(10)) }

    private func conflicts(_ asked: [Asked], _ answer: ProbeAnswer?, _ hasProbe: Bool) -> [ConflictFacts] {
        let here = vips.filter { holder(of: $0)?.isHere == true }.prefix(Self.mostAsked).map { vip in
            ConflictFacts(vip: vip.prefix.address, interface: vip.interface, outcome: .heldHere)
        }
        let neighbours = machine.neighbours
        return here
            + asked.enumerated().map { place, asked in
                let outcome: ConflictFacts.Outcome =
                    switch answer {
                    case .claims(let claims): claims[place].map(ConflictFacts.Outcome.answer) ?? .silence
                    case .failed(let reason): .notAsked(reason)
                    case .passed, .notSeen, .chains: .notAsked("the probe has answered something else")
                    case nil: .notAsked(hasProbe ? "the probe did not answer" : "that takes CAP_NET_RAW")
                    }
                var facts = ConflictFacts(
                    vip: asked.vip.prefix.address,
                    interface: asked.vip.interface,
                    outcome: outcome
                )
                identify(&facts, asked.vip, neighbours)
                return facts
            }
    }

    /// Whose hardware address it is that answers.
    private func identify(
        _ facts: inout ConflictFacts,
        _ vip: VirtualAddress,
        _ neighbours: [IPAddress: MACAddress]
    ) {
        let members = nodes.compactMap { member in
            neighbours[member.endpoint.address].map { (id: member.id.text, hardware: $0) }
        }
        facts.holder = holder(of: vip)?.id
        facts.hardwareOfHolder = members.first { $0.id == facts.holder }?.hardware
        guard case .answer(let hardware) = facts.outcome else { return }
        facts.owner = members.first { $0.hardware == hardware }?.id
    }

    private func trials(_ probe: PrivilegedProbe?, _ links: [Link]) -> [AddressTrial] {
        guard let scratch else { return [] }
        return interfaceNames.filter { name in links.contains { $0.name == name } }.map { name in
            let outcome: AddressTrial.Outcome =
                switch answer(of: probe) {
                case .passed: .passed
                case .notSeen: .notSeen
                case .failed(let reason): reason.hasSuffix("already") ? .notTried(reason) : .failed(reason)
                case .claims, .chains: .failed("the probe has answered something else")
                case nil: .failed("cannot add \(scratch) to \(name): that takes CAP_NET_ADMIN")
                }
            return AddressTrial(scratch, on: name, outcome)
        }
    }

    private func firewall(_ probe: PrivilegedProbe?) -> FirewallFacts? {
        // Without nf_tables in the kernel, or without the right to look, there is nothing to say.
        guard case .chains(let lines) = answer(of: probe) else { return nil }
        let chains = { (hook: String) in
            lines.filter { $0.hasPrefix("\(hook) ") }.map { String($0.dropFirst(hook.count + 1)) }
        }
        return FirewallFacts(droppingInput: chains("input"), droppingOutput: chains("output"))
    }
}

// MARK: - Disk, port, members

extension Examination {
    private func disk(_ directory: String) -> DiskFacts {
        var facts = DiskFacts(directory: directory)
        guard let status = try? FileStatus(of: directory), status.kind == .directory else {
            facts.exists = false
            return facts
        }
        let trial = DiskTrial.run(in: directory, writes: Self.trialWrites, pause: Self.trialPause)
        facts.writes = trial.writes
        facts.failure = trial.failure.map { "\($0)" }
        guard let fileSystem = try? FileSystem(of: directory) else { return facts }
        facts.isReadOnly = fileSystem.isReadOnly
        facts.freeBytes = fileSystem.freeBytes
        facts.freeInodes = fileSystem.freeInodes
        facts.fileSystem =
            switch fileSystem.kind {
            case .tmpfs: .tmpfs
            case .overlay: .overlay
            case .nfs: .nfs
            case .other: .other
            }
        return facts
    }

    private func port(_ endpoint: Endpoint) -> PortFacts {
        let outcome: PortFacts.Outcome
        do throws(Errno) {
            // Closed again with the end of this scope, before an agent that starts could miss it.
            _ = try UDPSocket(boundTo: endpoint)
            outcome = .free
        } catch {
            outcome =
                switch error {
                case .addressInUse: .inUse
                case .addressNotAvailable: .noAddress
                default: .failed("\(error)")
                }
        }
        return PortFacts(address: "\(endpoint)", port: endpoint.port, outcome: outcome)
    }

    /// The cluster's members as the agent knows them, or the nodes that the configuration names.
    private var nodes: [ConfiguredNode] {
        let configured = configuration?.cluster.nodes.compactMap { node in
            NodeID(node.id).map { ConfiguredNode(id: $0, endpoint: node.address) }
        } ?? []
        let known = agent?.members.compactMap { member -> ConfiguredNode? in
            guard let id = NodeID(member.id), let endpoint = Endpoint(member.address) else { return nil }
            return ConfiguredNode(id: id, endpoint: endpoint)
        } ?? []
        return known.isEmpty ? configured : known
    }

    private func members() -> [MemberFacts] {
        guard let configuration, let origins, let own = NodeID(configuration.node.id) else { return [] }
        let secrets = Preflight.secrets(configuration, origins).secrets
        guard !secrets.isEmpty else { return [] }
        var measuring = MemberMeasuring(own, at: configuration.node.raftAddress.address, members: nodes, secrets: secrets)
        return measuring.run(for: duration)
    }

    private func limits(_ configuration: Configuration) -> LimitFacts? {
        RealTimeLimits.read().map { limits in
            LimitFacts(
                isWanted: configuration.isRealTime,
                mayLockMemory: limits.mayLockMemory,
                highestPriority: limits.highestPriority,
                neededPriority: UInt64(RealTime.priority)
            )
        }
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
