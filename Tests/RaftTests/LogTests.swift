import Raft
import Testing

/// Paper §5.3 and §5.4.
@Suite struct `A log` {
    @Test func `begins each leadership with an entry of its own`() {
        var node = Bench(term: 1, terms: [1])
        let effects = node.lead()
        let entry = LogEntry(index: LogIndex(3), term: Term(2), payload: .leadership)
        #expect(effects.writes.map(\.entries) == [[entry]])
        #expect(effects.writes.map(\.keep) == [LogIndex(2)])
        #expect(effects.appends.map(\.entries) == [[entry], [entry]])
        #expect(effects.appends.map(\.previousTerm) == [Term(1), Term(1)])
    }

    @Test func `commits an entry when a quorum has it on disk`() {
        var node = Bench()
        let sequence = Bench.sequence(in: node.lead())
        _ = node.hear(.acknowledgement(Term(1), sequence, upTo: 2), from: .n2)
        #expect(node.raft.commitIndex < LogIndex(2))
        _ = node.finishWrites()
        #expect(node.raft.commitIndex == LogIndex(2))
    }

    /// §5.4.2, figure 8: counting copies of an older term's entry is not enough.
    @Test func `commits entries of an older term only together with one of its own`() {
        var node = Bench(term: 2, terms: [2])
        let sequence = Bench.sequence(in: node.lead())
        _ = node.finishWrites()
        _ = node.hear(.acknowledgement(Term(3), sequence, upTo: 2), from: .n2)
        #expect(node.raft.commitIndex < LogIndex(2))
        _ = node.hear(.acknowledgement(Term(3), sequence, upTo: 3), from: .n2)
        #expect(node.raft.commitIndex == LogIndex(3))
    }

    @Test func `refuses what does not follow its own`() {
        var node = Bench(term: 1, terms: [1])
        let replies = node.hearDurably(.heartbeat(2, after: 3, of: 2), from: .n2).appendReplies
        #expect(replies.map(\.isAccepted) == [false])
        #expect(replies.map(\.index) == [LogIndex(2)])
        #expect(node.raft.lastIndex == LogIndex(2))
    }

    @Test func `cuts off what contradicts the leader`() {
        var node = Bench(term: 2, terms: [1, 1, 2])
        let news = Bench.entries([3], after: 2)
        let effects = node.hear(.heartbeat(3, after: 2, of: 1, entries: news), from: .n2)
        let write = effects.writes.first { !$0.entries.isEmpty }
        #expect(write?.keep == LogIndex(2))
        #expect(write?.entries == news)
        #expect(node.raft.log.entries.map(\.term) == [1, 3].map { Term($0) })
    }

    @Test func `keeps what it has when a heartbeat comes late`() {
        var node = Bench(term: 1, terms: [1, 1])
        let effects = node.hear(.heartbeat(1, after: 1, entries: Bench.entries([1])), from: .n2)
        #expect(effects.writes.allSatisfy { $0.entries.isEmpty && $0.keep == nil })
        #expect(node.raft.lastIndex == LogIndex(3))
    }

    /// Row 28: what is not on the disk is not acknowledged, though the heartbeat is.
    @Test func `acknowledges entries when they are durable`() {
        var node = Bench(promised: Bench.timing.promise)
        _ = node.hearDurably(.heartbeat(1), from: .n2)
        let heard = node.hear(.heartbeat(1, 2, after: 1, entries: Bench.entries([1])), from: .n2)
        #expect(heard.appendReplies.map(\.index) == [LogIndex(1)])
        #expect(heard.appendReplies.map(\.promise) == [Bench.timing.promise])
        #expect(node.finishWrites().appendReplies.map(\.index) == [LogIndex(2)])
    }

    @Test func `is committed no further than it reaches`() {
        var node = Bench()
        _ = node.hearDurably(.heartbeat(1, after: 1, commit: 9), from: .n2)
        #expect(node.raft.commitIndex == LogIndex(1))
    }

    @Test func `is repaired by the leader from where the follower says`() throws {
        var node = Bench(term: 1, terms: [1, 1])
        let sequence = Bench.sequence(in: node.lead())
        let refusal = AppendReply(
            term: Term(2),
            sequence: sequence,
            promise: Bench.timing.promise,
            index: LogIndex(1),
            isAccepted: false,
            fitness: Fitness(priority: 100, mayHold: true),
            wish: Bench.timing.wish
        )
        let again = try #require(node.hear(.appendReply(refusal), from: .n3).appends.first)
        #expect(again.previousIndex == LogIndex(1))
        #expect(again.entries.map(\.index.number) == [2, 3, 4])
    }
}
