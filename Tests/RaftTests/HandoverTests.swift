import Raft
import Testing
import Time

/// Thesis §3.10, with a lease: the VIP is off before anyone else may lead.
@Suite struct `A handover` {
    /// A leader of three with a committed log, acknowledged by all.
    private func leader() -> Bench {
        var node = Bench()
        let first = Bench.sequence(in: node.lead())
        _ = node.finishWrites()
        for peer in [NodeID.n2, .n3] { _ = node.hear(.acknowledgement(Term(1), first, upTo: 2), from: peer) }
        return node
    }

    /// Row 17.
    @Test func `tells nobody before the keeper has answered`() {
        var node = leader()
        let asked = node.step(.resign)
        #expect(asked.contains(.withdraw(Term(1))))
        #expect(asked.isSilent)
        #expect(!asked.contains(.resigned))
        let answered = node.step(.withdrawn(Term(1)))
        let heir = TimeoutNow(term: Term(1), lastIndex: node.raft.lastIndex)
        let told = [NodeID.n2, .n3].flatMap { answered.sent(to: $0) }
        #expect(told.filter { $0 == .released(Term(1)) }.count == 2)
        #expect(told.filter { $0 == .timeoutNow(heir) }.count == 1)
        #expect(answered.contains(.resigned))
    }

    @Test func `cannot be taken back in that term`() {
        var node = leader()
        _ = node.step(.resign)
        let late = node.hear(.acknowledgement(Term(1), 1, upTo: 2), from: .n2)
        #expect(late.holds.isEmpty)
        // It leads on, to keep the others from the VIPs until they are off.
        #expect(node.raft.role == .leader(Term(1)))
        #expect(node.step(.withdrawn(Term(1))).holds.isEmpty)
        #expect(node.raft.role == .follower(Term(1), leader: nil))
    }

    @Test func `lets the heir campaign at once, without asking`() {
        var node = Bench(term: 1, terms: [1])
        _ = node.hearDurably(.heartbeat(1, after: 2, of: 1), from: .n2)
        let effects = node.hear(.timeoutNow(TimeoutNow(term: Term(1), lastIndex: LogIndex(2))), from: .n2)
        #expect(effects.writes.first?.hardState?.term == Term(2))
        #expect(effects.messages.contains(.vote(Message.request(2, last: 2, of: 1, released: 1))))
    }

    /// Row 17: late, twice, or of a leader with a longer log.
    @Test(arguments: [(0, 2), (2, 2), (1, 3)] as [(UInt64, UInt64)])
    func `is not accepted for another term or with a log too short`(term: UInt64, last index: UInt64) {
        var node = Bench(term: 1, terms: [1])
        _ = node.hearDurably(.heartbeat(1, after: 2, of: 1), from: .n2)
        let effects = node.hear(.timeoutNow(TimeoutNow(term: Term(term), lastIndex: LogIndex(index))), from: .n2)
        #expect(effects.writes.isEmpty)
        #expect(node.raft.role == .follower(Term(1), leader: .n2))
    }

    @Test func `is over at once for a follower`() {
        var node = Bench()
        _ = node.hearDurably(.heartbeat(1), from: .n2)
        #expect(node.step(.resign).contains(.resigned))
    }
}

@Suite struct `A leader` {
    @Test func `steps down at once when it hears of a newer term before its first lease`() {
        var node = Bench()
        _ = node.lead()
        let reply = VoteReply(term: Term(7), asked: Term(1), isGranted: false, promiseLeft: .zero)
        let effects = node.hear(.voteReply(reply), from: .n3)
        #expect(effects.contains(.withdraw(Term(1))))
        #expect(node.raft.term == Term(7))
    }

    /// A keeper that is lost leaves the addresses for longer than a promise: until they are off, the heartbeats are all
    /// that keeps the other nodes from them.
    @Test func `has the addresses taken off before it makes way for a newer term`() {
        var node = Bench()
        let first = Bench.sequence(in: node.lead())
        _ = node.hear(.acknowledgement(Term(1), first, upTo: 1), from: .n2)
        let reply = VoteReply(term: Term(7), asked: Term(1), isGranted: false, promiseLeft: .zero)
        #expect(node.hear(.voteReply(reply), from: .n3).contains(.withdraw(Term(1))))
        #expect(node.hear(.voteReply(reply), from: .n3).isEmpty, "once is enough")
        node.pass(Bench.timing.heartbeat)
        let heartbeat = node.step(.timeElapsed)
        #expect(heartbeat.contains { if case .send(.append, to: .n2) = $0 { true } else { false } })
        let renewal = node.hear(.acknowledgement(Term(1), Bench.sequence(in: heartbeat), upTo: 1), from: .n2)
        #expect(!renewal.contains { if case .hold = $0 { true } else { false } }, "it asks for no more")
        #expect(node.raft.role == .leader(Term(1)))
        let effects = node.step(.withdrawn(Term(1)))
        #expect(effects.contains(.send(.released(Term(1)), to: .n2)))
        #expect(node.raft.role == .follower(Term(7), leader: nil))
    }

    @Test func `does not stand again before the keeper has answered`() {
        var node = Bench()
        _ = node.lead()
        _ = node.finishWrites()
        node.pass(Bench.timing.promise)
        _ = node.step(.timeElapsed)
        node.pass(.seconds(1))
        _ = node.campaign()
        #expect(node.raft.term == Term(1))
        _ = node.step(.withdrawn(Term(1)))
        _ = node.campaign()
        #expect(node.raft.term == Term(2))
    }

    @Test func `knows better than a message in its name`() {
        var node = Bench()
        let first = Bench.sequence(in: node.lead())
        _ = node.hear(.acknowledgement(Term(1), first, upTo: 1), from: .n2)
        #expect(!node.hear(.released(Term(1)), from: .n3).contains(.withdraw(Term(1))))
        #expect(node.raft.role == .leader(Term(1)))
    }
}
