import Net
import Raft
import Testing
import Time

/// Who comes and who goes, in the log of a leader (thesis §4.2).
@Suite struct `A leader and its members` {
    static let four = NodeID.numbered(4)

    static func hello(of id: NodeID, storage: StorageID, in cluster: ClusterID? = nil) -> Event {
        let known = cluster.map {
            KnownCluster(id: $0, snapshot: RaftNode.founding(Bench.membership(3)), receiver: nil)
        }
        let hello = Hello(nodes: [], storage: storage, cluster: known, wantsReply: false)
        return .received(.hello(hello), from: Sender(id: id, storage: storage, boot: 1))
    }

    /// Settles the latest change.
    static func settle(_ node: inout Bench, with others: [NodeID]) {
        for _ in 0..<3 { node.round(with: others) }
    }

    @Test func `send nothing to a node that is only invited, and count no word of it`() {
        var node = Bench.leading()
        _ = node.ask(.change(.add(Self.four, .numbered(4), isLearner: false)))
        #expect(node.round(with: [.n2, .n3]).sent(to: Self.four).isEmpty)
        _ = node.hear(.acknowledgement(Term(1), 1, upTo: node.raft.lastIndex.number), from: Self.four)
        Self.settle(&node, with: [.n2, .n3])
        #expect(node.raft.membership.entrants == [.numbered(4, storage: StorageID.none)])
    }

    /// Its disk is noted when it says hello; it has a vote when it has caught up. Each is a step of its own.
    @Test func `take an invited node in when it says hello, and give it a vote when it has caught up`() {
        var node = Bench.leading()
        _ = node.ask(.change(.add(Self.four, .numbered(4), isLearner: false)))
        Self.settle(&node, with: [.n2, .n3])
        let noted = node.step(Self.hello(of: Self.four, storage: .of(Self.four)))
        #expect(noted.memberships.map(\.entrants) == [[.numbered(4)]])
        #expect(noted.notices.contains { if case .membershipChanged(_, "n4 has come") = $0 { true } else { false } })
        Self.settle(&node, with: [.n2, .n3])
        #expect(node.raft.membership.voters.count == 3, "it has not caught up")
        let given = node.round(with: [.n2, .n3, Self.four])
        #expect(given.memberships.map(\.voters.count) == [4])
        Self.settle(&node, with: [.n2, .n3])
        #expect(node.raft.membership.quorum == 3)
        #expect(node.raft.commitIndex == node.raft.lastIndex)
    }

    @Test func `leave a learner without a vote until it is promoted`() {
        var node = Bench.leading()
        _ = node.ask(.change(.add(Self.four, .numbered(4), isLearner: true)))
        Self.settle(&node, with: [.n2, .n3])
        _ = node.step(Self.hello(of: Self.four, storage: .of(Self.four)))
        for _ in 0..<5 { node.round(with: [.n2, .n3, Self.four]) }
        #expect(node.raft.membership.learners == [.numbered(4)])
        #expect(node.ask(.change(.promote(Self.four))) == .appended(node.raft.lastIndex))
        for _ in 0..<5 { node.round(with: [.n2, .n3, Self.four]) }
        #expect(node.raft.membership.voters.map(\.id) == [.n1, .n2, .n3, Self.four])
    }

    /// Its promise is worth nothing for a lease any more: with one of three demoted, the two others are a quorum.
    @Test func `count a demoted voter no more`() {
        var node = Bench.leading()
        #expect(node.ask(.change(.demote(.n3))) == .appended(node.raft.lastIndex))
        Self.settle(&node, with: [.n2])
        #expect(node.raft.membership.voters.map(\.id) == [.n1, .n2])
        #expect(node.raft.membership.learners.map(\.id) == [.n3])
        let alone = node.round(with: [.n3])
        #expect(alone.sent(to: .n3).isEmpty == false)
        #expect(alone.holds.isEmpty)
    }

    @Test func `part when a follower is removed: nothing is sent to it any more`() {
        var node = Bench.leading()
        #expect(node.ask(.change(.remove(.n3))) == .appended(node.raft.lastIndex))
        #expect(node.round(with: [.n2]).sent(to: .n3).isEmpty)
    }

