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
        bootstrap.nextHello = now + timing.heartbeat
        state = .waiting(bootstrap)
        for node in settings.nodes where node.id != id {
            send(.hello(hello(to: node.id, wantsReply: true)), to: node.id)
        }
        foundIfUnanimous()
    }

    func hello(to receiver: NodeID, wantsReply: Bool) -> Hello {
        Hello(
            nodes: hardState.cluster == .none ? founders : [],
            storage: storage,
            cluster: known(asToldTo: receiver),
            wantsReply: wantsReply
        )
    }

    private func known(asToldTo receiver: NodeID) -> KnownCluster? {
        guard hardState.cluster != .none else { return nil }
        return KnownCluster(id: hardState.cluster, snapshot: log.snapshot, receiver: committedStorage(of: receiver))
    }

    /// Those who found a cluster together: all that the configuration names, unless an operator has said who.
    private var founders: [ConfiguredNode] {
        settings.nodes.filter { settings.founders?.contains($0.id) != false }.sorted { $0.id < $1.id }
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
        let founders = founders
        var voters: [Member] = []
        for node in founders {
            let answer = bootstrap.fresh(node.id, at: now, for: min(timing.promise, timing.heartbeat * 5))
            guard node.id == id || answer?.nodes == founders else { return }
            voters.append(
                Member(id: node.id, storage: answer?.storage ?? storage, endpoint: node.endpoint)
            )
        }
        // Those that were left out by an operator's word may come later.
        let absent = settings.nodes.filter { !founders.contains($0) }.map {
            Member(id: $0.id, storage: .none, endpoint: $0.endpoint)
        }
        let membership = Membership(voters: voters, entrants: absent)
        enter(Self.clusterID(of: membership), Self.founding(membership))
        // Who has not heard every answer yet learns from this one.
        for node in otherVoters { send(.hello(hello(to: node.id, wantsReply: false)), to: node.id) }
    }

    /// Enters a cluster that exists, once it knows this node with this very disk: as a founder, or taken in by the leader.
    ///
    /// Its log begins where that of the other does; the rest comes from the leader. A disk that was taken in has never
    /// promised or voted, so it owes nothing.
    private mutating func join(_ cluster: KnownCluster, accordingTo node: NodeID) {
        guard case .waiting(var bootstrap) = state else { return }
        if cluster.receiver == storage { return enter(cluster.id, cluster.snapshot) }
        guard bootstrap.complaints.insert(node).inserted else { return }
        state = .waiting(bootstrap)
        report(.awaitsAdmission(to: cluster.id, according: node))
    }

    /// Nobody owes a promise in a cluster that was just founded, so its first leader need not wait.
    private mutating func enter(_ cluster: ClusterID, _ snapshot: Snapshot) {
        hardState.cluster = cluster
        // The log is never of a later term than the state; in a term before this one nobody can have asked for its vote.
        hardState.term = max(term, snapshot.term)
        log = Log(snapshot: snapshot)
        commitIndex = snapshot.index
        timing = settings.timing.following(log.state.timing)
        announcedMembership = membership
        persistLog(with: hardState)
        effects.append(.joined(cluster, membership))
        becomeFollower(of: nil)
        electionTimer = now + timing.slot * (rank + 1)
    }

    /// The beginning of a cluster's log. Every founder computes the same, so nobody can lose it any more.
    package static func founding(_ membership: Membership) -> Snapshot {
        Snapshot(index: LogIndex(1), term: Term(0), state: ClusterState(membership: membership))
    }

    private mutating func complainOfDifference(_ hello: Hello, from node: NodeID) {
        guard case .waiting(var bootstrap) = state, hello.nodes != founders,
            bootstrap.complaints.insert(node).inserted
        else { return }
        state = .waiting(bootstrap)
        report(
            .nodesDiffer(
                with: node,
                onlyHere: founders.filter { !hello.nodes.contains($0) },
                onlyThere: hello.nodes.filter { !founders.contains($0) }
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
