import Raft
import Testing
import Time

/// The voter's side of the bargain.
@Suite struct `A promise` {
    static let promise = Bench.timing.promise

    /// Rows 1 and 2: stickiness is by the time of the heartbeat, whatever term or log the candidate brings.
    @Test func `lets nobody be voted for, nor move the term`() {
        var node = Bench()
        _ = node.hearDurably(.heartbeat(1), from: .n3)
        node.pass(.milliseconds(249))
        let replies = node.hearDurably(.vote(Message.request(90, last: 99, of: 80)), from: .n2).voteReplies
        #expect(replies.map(\.isGranted) == [false])
        #expect(node.raft.term == Term(1))
        #expect(
            node.hear(.preVote(Message.request(90, last: 99, of: 80)), from: .n2).preVoteReplies.map(\.isGranted) == [
                false
            ]
        )
    }

    @Test func `tells a pre-candidate how long it still lasts`() {
        var node = Bench()
        _ = node.hearDurably(.heartbeat(1), from: .n3)
        node.pass(.milliseconds(100))
        let replies = node.hear(.preVote(Message.request(2)), from: .n2).preVoteReplies
        #expect(
            replies == [VoteReply(term: Term(1), asked: Term(2), isGranted: false, promiseLeft: .milliseconds(150))]
        )
    }

    @Test func `is over when both clocks say so`() {
        var node = Bench()
        _ = node.hearDurably(.heartbeat(1), from: .n3)
        var boottimeOnly = node
        boottimeOnly.pass(BothClocks.boottime(.milliseconds(300)))
        #expect(boottimeOnly.hearDurably(.vote(Message.request(2)), from: .n2).voteReplies.map(\.isGranted) == [false])
        node.pass(.milliseconds(251))
        #expect(node.hearDurably(.vote(Message.request(2)), from: .n2).voteReplies.map(\.isGranted) == [true])
    }

    @Test func `binds the voter itself`() {
        var node = Bench()
        _ = node.hearDurably(.heartbeat(1), from: .n3)
        let left = node.raft.nextDeadline?.remaining(at: node.now) ?? .zero
        #expect(left >= Self.promise)
        node.pass(.milliseconds(249))
        #expect(node.step(.timeElapsed).isSilent)
    }

    @Test func `is made for a refused place in the log, too`() {
        var node = Bench()
        let replies = node.hearDurably(.heartbeat(1, after: 7, of: 1), from: .n3).appendReplies
        #expect(replies.map(\.promise) == [Self.promise])
        #expect(
            node.hearDurably(.vote(Message.request(2, last: 99, of: 1)), from: .n2).voteReplies.map(\.isGranted) == [
                false
            ]
        )
    }

    @Test func `is not made to a leader of an older term`() {
        var node = Bench(term: 5)
        let replies = node.hearDurably(.heartbeat(4), from: .n3).appendReplies
        #expect(replies.map(\.promise) == [.zero])
        #expect(replies.map(\.term) == [Term(5)])
        #expect(node.hearDurably(.vote(Message.request(6)), from: .n2).voteReplies.map(\.isGranted) == [true])
    }

    /// The longest is on the disk before its first acknowledgement leaves.
    @Test func `is acknowledged when its length is durable`() {
        var node = Bench(term: 1)
        let heard = node.hear(.heartbeat(1, promise: .seconds(2)), from: .n3)
        #expect(heard.isSilent)
        #expect(heard.writes.map { $0.hardState?.longestPromise } == [.seconds(2)])
        #expect(node.finishWrites().appendReplies.map(\.promise) == [.seconds(2)])
        #expect(node.hear(.heartbeat(1, 2), from: .n3).appendReplies.map(\.promise) == [Self.promise])
    }

    @Test func `is not shortened by a shorter one`() {
        var node = Bench()
        _ = node.hearDurably(.heartbeat(1, promise: .seconds(2)), from: .n3)
        _ = node.hearDurably(.heartbeat(1, 2, promise: .milliseconds(50)), from: .n3)
        node.pass(.seconds(1))
        #expect(node.hearDurably(.vote(Message.request(2)), from: .n2).voteReplies.map(\.isGranted) == [false])
    }

    /// Row 16: a restarted voter owes the longest it ever gave.
    @Test func `is owed after a restart`() {
        var node = Bench(term: 1, promised: .seconds(2))
        node.pass(.milliseconds(1999))
        #expect(node.hearDurably(.vote(Message.request(2)), from: .n2).voteReplies.map(\.isGranted) == [false])
        #expect(node.step(.timeElapsed).isSilent)
        node.pass(.milliseconds(2))
        #expect(node.hearDurably(.vote(Message.request(2)), from: .n2).voteReplies.map(\.isGranted) == [true])
    }

    @Test(arguments: [Message.released(Term(1)), .preVote(Message.request(2, released: 1))])
    func `ends when its leader has released`(news: Message) {
        var node = Bench(.n3)
        _ = node.hearDurably(.heartbeat(1, successors: [.n1, .n3]), from: .n2)
        _ = node.hear(news, from: .n1)
        #expect(node.hearDurably(.vote(Message.request(2)), from: .n1).voteReplies.map(\.isGranted) == [true])
    }

    @Test func `does not end when an older leader has released`() {
        var node = Bench()
        _ = node.hearDurably(.heartbeat(3), from: .n3)
        _ = node.hear(.released(Term(2)), from: .n2)
        #expect(node.hearDurably(.vote(Message.request(4)), from: .n2).voteReplies.map(\.isGranted) == [false])
    }

    /// The tombstone: what the leader sent before it released may arrive behind the release.
    @Test func `is not made any more to a leader that has released`() {
        var node = Bench(.n3)
        _ = node.hearDurably(.heartbeat(1), from: .n2)
        _ = node.hear(.released(Term(1)), from: .n2)
        #expect(node.hearDurably(.heartbeat(1, 2), from: .n2).appendReplies.isEmpty)
        #expect(node.hearDurably(.vote(Message.request(2)), from: .n1).voteReplies.map(\.isGranted) == [true])
    }
}