    /// It belongs to the cluster by its disk and to the membership by an operator's new word.
    @Test func `take a removed node in again when it was invited again`() {
        var node = Bench.leading()
        let cluster = node.raft.hardState.cluster
        _ = node.ask(.change(.remove(.n3)))
        Self.settle(&node, with: [.n2])
        #expect(node.step(Self.hello(of: .n3, storage: .of(.n3), in: cluster)).memberships.isEmpty)
        #expect(node.ask(.change(.add(.n3, .numbered(3), isLearner: false))) == .appended(node.raft.lastIndex))
        Self.settle(&node, with: [.n2])
        #expect(node.step(Self.hello(of: .n3, storage: .of(.n3), in: ClusterID(9))).memberships.isEmpty)
        let noted = node.step(Self.hello(of: .n3, storage: .of(.n3), in: cluster))
        #expect(noted.memberships.map(\.entrants) == [[.numbered(3)]])
        for _ in 0..<5 { node.round(with: [.n2, .n3]) }
        #expect(node.raft.membership == Bench.membership(3))
    }

    /// Row 19: the old disk's vote goes in the same step, and the new one has none before it has caught up.
    @Test func `replace a lost disk under its name, and count no vote of it before it has caught up`() {
        var node = Bench.leading()
        for _ in 0..<6 { node.round(with: [.n2]) }
        let noted = node.step(Self.hello(of: .n3, storage: StorageID(33)))
        #expect(noted.memberships.map(\.voters) == [[.numbered(1), .numbered(2)]])
        #expect(noted.memberships.map(\.entrants) == [[.numbered(3, storage: StorageID(33))]])
    }

    /// Two machines of one name must not take the membership from each other for ever.
    @Test func `keep the disk that speaks when another comes under its name`() {
        var node = Bench.leading()
        node.round(with: [.n2, .n3])
        #expect(node.step(Self.hello(of: .n3, storage: StorageID(33))).memberships.isEmpty)
        #expect(node.raft.membership == Bench.membership(3))
    }
}

/// Thesis §4.2.2.
@Suite struct `A leader that removes itself` {
    @Test(arguments: [MembershipChange.remove(.n1), .demote(.n1)])
    func `leads until that is committed, without its own voice, and hands over in order`(change: MembershipChange) {
        var node = Bench.leading()
        #expect(node.ask(.change(change)) == .appended(node.raft.lastIndex))
        // The two others are the quorum now: one of them commits nothing.
        let one = node.round(with: [.n2])
        #expect(!one.contains(.withdraw(Term(1))))
        #expect(node.raft.role == .leader(Term(1)))
        let both = node.round(with: [.n2, .n3])
        #expect(both.contains(.withdraw(Term(1))))
        #expect(node.raft.role == .leader(Term(1)), "it leads on until the VIPs are off")
        let answered = node.step(.withdrawn(Term(1)))
        #expect(answered.contains(.send(.released(Term(1)), to: .n2)))
        #expect(answered.messages.contains { if case .timeoutNow = $0 { true } else { false } })
        #expect(node.raft.role == .follower(Term(1), leader: nil))
    }

    @Test func `holds by the promises of the others alone`() {
        var node = Bench.leading()
        _ = node.ask(.change(.remove(.n1)))
        let beat = node.beat()
        let sent = node.now
        let ack = Message.acknowledgement(Term(1), Bench.sequence(in: beat), upTo: 1)
        #expect(node.hear(ack, from: .n2).holds.isEmpty)
        #expect(node.hear(ack, from: .n3).holds == [sent + Bench.lease])
    }

    @Test func `does not campaign any more, and says hello in case it is invited again`() {
        var node = Bench.leading()
        _ = node.ask(.change(.remove(.n1)))
        _ = node.round(with: [.n2, .n3])
        _ = node.step(.withdrawn(Term(1)))
        var hellos: [Hello] = []
        for _ in 0..<40 {
            let effects = node.passDeadline() + node.finishWrites()
            hellos += effects.hellos
            #expect(effects.messages.allSatisfy { if case .hello = $0 { true } else { false } })
        }
        #expect(node.raft.term == Term(1))
        #expect(hellos.contains { $0.cluster?.id == node.raft.hardState.cluster })
    }
}
