import Configuration
import Failover
import Keeper
import Net
import Preflight
import Raft
import Time

/// The configuration's words in those of each part.
extension Configuration {
    /// A node without VIPs still elects and runs hooks: it has one group with nothing in it.
    var failoverGroups: [Group] {
        groups.isEmpty
            ? [Group(name: "default", parts: [], hasBeforeMaster: hook(for: .beforeMaster, in: nil) != nil)]
            : groups.map {
                Group(
                    name: $0.name,
                    parts: $0.parts.map(\.name),
                    hasBeforeMaster: hook(for: .beforeMaster, in: $0) != nil
                )
            }
    }

    var fitness: Fitness { Fitness(priority: node.priority, mayHold: !node.isWitness) }

    /// Nil where a node's name is none, which `Configuration.read` has already refused.
    var electionSettings: Settings? {
        guard let id = NodeID(node.id) else { return nil }
        let nodes = cluster.nodes.compactMap { entry in
            NodeID(entry.id).map { ConfiguredNode(id: $0, endpoint: entry.address) }
        }
        guard nodes.count == cluster.nodes.count else { return nil }
        return Settings(id: id, nodes: nodes, timing: electionTiming, fitness: fitness)
    }

    private var electionTiming: Raft.Timing {
        Raft.Timing(
            heartbeat: cluster.timing.heartbeat,
            promise: cluster.timing.promise,
            withdrawal: reserve,
            // Wide enough for a round trip and a vote's way to the disk.
            slot: cluster.timing.heartbeat * 3 / 10
        )
    }

    func keeperPlan(adopts: Bool) -> KeeperPlan {
        KeeperPlan(
            dataDirectory: node.dataDirectory,
            groups: groups.flatMap(\.parts),
            announcing: KeeperPlan.Announcing(
                count: announce.count,
                interval: announce.interval,
                refresh: announce.refresh
            ),
            kernelLifetime: kernelLifetime,
            // The nodes may agree on a longer promise than this one is configured with.
            longestLease: RaftNode.promiseLimit,
            withdrawal: removal,
            adopts: adopts,
            isRealTime: isRealTime,
            isFenced: fence == .nftables
        )
    }
}

extension HookEvent {
    init(_ hook: GroupHook) {
        self =
            switch hook {
            case .beforeMaster: .beforeMaster
            case .toMaster: .toMaster
            case .toSlave: .toSlave
            }
    }
}

extension LoadedPlan {
    /// What a child of the keeper reads for it; nil where there is a mistake, which the agent finds as well.
    init?(_ options: AgentOptions) {
        let reading = Preflight.load(options)
        guard let configuration = reading.configuration, let digest = reading.digest else { return nil }
        self.init(configuration.keeperPlan(adopts: options.adopts), PlanDigest(bits: digest.bits))
    }
}

extension GroupSettings {
    /// The keeper's groups: the VIPs of one interface each, under the group's own name where there is only one.
    var parts: [KeeperPlan.Group] {
        let interfaces = Set(vips.map(\.interface)).sorted()
        return interfaces.map { interface in
            KeeperPlan.Group(
                name: interfaces.count == 1 ? name : "\(name)@\(interface)",
                interface: interface,
                vips: vips.filter { $0.interface == interface }.map(\.prefix),
                tracked: trackedInterfaces
            )
        }
    }
}

extension StoredState {
    /// The node that the cluster knows by this disk; nil for a disk that no cluster knows.
    var owner: NodeID? { log.state.membership.members.first { $0.storage == storage }?.id }
}
