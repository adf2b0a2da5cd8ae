import Raft
import Testing
import Time

@Suite struct `A node without a cluster` {
    static func node(_ id: NodeID = .n1) -> Bench {
        Bench(id, of: 3, stored: StoredState(storage: .of(id), hardState: .empty))
    }

    static func hello(from id: NodeID, nodes: [ConfiguredNode] = Bench.nodes(3), cluster: KnownCluster? = nil)
        -> Message
    {
        .hello(Hello(nodes: nodes, storage: .of(id), cluster: cluster, wantsReply: false))
    }

    @Test func `asks everyone that its configuration names`() {
        var node = Self.node()
        let effects = node.passDeadline()
        let hello = Message.hello(Hello(nodes: Bench.nodes(3), storage: .of(.n1), cluster: nil, wantsReply: true))
        #expect(effects.sent(to: .n2) == [hello])
        #expect(effects.sent(to: .n3) == [hello])
    }

    @Test func `founds one when all have answered, the same on every node`() {
        let founded = [NodeID.n1, .n2, .n3].map { id in
            var node = Self.node(id)
            for other in [NodeID.n1, .n2, .n3] where other != id { _ = node.hear(Self.hello(from: other), from: other) }
            return node.raft.hardState.cluster
        }
        #expect(founded[0] != .none)
        #expect(Set(founded).count == 1)
    }

    /// Or it would found a second cluster with one whose disk was lost, while those who answered long ago are in the first.
    @Test func `founds none on answers of long ago`() {
        var node = Self.node()
        _ = node.hear(Self.hello(from: .n2), from: .n2)
        node.pass(.seconds(1))
        _ = node.hear(Self.hello(from: .n3), from: .n3)
        #expect(node.raft.role == .waiting)
        _ = node.hear(Self.hello(from: .n2), from: .n2)
        #expect(node.raft.role == .follower(Term(0), leader: nil))
    }

    @Test func `waits for the last answer, and neither asks for votes nor gives any`() {
        var node = Self.node()
        _ = node.hear(Self.hello(from: .n2), from: .n2)
        for _ in 0..<100 {
            #expect(node.passDeadline().messages.allSatisfy { if case .hello = $0 { true } else { false } })
        }
        #expect(node.hearDurably(.vote(Message.request(5)), from: .n2).voteReplies.allSatisfy { !$0.isGranted })
        #expect(node.hearDurably(.heartbeat(5), from: .n2).appendReplies.isEmpty)
        #expect(node.raft.role == .waiting)
    }

    @Test func `says which nodes are listed differently, once`() {
        var node = Self.node()
        let fewer = Self.hello(from: .n2, nodes: Array(Bench.nodes(2)))
        let notice = Notice.nodesDiffer(with: .n2, onlyHere: [Bench.nodes(3)[2]], onlyThere: [])
        #expect(node.hear(fewer, from: .n2).contains(.report(notice)))
        #expect(!node.hear(fewer, from: .n2).contains(.report(notice)))
        _ = node.hear(Self.hello(from: .n3), from: .n3)
        #expect(node.raft.role == .waiting)
    }

    static func cluster(receiver: StorageID?) -> KnownCluster {
        let founders = Bench.membership(3)
        let snapshot = RaftNode.founding(founders)
        return KnownCluster(id: RaftNode.clusterID(of: founders), snapshot: snapshot, receiver: receiver)
    }

    @Test func `enters one that knows it`() {
        var node = Self.node()
        let cluster = Self.cluster(receiver: .of(.n1))
        let effects = node.hear(Self.hello(from: .n2, cluster: cluster), from: .n2)
        #expect(effects.contains(.joined(cluster.id, cluster.snapshot.state.membership)))
        #expect(effects.writes.first?.hardState?.cluster == cluster.id)
    }

    /// An emptied disk is somebody else: it may not vote in the name of the one that was.
    @Test func `stays out of one that knows another disk under its name, until that one's leader takes it in`() {
        var node = Bench(.n1, of: 3, stored: StoredState(storage: StorageID(5), hardState: .empty))
        let cluster = Self.cluster(receiver: .of(.n1))
        let effects = node.hear(Self.hello(from: .n2, cluster: cluster), from: .n2)
        #expect(effects.contains(.report(.awaitsAdmission(to: cluster.id, according: .n2))))
        #expect(node.raft.role == .waiting)
        let later = node.hear(Self.hello(from: .n2, cluster: Self.cluster(receiver: StorageID(5))), from: .n2)
        #expect(later.contains(.joined(cluster.id, cluster.snapshot.state.membership)))
        // A disk without a vote does not campaign.
        for _ in 0..<20 {
            #expect(node.passDeadline().messages.allSatisfy { if case .hello = $0 { true } else { false } })
        }
    }
}

/// By an operator's word: for a cluster whose other nodes are not there yet.
@Suite struct `A founder` {
    static let two: [ConfiguredNode] = Array(Bench.nodes(3).prefix(2))

    static func founder(_ id: NodeID, _ founders: Set<NodeID>) -> Bench {
        Bench(id, of: 3, stored: StoredState(storage: .of(id), hardState: .empty), founders: founders)
    }

    static func hello(from id: NodeID, nodes: [ConfiguredNode]) -> Message {
        .hello(Hello(nodes: nodes, storage: .of(id), cluster: nil, wantsReply: false))
    }

    @Test func `waits for the founders alone, and invites the others`() {
        let founded = [NodeID.n1, .n2].map { id in
            var node = Self.founder(id, [.n1, .n2])
            _ = node.hear(Self.hello(from: id == .n1 ? .n2 : .n1, nodes: Self.two), from: id == .n1 ? .n2 : .n1)
            return node.raft
        }
        #expect(founded[0].hardState.cluster != .none)
        #expect(founded[0].hardState.cluster == founded[1].hardState.cluster)
        #expect(founded[0].membership == founded[1].membership)
        #expect(founded[0].membership.voters.map(\.id) == [.n1, .n2])
        #expect(founded[0].membership.entrants == [.numbered(3, storage: StorageID.none)])
    }

    @Test func `founds nothing with a node that was not told so`() {
        var node = Self.founder(.n1, [.n1, .n2])
        let effects = node.hear(Self.hello(from: .n2, nodes: Bench.nodes(3)), from: .n2)
        #expect(node.raft.role == .waiting)
        let notice = Notice.nodesDiffer(with: .n2, onlyHere: [], onlyThere: [Bench.nodes(3)[2]])
        #expect(effects.contains(.report(notice)))
    }

    @Test func `may be alone, and leads at once`() {
        var node = Self.founder(.n1, [.n1])
        for _ in 0..<4 { _ = node.passDeadline() + node.finishWrites() }
        #expect(node.raft.role == .leader(Term(1)))
        #expect(node.raft.membership.entrants.map(\.id) == [.n2, .n3])
    }

    /// The second cluster would be another: nobody of it is heard in this one.
    @Test func `does not count once there is a cluster that knows its disk`() {
        var node = Self.founder(.n1, [.n1, .n2])
        let cluster = `A node without a cluster`.cluster(receiver: .of(.n1))
        _ = node.hear(`A node without a cluster`.hello(from: .n3, nodes: [], cluster: cluster), from: .n3)
        #expect(node.raft.hardState.cluster == cluster.id)
        _ = node.hear(Self.hello(from: .n2, nodes: Self.two), from: .n2)
        #expect(node.raft.hardState.cluster == cluster.id)
    }
}
