internal import Configuration
internal import Doctor
internal import Elections
internal import Linux
internal import Net
internal import Raft
internal import Time

/// Disk, port, and the way to the members.
extension Examination {
    func disk(_ directory: String) -> DiskFacts {
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

    func port(_ endpoint: Endpoint) -> PortFacts {
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
    var nodes: [ConfiguredNode] {
        let configured =
            configuration?.cluster.nodes.compactMap { node in
                NodeID(node.id).map { ConfiguredNode(id: $0, endpoint: node.address) }
            } ?? []
        let known =
            agent?.members.compactMap { member -> ConfiguredNode? in
                guard let id = NodeID(member.id), let endpoint = Endpoint(member.address) else { return nil }
                return ConfiguredNode(id: id, endpoint: endpoint)
            } ?? []
        return known.isEmpty ? configured : known
    }

    func members() -> [MemberFacts] {
        guard let configuration, let origins, let own = NodeID(configuration.node.id) else { return [] }
        let secrets = Preflight.secrets(configuration, origins).secrets
        guard !secrets.isEmpty else { return [] }
        var measuring = MemberMeasuring(
            own,
            at: configuration.node.raftAddress.address,
            members: nodes,
            secrets: secrets
        )
        return measuring.run(for: duration)
    }

    func limits(_ configuration: Configuration) -> LimitFacts? {
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