/// The leader's side.
@Suite struct `A lease` {
    @Test func `begins with the first heartbeat that a quorum has acknowledged, behind the will`() {
        var node = Bench()
        let elected = node.lead()
        #expect(elected.contains(.prepareWill(Term(1))))
        #expect(elected.holds.isEmpty)
        let sent = node.now
        node.pass(.milliseconds(30))
        let effects = node.hear(.acknowledgement(Term(1), Bench.sequence(in: elected), upTo: 1), from: .n2)
        #expect(effects.holds == [sent + Bench.lease])
    }

    /// Row 15: counted from the sending, however late the answer.
    @Test func `counts from when the heartbeat was sent`() {
        var node = Bench()
        let first = Bench.sequence(in: node.lead())
        let sent = node.now
        node.pass(Bench.lease - .milliseconds(1))
        #expect(node.hear(.acknowledgement(Term(1), first, upTo: 1), from: .n2).holds == [sent + Bench.lease])
    }

    @Test func `is not gained by an answer that comes too late`() {
        var node = Bench()
        let first = Bench.sequence(in: node.lead())
        node.pass(Bench.lease + .milliseconds(1))
        #expect(node.hear(.acknowledgement(Term(1), first, upTo: 1), from: .n2).holds.isEmpty)
    }

    @Test func `is worth what was promised`() {
        var node = Bench()
        let first = Bench.sequence(in: node.lead())
        let sent = node.now
        let short = Message.acknowledgement(Term(1), first, upTo: 1, promise: .milliseconds(100))
        #expect(node.hear(short, from: .n2).holds == [sent + Bench.timing.lease(ofPromise: .milliseconds(100))])
    }

    @Test func `needs a quorum of five`() {
        var node = Bench(of: 5)
        _ = node.campaign()
        _ = node.hear(.granted(pre: Term(1)), from: .n3)
        _ = node.finishWrites()
        _ = node.hear(.granted(Term(1)), from: .n2)
        let first = Bench.sequence(in: node.hear(.granted(Term(1)), from: .n3))
        for _ in 0..<2 {
            #expect(node.hear(.acknowledgement(Term(1), first, upTo: 1), from: .n2).holds.isEmpty)
        }
        #expect(node.hear(.acknowledgement(Term(1), first, upTo: 1), from: .n3).holds.count == 1)
    }

