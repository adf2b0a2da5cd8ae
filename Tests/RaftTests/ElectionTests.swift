import Raft
import Testing
import Time

/// Paper §5.2 and thesis §9.6.
@Suite struct `A node without a leader` {
    @Test func `asks before it campaigns, and nobody's term moves`() {
        var node = Bench(term: 4)
        let effects = node.passDeadline()
        let question = Message.preVote(Message.request(5))
        #expect(effects.sent(to: .n2) == [question])
        #expect(effects.sent(to: .n3) == [question])
        #expect(effects.writes.isEmpty)
        #expect(node.raft.term == Term(4))
    }

    @Test func `asks for votes while it writes term and vote`() throws {
        var node = Bench(term: 4)
        let campaign = node.campaign()
        let write = try #require(campaign.writes.first)
        #expect(write.hardState?.term == Term(5))
        #expect(write.hardState?.vote == .n1)
        #expect(campaign.sent(to: .n2) == [.vote(Message.request(5))])
        #expect(campaign.sent(to: .n3) == [.vote(Message.request(5))])
        #expect(node.finishWrites().isSilent)
    }

    /// Or it could forget its own vote, give it to another, and two would lead in one term.
    @Test func `does not lead by the votes of the others before its own is durable`() {
        var node = Bench(of: 5)
        _ = node.campaign()
        _ = node.hear(.granted(pre: Term(1)), from: .n3)
        for voter in [NodeID.n2, .n3] + ["n4", "n5"].compactMap({ NodeID($0) }) {
            _ = node.hear(.granted(Term(1)), from: voter)
        }
        #expect(node.raft.role == .candidate(Term(1)))
        _ = node.finishWrites()
        #expect(node.raft.role == .leader(Term(1)))
    }

    @Test func `does not campaign on one pre-vote of five nodes`() {
        var node = Bench(of: 5)
        _ = node.campaign()
        #expect(node.raft.term == Term(0))
        _ = node.hear(.granted(pre: Term(1)), from: .n3)
        #expect(node.raft.term == Term(1))
    }

    /// Row 28: the candidate's own vote counts when it is durable, not before.
    @Test func `does not count its own vote before it is durable`() {
        var node = Bench()
        _ = node.campaign()
        _ = node.hear(.granted(Term(1)), from: .n2)
        #expect(node.raft.role == .candidate(Term(1)))
        _ = node.finishWrites()
        #expect(node.raft.role == .leader(Term(1)))
    }

    @Test func `counts a voter once`() {
        var node = Bench(of: 5)
        _ = node.campaign()
        _ = node.hear(.granted(pre: Term(1)), from: .n3)
        _ = node.finishWrites()
        for _ in 0..<3 { _ = node.hear(.granted(Term(1)), from: .n2) }
        #expect(node.raft.role == .candidate(Term(1)))
        _ = node.hear(.granted(Term(1)), from: .n3)
        #expect(node.raft.role == .leader(Term(1)))
    }

    @Test func `counts no vote of another disk under a voter's name`() {
        var node = Bench()
        _ = node.campaign()
        _ = node.finishWrites()
        let stranger = Sender(id: .n2, storage: StorageID(99), boot: 1)
        _ = node.step(.received(.granted(Term(1)), from: stranger))
        #expect(node.raft.role == .candidate(Term(1)))
    }

    @Test func `counts no vote of an earlier campaign`() {
        var node = Bench(term: 4)
        _ = node.campaign()
        _ = node.finishWrites()
        _ = node.hear(.granted(Term(4)), from: .n2)
        #expect(node.raft.role == .candidate(Term(5)))
    }

    @Test func `follows the leader that another has elected in its term`() {
        var node = Bench()
        _ = node.campaign()
        _ = node.finishWrites()
        _ = node.hear(.heartbeat(1), from: .n3)
        #expect(node.raft.role == .follower(Term(1), leader: .n3))
    }

    /// Row 3: or nodes with a higher term and shorter logs would block for ever the one that can win.
    @Test func `adopts the higher term of a refused pre-vote`() throws {
        var node = Bench(term: 6, terms: [6])
        _ = node.passDeadline()
        let refusal = VoteReply(term: Term(7), asked: Term(7), isGranted: false, promiseLeft: .zero)
        let effects = node.hear(.preVoteReply(refusal), from: .n2)
        #expect(node.raft.term == Term(7))
        #expect(effects.writes.first?.hardState?.term == Term(7))
    }

    /// A refusal says how much of its promise the voter still owes: asking before its end is of no use.
    @Test func `asks again when a quorum will be free`() throws {
        var node = Bench()
        _ = node.passDeadline()
        let refusal = VoteReply(term: Term(0), asked: Term(1), isGranted: false, promiseLeft: .milliseconds(180))
        _ = node.hear(.preVoteReply(refusal), from: .n2)
        _ = node.hear(.preVoteReply(refusal), from: .n3)
        let left = try #require(node.raft.nextDeadline?.remaining(at: node.now))
        #expect(left >= .milliseconds(180))
        #expect(left <= .milliseconds(230))
    }

