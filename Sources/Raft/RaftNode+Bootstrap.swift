import Net
import Time

/// How a node that belongs to no cluster finds or founds one.
///
/// The first bootstrap is unanimous: every node that the configuration names has answered that its disk is empty, and
/// with which storage id. So every node computes the same first membership by itself, and none can found a second
/// cluster beside a living one.
struct Bootstrap: Hashable, Sendable {
    struct Answer: Hashable, Sendable {
        let hello: Hello
        let at: Instant
    }

    var nextHello: Instant
    /// By nodes whose present run has heard of ours, as the transport sees to.
    var answers: [NodeID: Answer] = [:]
    /// What was already reported, so that each difference is said once.
    var complaints: Set<NodeID> = []

    /// What a node has said lately.
    func fresh(_ node: NodeID, at now: Instant, for span: Duration) -> Hello? {
        guard let answer = answers[node], now.longestElapsed(since: answer.at) < span else { return nil }
        return answer.hello
    }
}

extension RaftNode {
    mutating func sendHellosIfDue() {
        guard case .waiting(var bootstrap) = state, Deadline.timer(bootstrap.nextHello).hasPassed(at: now) else {
            return
        }
        bootstrap.nextHello = now + settings.timing.heartbeat
        state = .waiting(bootstrap)
        for node in settings.nodes where node.id != id {
            send(.hello(hello(to: node.id, wantsReply: true)), to: node.id)
        }
        foundIfUnanimous()
    }

    func hello(to receiver: NodeID, wantsReply: Bool) -> Hello {
        Hello(
            nodes: settings.nodes.sorted { $0.id < $1.id },
            storage: storage,
            cluster: founded(asToldTo: receiver),
            wantsReply: wantsReply
        )
    }

    /// The cluster this node belongs to, with its first members, who stand in the first entry of its log.
    private func founded(asToldTo receiver: NodeID) -> FoundedCluster? {
        guard hardState.cluster != .none, case .membership(let founders) = entries.first?.payload else { return nil }
        return FoundedCluster(id: hardState.cluster, founders: founders, receiver: committedStorage(of: receiver))
    }

    mutating func receive(_ hello: Hello, from sender: Sender) {
        guard sender.storage == hello.storage else { return }
        consider(hello, from: sender)
        if hello.wantsReply {
            send(.hello(self.hello(to: sender.id, wantsReply: false)), to: sender.id)
        }
        guard case .waiting(var bootstrap) = state else { return }
        if let cluster = hello.cluster { return join(cluster, accordingTo: sender.id) }
        bootstrap.answers[sender.id] = Bootstrap.Answer(hello: hello, at: now)
        state = .waiting(bootstrap)
        complainOfDifference(hello, from: sender.id)
        foundIfUnanimous()
    }

    /// Founds the cluster when every node has answered with the same list of nodes and an empty disk.
    ///
    /// Lately: whoever was empty may have founded one since, with a disk that another has lost by now.
    private mutating func foundIfUnanimous() {
        guard case .waiting(let bootstrap) = state else { return }
        let nodes = settings.nodes.sorted { $0.id < $1.id }
        var founders: [Member] = []
        for node in nodes {
            let answer = bootstrap.fresh(node.id, at: now, for: settings.timing.promise)
            guard node.id == id || answer?.nodes == nodes else { return }
            founders.append(
                Member(id: node.id, storage: answer?.storage ?? storage, endpoint: node.endpoint)
            )
        }
        let membership = Membership(voters: founders)
        enter(FoundedCluster(id: Self.clusterID(of: membership), founders: membership, receiver: storage))
        // Who has not heard every answer yet learns from this one.
        for node in otherVoters { send(.hello(hello(to: node.id, wantsReply: false)), to: node.id) }
    }

    /// Enters a cluster that exists, once it knows this node with this very disk: as a founder, or taken in by the leader.
    ///
    /// The first entry is the same for all; the rest of the log comes from the leader. A disk that was taken in has never
    /// promised or voted, so it owes nothing.
    private mutating func join(_ cluster: FoundedCluster, accordingTo node: NodeID) {
        guard case .waiting(var bootstrap) = state, cluster.id == Self.clusterID(of: cluster.founders) else { return }
        if cluster.receiver == storage { return enter(cluster) }
        guard bootstrap.complaints.insert(node).inserted else { return }
        state = .waiting(bootstrap)
        report(.awaitsAdmission(to: cluster.id, according: node))
    }

    /// Nobody owes a promise in a cluster that was just founded, so its first leader need not wait.
    private mutating func enter(_ cluster: FoundedCluster) {
        hardState.cluster = cluster.id
        membership = cluster.founders
        let entry = LogEntry(index: LogIndex(1), term: Term(0), payload: .membership(cluster.founders))
        entries = [entry]
        commitIndex = LogIndex(1)
        persist(hardState: hardState, keep: LogIndex(0), entries: entries)
        effects.append(.joined(cluster.id, membership))
        becomeFollower(of: nil)
        electionTimer = now + settings.timing.slot * (rank + 1)
    }

    private mutating func complainOfDifference(_ hello: Hello, from node: NodeID) {
        guard case .waiting(var bootstrap) = state, Set(hello.nodes) != Set(settings.nodes),
            bootstrap.complaints.insert(node).inserted
        else { return }
        state = .waiting(bootstrap)
        report(
            .nodesDiffer(
                with: node,
                onlyHere: settings.nodes.filter { !hello.nodes.contains($0) },
                onlyThere: hello.nodes.filter { !settings.nodes.contains($0) }
            )
        )
    }

    /// A hash over the founders' names and disks (FNV-1a, 128 bits): a name for the cluster, not a secret.
    package static func clusterID(of founders: Membership) -> ClusterID {
        var hash: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d
        for founder in founders.voters {
            var bytes: [UInt8] = []
            bytes.append(string: founder.id.text)
            bytes.append(bigEndian: founder.storage.bits)
            for byte in bytes { hash = (hash ^ UInt128(byte)) &* 0x0000_0000_0100_0000_0000_0000_0000_013b }
        }
        return ClusterID(max(1, hash))
    }
}
