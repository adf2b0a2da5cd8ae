import Raft
import Testing
import Time

private let longer = ClusterTiming(heartbeat: .milliseconds(50), promise: .milliseconds(500))

/// What the nodes agree on, and what each of them goes by.
@Suite struct `Another timing` {
    @Test func `is agreed on when a quorum is configured with it, and not for one node's sake`() {
        var node = Bench.leading()
        #expect(node.round(with: [.n2], wish: longer).timings.isEmpty)
        #expect(node.raft.timing.promise == Bench.timing.promise)
        #expect(node.step(.timingWished(longer)).timings == [longer])
        #expect(node.raft.timing.wish == longer)
    }

    @Test func `is agreed on by a quorum of the others, whatever the leader is configured with`() {
        var node = Bench.leading()
        #expect(node.round(with: [.n2, .n3], wish: longer).timings == [longer])
    }

    @Test func `waits until the one before it is committed`() {
        var node = Bench.leading()
        _ = node.step(.timingWished(longer))
        _ = node.hear(.acknowledgement(Term(1), 1, upTo: 1, wish: longer), from: .n2)
        let another = ClusterTiming(heartbeat: .milliseconds(50), promise: .milliseconds(400))
        #expect(node.step(.timingWished(another)).timings.isEmpty)
        #expect(node.hear(.acknowledgement(Term(1), 1, upTo: 1, wish: another), from: .n3).timings.isEmpty)
        #expect(node.round(with: [.n2, .n3], wish: another).timings == [another])
    }

    @Test(
        arguments: [
            ClusterTiming(heartbeat: .milliseconds(50), promise: .milliseconds(50)),
            ClusterTiming(heartbeat: .zero, promise: .milliseconds(250)),
            ClusterTiming(heartbeat: .milliseconds(50), promise: .seconds(61)),
        ]
    )
    func `is not agreed on where it makes no sense, however many want it`(wish: ClusterTiming) {
        var node = Bench.leading()
        #expect(node.round(with: [.n2, .n3], wish: wish).timings.isEmpty)
    }

    @Test func `is gone by from the log, not from the configuration, after a restart`() {
        let members = Bench.membership(3)
        let entry = LogEntry(index: LogIndex(2), term: Term(1), payload: .timing(longer))
        let state = HardState(
            term: Term(1),
            vote: nil,
            longestPromise: .milliseconds(500),
            cluster: RaftNode.clusterID(of: members)
        )
        let log = Log(snapshot: RaftNode.founding(members), entries: [entry])
        let node = Bench(.n1, of: 3, stored: StoredState(storage: .of(.n1), hardState: state, log: log))
        #expect(node.raft.timing.wish == longer)
    }

    /// Promises that were asked for before count by the D of now: so from the end of the present lease on all do.
    @Test func `leaves the lease what another D leaves of the promise`() {
        var node = Bench.leading()
        let withdrawal = Bench.timing.withdrawal + .milliseconds(30)
        _ = node.step(.withdrawalChanged(withdrawal))
        let sent = node.now + Bench.timing.heartbeat
        let holds = node.round(with: [.n2, .n3]).holds
        #expect(holds.last == sent + .nanoseconds(Bench.timing.promise.nanoseconds / 1000 * 996) - withdrawal)
        #expect(node.raft.timing.wish == Bench.timing.wish)
    }

    /// Of five, the lease is the third of the ends. What n2 has promised was the latest, and bore nothing yet.
    @Test func `leaves no lease of what was promised before it, once the lease of then is over`() {
        var node = Bench.leading(of: 5)
        let bound = node.beat()
        for other in [NodeID.n2, .n3] { _ = node.acknowledge(bound, from: other) }
        _ = node.acknowledge(node.beat(), from: .n2)
        let sent = node.now
        let former = node.raft.status.lease
        let growth = Duration.milliseconds(30)
        _ = node.step(.withdrawalChanged(Bench.timing.withdrawal + growth))
        #expect(node.raft.status.lease == former)
        let holds = node.acknowledge(node.beat(), from: .n3).holds
        #expect(holds == [sent + Bench.lease - growth])
    }

    /// The promises are reckoned here once more: of five, the leader needs two others, and the lease ends D before the
    /// second of theirs.
    @Test(arguments: 1...50) func `leaves no lease that is longer than it allows, whoever answers when`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var node = Bench.leading(of: 5)
        let worth = Duration.nanoseconds(Bench.timing.promise.nanoseconds / 1000 * 996)
        let settled = node.now + worth
        var promised = [2: settled, 3: settled, 4: settled, 5: settled]
        var withdrawal = Bench.timing.withdrawal
        // Until then the lease of before may last.
        var former = node.now
        var holds = 0
        for _ in 0..<40 {
            let beat = node.beat()
            for other in 2...5 where Int.random(in: 0...2, using: &random) > 0 {
                promised[other] = node.now + worth
                let ends = node.acknowledge(beat, from: .numbered(other)).holds
                guard let end = ends.last, end.longestElapsed(since: former) > .zero else { continue }
                let second = promised.values.sorted { $0.boottime > $1.boottime }[1]
                #expect((end + withdrawal).longestElapsed(since: second) <= .zero, "seed \(seed)")
                holds += 1
            }
            if Int.random(in: 0...4, using: &random) == 0, let lease = node.raft.status.lease {
                withdrawal = withdrawal + .milliseconds(10)
                _ = node.step(.withdrawalChanged(withdrawal))
                former = lease
            }
        }
        #expect(holds > 0, "seed \(seed)")
    }

    /// A node whose withdrawal takes too long for it can lead, but not hold.
    @Test func `keeps a node from holding where its lease would be worth nothing`() {
        var node = Bench.leading()
        let short = ClusterTiming(heartbeat: .milliseconds(20), promise: .milliseconds(25))
        _ = node.round(with: [.n2, .n3], wish: short)
        #expect(node.raft.timing.wish == short)
        #expect(node.round(with: [.n2, .n3], wish: short).holds.isEmpty)
    }
}