    /// Slow disks need longer than a heartbeat, and every new term gives them more to write.
    @Test func `is more patient after each campaign in vain`() {
        var node = Bench()
        var waits: [Duration] = []
        _ = node.campaign()
        for _ in 0..<4 {
            _ = node.finishWrites()
            let begun = node.now
            _ = node.campaign()
            waits.append(node.now.longestElapsed(since: begun))
        }
        for (shorter, longer) in zip(waits, waits.dropFirst()) { #expect(longer > shorter) }
        #expect(waits[3] >= .milliseconds(400))
    }
}

/// Paper §5.2: a voter.
@Suite struct `A voter` {
    @Test func `answers when term and vote are durable, written at once`() throws {
        var node = Bench()
        let heard = node.hear(.vote(Message.request(3)), from: .n2)
        #expect(heard.isSilent)
        #expect(heard.writes.map { $0.hardState?.vote } == [.n2])
        #expect(heard.writes.map { $0.hardState?.term } == [Term(3)])
        let reply = VoteReply(term: Term(3), asked: Term(3), isGranted: true, promiseLeft: .zero)
        #expect(node.finishWrites().sent(to: .n2) == [.voteReply(reply)])
    }

    @Test func `votes once a term, first come first served`() {
        var node = Bench()
        _ = node.hearDurably(.vote(Message.request(3)), from: .n2)
        #expect(node.hearDurably(.vote(Message.request(3)), from: .n3).voteReplies.map(\.isGranted) == [false])
        #expect(node.hearDurably(.vote(Message.request(3)), from: .n2).voteReplies.map(\.isGranted) == [true])
    }

    @Test func `remembers its vote over a restart`() {
        var node = Bench(term: 3, vote: .n2)
        #expect(node.hearDurably(.vote(Message.request(3)), from: .n3).voteReplies.map(\.isGranted) == [false])
        #expect(node.hearDurably(.vote(Message.request(3)), from: .n2).voteReplies.map(\.isGranted) == [true])
    }

    @Test func `refuses an older term and tells its own`() {
        var node = Bench(term: 5)
        let replies = node.hearDurably(.vote(Message.request(4)), from: .n2).voteReplies
        #expect(replies == [VoteReply(term: Term(5), asked: Term(4), isGranted: false, promiseLeft: .zero)])
    }

    /// §5.4.1: the later last term wins, then the longer log.
    @Test(
        arguments: [
            (1, 0, false), (3, 1, false), (2, 2, false), (3, 2, true), (4, 2, true), (2, 3, true), (9, 1, false),
        ] as [(UInt64, UInt64, Bool)]
    )
    func `votes only for a log as good as its own`(last index: UInt64, of term: UInt64, isGranted: Bool) {
        var node = Bench(term: 3, terms: [1, 2])
        let replies = node.hearDurably(.vote(Message.request(4, last: index, of: term)), from: .n2).voteReplies
        #expect(replies.map(\.isGranted) == [isGranted])
        #expect(node.raft.term == Term(4))
    }

    /// Row 5: or a losing node could keep everybody from being elected by asking often.
    @Test func `answers a pre-vote without moving anything`() {
        var node = Bench(term: 3)
        let before = node.raft
        let deadline = node.raft.nextDeadline
        let effects = node.hear(.preVote(Message.request(9)), from: .n2)
        let reply = VoteReply(term: Term(3), asked: Term(9), isGranted: true, promiseLeft: .zero)
        #expect(
            effects.filter { if case .roleChanged = $0 { false } else { true } } == [
                .send(.preVoteReply(reply), to: .n2)
            ]
        )
        #expect(node.raft.hardState == before.hardState)
        #expect(node.raft.nextDeadline == deadline)
    }

    /// Row 4: two nodes that each remember a dead leader would refuse each other for ever.
    @Test func `grants a pre-vote although it asks itself`() {
        var node = Bench()
        _ = node.hearDurably(.heartbeat(1), from: .n3)
        _ = node.passDeadline()
        #expect(node.raft.role == .candidate(Term(1)))
        #expect(node.hear(.preVote(Message.request(2)), from: .n2).preVoteReplies.map(\.isGranted) == [true])
    }

    /// Row 18: whoever has voted gives the candidate the time to lead.
    @Test func `does not campaign at once after its vote`() throws {
        var node = Bench()
        _ = node.hearDurably(.vote(Message.request(3)), from: .n2)
        let left = try #require(node.raft.nextDeadline?.remaining(at: node.now))
        #expect(left >= Bench.timing.promise)
    }

    /// Row 25: priority orders who campaigns first; it never refuses a vote.
    @Test func `votes for a candidate of lower priority than its own`() {
        var node = Bench(priority: 1000)
        #expect(node.hearDurably(.vote(Message.request(3)), from: .n2).voteReplies.map(\.isGranted) == [true])
    }

    @Test func `grants no pre-vote while its disk is behind`() {
        var node = Bench()
        _ = node.hear(.vote(Message.request(3)), from: .n2)
        #expect(node.hear(.preVote(Message.request(4)), from: .n3).preVoteReplies.map(\.isGranted) == [false])
        _ = node.finishWrites()
        #expect(node.hear(.preVote(Message.request(4)), from: .n3).preVoteReplies.map(\.isGranted) == [true])
    }

    /// Row 27: in the order of the leader's list, a slot apart.
    @Test func `waits for its turn among the successors`() throws {
        let ends = [[NodeID.n1, .n2], [.n2, .n1]].map { successors in
            var node = Bench()
            _ = node.hearDurably(.heartbeat(1, successors: successors), from: .n3)
            return node.raft.nextDeadline?.remaining(at: node.now) ?? .zero
        }
        #expect(ends[0] >= Bench.timing.promise)
        #expect(ends[1] - ends[0] == Bench.timing.slot)
    }
}