    /// Rows 6, 7 and 8: no answers, no lease; and then not a word more in that term, or a bridge node would keep its
    /// promise from the others.
    @Test func `ends the leadership when a quorum falls silent`() {
        var node = Bench()
        let first = Bench.sequence(in: node.lead())
        _ = node.hear(.acknowledgement(Term(1), first, upTo: 1), from: .n2)
        node.pass(Bench.lease)
        // A message comes before the timer: the lease is looked at first.
        let late = node.hear(.acknowledgement(Term(1), first, upTo: 2), from: .n2)
        #expect(late.contains(.withdraw(Term(1))))
        #expect(late.appends.isEmpty && late.holds.isEmpty)
        for _ in 0..<20 {
            node.pass(.milliseconds(50))
            #expect(node.step(.timeElapsed).appends.isEmpty)
        }
    }

    @Test func `is waited for no longer than a promise`() {
        var node = Bench()
        _ = node.lead()
        node.pass(Bench.timing.promise)
        #expect(node.step(.timeElapsed).contains(.withdraw(Term(1))))
    }

    @Test func `ends by the faster clock`() {
        var node = Bench()
        let first = Bench.sequence(in: node.lead())
        _ = node.hear(.acknowledgement(Term(1), first, upTo: 1), from: .n2)
        node.pass(BothClocks.boottime(Bench.lease))
        #expect(node.step(.timeElapsed).contains(.withdraw(Term(1))))
    }

    /// BOOTTIME is slewed between two heartbeats, and a promise for the second is shorter: of the three that make the
    /// quorum one is over first by one clock, another by the other.
    @Test func `ends on each clock when the first promise of the quorum does`() {
        var node = Bench(of: 5)
        _ = node.campaign()
        _ = node.hear(.granted(pre: Term(1)), from: .n3)
        _ = node.finishWrites()
        _ = node.hear(.granted(Term(1)), from: .n2)
        let first = Bench.sequence(in: node.hear(.granted(Term(1)), from: .n3))
        let sent = node.now
        #expect(node.hear(.acknowledgement(Term(1), first, upTo: 1), from: .n2).holds.isEmpty)
        node.pass(.milliseconds(50))
        node.passBoottime(.milliseconds(4))
        let second = Bench.sequence(in: node.step(.timeElapsed))
        let again = node.now
        let short = Duration.milliseconds(198)
        let holds = node.hear(.acknowledgement(Term(1), second, upTo: 1, promise: short), from: .n3).holds
        let (early, late) = (sent + Bench.lease, again + Bench.timing.lease(ofPromise: short))
        #expect(early.boottime < late.boottime && late.raw < early.raw)
        #expect(holds == [Instant(boottime: early.boottime, raw: late.raw)])
    }

    /// The leader is a voter like the others.
    @Test func `binds the leader after it has stepped down`() {
        var node = Bench()
        let first = Bench.sequence(in: node.lead())
        _ = node.hear(.acknowledgement(Term(1), first, upTo: 1), from: .n2)
        node.pass(Bench.lease)
        _ = node.step(.timeElapsed)
        #expect(
            node.hearDurably(.vote(Message.request(2, last: 9, of: 1)), from: .n2).voteReplies.map(\.isGranted) == [
                false
            ]
        )
        node.pass(Bench.timing.promise)
        #expect(
            node.hearDurably(.vote(Message.request(2, last: 9, of: 1)), from: .n2).voteReplies.map(\.isGranted) == [
                true
            ]
        )
    }

    @Test func `does not bind the leader any more when the keeper has answered`() {
        var node = Bench()
        let first = Bench.sequence(in: node.lead())
        _ = node.hear(.acknowledgement(Term(1), first, upTo: 1), from: .n2)
        node.pass(Bench.lease)
        _ = node.step(.timeElapsed)
        let answered = node.step(.withdrawn(Term(1)))
        #expect(answered.sent(to: .n2) == [.released(Term(1))])
        #expect(answered.sent(to: .n3) == [.released(Term(1))])
        #expect(
            node.hearDurably(.vote(Message.request(2, last: 9, of: 1)), from: .n2).voteReplies.map(\.isGranted) == [
                true
            ]
        )
    }

    @Test func `of a node alone counts from its heartbeat`() {
        var node = Bench(of: 1)
        _ = node.passDeadline()
        let sent = node.now
        #expect(node.finishWrites().holds == [sent + Bench.lease])
    }
}

/// One of the two clocks runs on, the other stands still: a machine asleep.
struct BothClocks {
    let boottime: Duration
    static func boottime(_ span: Duration) -> BothClocks { BothClocks(boottime: span) }
}

extension Bench {
    mutating func pass(_ clocks: BothClocks) { passBoottime(clocks.boottime) }
}