@Suite struct `A longer promise` {
    @Test func `is on the leader's own disk before it is asked for`() {
        var node = Bench.leading()
        _ = node.round(with: [.n2])
        let agreed = node.hear(.acknowledgement(Term(1), 1, upTo: 1, wish: longer), from: .n3)
        #expect(agreed.timings.isEmpty)
        let wished = node.step(.timingWished(longer))
        #expect(wished.longestPromises == [longer.promise])
        node.pass(Bench.timing.heartbeat)
        #expect(Set(node.step(.timeElapsed).appends.map(\.promise)) == [Bench.timing.promise])
        _ = node.finishWrites()
        node.pass(Bench.timing.heartbeat)
        #expect(Set(node.step(.timeElapsed).appends.map(\.promise)) == [longer.promise])
    }

    /// The log says 500 ms, and a lease is made of what was promised all the same.
    @Test func `makes no lease longer than what was promised`() {
        var node = Bench.leading()
        _ = node.round(with: [.n2, .n3], wish: longer)
        let asked = node.beat()
        #expect(Set(asked.appends.map(\.promise)) == [longer.promise])
        let sent = node.now
        let ack = Message.acknowledgement(
            Term(1),
            Bench.sequence(in: asked),
            upTo: node.raft.lastIndex.number,
            promise: Bench.timing.promise
        )
        #expect(node.hear(ack, from: .n2).holds == [sent + Bench.lease])
    }
}

/// What a voter would owe after a crash.
@Suite struct `The longest promise on the disk` {
    @Test func `shrinks when the longer ones have ended, and not before`() {
        var node = Bench(term: 1)
        _ = node.hearDurably(.heartbeat(1, 1, promise: .seconds(2)), from: .n3)
        node.pass(.milliseconds(1999))
        #expect(node.hearDurably(.heartbeat(1, 2), from: .n3).longestPromises.isEmpty)
        node.pass(.milliseconds(2))
        #expect(node.hearDurably(.heartbeat(1, 3), from: .n3).longestPromises == [Bench.timing.promise])
    }

    /// The machine slept: one clock says that they have ended, the other does not.
    @Test func `shrinks by the slower clock`() {
        var node = Bench(term: 1)
        _ = node.hearDurably(.heartbeat(1, 1, promise: .seconds(2)), from: .n3)
        node.passBoottime(.seconds(3))
        #expect(node.hearDurably(.heartbeat(1, 2), from: .n3).longestPromises.isEmpty)
    }

    /// A heartbeat of the time in between may come late, and asks for less than what is still owed.
    @Test func `does not shrink while the longest of several is owed`() {
        var node = Bench(term: 1)
        _ = node.hearDurably(.heartbeat(1, 1, promise: .seconds(2)), from: .n3)
        node.pass(.milliseconds(100))
        _ = node.hearDurably(.heartbeat(1, 2, promise: .seconds(1)), from: .n3)
        node.pass(.milliseconds(1100))
        #expect(node.hearDurably(.heartbeat(1, 3), from: .n3).longestPromises.isEmpty)
        node.pass(.milliseconds(801))
        #expect(node.hearDurably(.heartbeat(1, 4), from: .n3).longestPromises == [Bench.timing.promise])
    }

    @Test func `shrinks on the leader's disk as late`() {
        var node = Bench.leading()
        _ = node.round(with: [.n2, .n3], wish: longer)
        _ = node.round(with: [.n2, .n3], wish: longer)
        #expect(node.raft.hardState.longestPromise == longer.promise)
        // Three heartbeats have gone out with the longer one: to be agreed on, committed, and reckoned with.
        _ = node.round(with: [.n2, .n3])
        let last = node.now
        #expect(node.raft.timing.wish == Bench.timing.wish)
        while node.now.boottime - last.boottime < (longer.promise - Bench.timing.heartbeat).nanoseconds {
            #expect(node.round(with: [.n2, .n3]).longestPromises.isEmpty)
        }
        var shrunk: [Duration] = []
        for _ in 0..<2 { shrunk += node.round(with: [.n2, .n3]).longestPromises }
        #expect(shrunk == [Bench.timing.promise])
    }

    @Test func `is owed after a restart although the log asks for less by then`() {
        var node = Bench(term: 1, promised: .seconds(2))
        #expect(node.raft.timing.promise == Bench.timing.promise)
        node.pass(.milliseconds(1999))
        #expect(node.hearDurably(.vote(Message.request(2)), from: .n2).voteReplies.map(\.isGranted) == [false])
        node.pass(.milliseconds(2))
        #expect(node.hearDurably(.vote(Message.request(2)), from: .n2).voteReplies.map(\.isGranted) == [true])
    }
}
