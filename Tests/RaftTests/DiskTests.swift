import Raft
import Testing
import Time

/// Rows 9, 10 and 11: a disk that hangs delays no heartbeat and no lease, and its leader makes way.
@Suite struct `A disk` {
    static let patience = Duration.seconds(1)
    /// A leader waits until the others have tried theirs as well.
    static let leaderPatience = Duration.seconds(3)

    /// Heartbeats go on, and nothing is durable from here on.
    private static func beat(_ node: inout Bench, with others: [NodeID], mayHold: Bool = true) -> [Effect] {
        node.pass(Bench.timing.heartbeat)
        var effects = node.step(.timeElapsed)
        let sequence = Bench.sequence(in: effects)
        for other in others {
            let reply = AppendReply(
                term: node.raft.term,
                sequence: sequence,
                promise: Bench.timing.promise,
                index: node.raft.lastIndex,
                isAccepted: true,
                fitness: Fitness(priority: 100, mayHold: mayHold),
                wish: Bench.timing.wish
            )
            effects += node.hear(.appendReply(reply), from: other)
        }
        return effects
    }

    /// Until the next trial has been asked for.
    private static func awaitTrial(_ node: inout Bench, mayHold: Bool = true) -> Bool {
        for _ in 0..<50 {
            let effects = beat(&node, with: [.n2, .n3], mayHold: mayHold)
            if effects.writes.contains(where: \.isTrial) { return true }
        }
        return false
    }

    private static func awaitTrial(ofFollower node: inout Bench) -> Bool {
        for _ in 0..<50 {
            node.pass(Bench.timing.heartbeat)
            if node.hear(.heartbeat(1, 2), from: .n1).writes.contains(where: \.isTrial) { return true }
        }
        return false
    }

    @Test func `is tried every two seconds while nothing else is written`() {
        var node = Bench.leading()
        #expect(Self.awaitTrial(&node))
        let first = node.now
        _ = node.finishWrites()
        #expect(Self.awaitTrial(&node))
        #expect(node.now.boottime - first.boottime >= Duration.seconds(2).nanoseconds)
        #expect(node.now.boottime - first.boottime <= Duration.milliseconds(2050).nanoseconds)
    }

    @Test func `that hangs makes its leader hand over, and its lease lasts until then`() {
        var node = Bench.leading()
        #expect(Self.awaitTrial(&node))
        let begun = node.now
        var ending: [Effect] = []
        while ending.isEmpty, node.now.boottime - begun.boottime < Duration.seconds(5).nanoseconds {
            let effects = Self.beat(&node, with: [.n2, .n3])
            if effects.contains(.withdraw(Term(1))) { ending = effects } else { #expect(effects.holds.count > 0) }
        }
        #expect(node.now.boottime - begun.boottime == Self.leaderPatience.nanoseconds)
        #expect(ending.notices == [.ending(Term(1), reason: "the disk does not answer")])
        let answered = node.step(.withdrawn(Term(1)))
        #expect(answered.messages.contains { if case .timeoutNow = $0 { true } else { false } })
    }

    /// There is nobody better: the VIP stays where it is.
    @Test func `that hangs on every node moves nothing`() {
        var node = Bench.leading()
        #expect(Self.awaitTrial(&node, mayHold: false))
        for _ in 0..<100 {
            #expect(!Self.beat(&node, with: [.n2, .n3], mayHold: false).contains(.withdraw(Term(1))))
        }
        #expect(node.raft.role == .leader(Term(1)))
    }

    @Test func `that hangs is told to the leader, with a promise that needs no disk`() {
        var node = Bench(.n2, term: 1, promised: Bench.timing.promise)
        _ = node.hearDurably(.heartbeat(1, 1), from: .n1)
        #expect(Self.awaitTrial(ofFollower: &node))
        node.pass(Self.patience)
        let replies = node.hear(.heartbeat(1, 3), from: .n1).appendReplies
        #expect(replies.map(\.promise) == [Bench.timing.promise])
        #expect(replies.map(\.fitness.mayHold) == [false])
        #expect(node.finishWrites().appendReplies.allSatisfy { $0.promise > .zero })
        // Until a write has shown that it is fast again.
        #expect(node.hear(.heartbeat(1, 4), from: .n1).appendReplies.map(\.fitness.mayHold) == [false])
        #expect(Self.awaitTrial(ofFollower: &node))
        _ = node.finishWrites()
        #expect(node.hear(.heartbeat(1, 5), from: .n1).appendReplies.map(\.fitness.mayHold) == [true])
    }

    /// Its new term would not be written any faster.
    @Test func `that hangs lets its node not campaign`() {
        var node = Bench(.n2, term: 1)
        _ = node.hearDurably(.heartbeat(1, 1), from: .n1)
        #expect(Self.awaitTrial(ofFollower: &node))
        node.pass(Self.patience)
        for _ in 0..<20 {
            node.pass(.milliseconds(100))
            #expect(node.step(.timeElapsed).isSilent)
        }
    }
}
