import Raft
import Testing
import Time

/// Paper §7: compaction, and snapshots in pieces over datagrams that may be lost, doubled and turned round.
@Suite struct `A snapshot` {
    static let ten = Bench.membership(10)
    static let agreed = ClusterTiming(heartbeat: .milliseconds(20), promise: .milliseconds(100))

    /// What a leader of term 3 sends for a log that begins at index 50 of term 2.
    static func pieces(of membership: Membership = ten, index: UInt64 = 50, sequence: UInt64 = 9) -> [SnapshotPiece] {
        let facts = membership.voters.map { SnapshotPiece.Fact.voter($0) } + [.timing(agreed)]
        let parts = stride(from: 0, to: facts.count, by: SnapshotPiece.factLimit).map {
            Array(facts[$0..<min(facts.count, $0 + SnapshotPiece.factLimit)])
        }
        return parts.enumerated().map { place, part in
            piece(part, place: place, of: parts.count, index: index, sequence: sequence)
        }
    }

    static func piece(
        _ facts: [SnapshotPiece.Fact],
        place: Int,
        of count: Int,
        index: UInt64 = 50,
        sequence: UInt64 = 9
    ) -> SnapshotPiece {
        SnapshotPiece(
            term: Term(3),
            sequence: sequence,
            promise: Bench.timing.promise,
            index: LogIndex(index),
            indexTerm: Term(2),
            place: UInt8(place),
            count: UInt8(count),
            facts: facts
        )
    }

    static func follower() -> Bench {
        var node = Bench(.n2, term: 3)
        _ = node.hearDurably(.heartbeat(3), from: .n1)
        return node
    }

    @Test(arguments: [[0, 1, 2], [2, 1, 0], [1, 1, 0, 1, 0, 2], [0, 2, 2, 0, 1]])
    func `is whole when every piece has come, in whatever order and however often`(order: [Int]) {
        var node = Self.follower()
        let pieces = Self.pieces()
        #expect(pieces.count == 3)
        for place in order.dropLast() {
            let replies = node.hearDurably(.snapshot(pieces[place]), from: .n1).appendReplies
            #expect(replies.map(\.index) == [LogIndex(1)])
            #expect(replies.map(\.promise) == [Bench.timing.promise], "each piece is promised for")
        }
        let last = node.hear(.snapshot(pieces[order.last ?? 0]), from: .n1)
        #expect(last.writes.compactMap(\.snapshot).map(\.index) == [LogIndex(50)])
        #expect(last.appendReplies.map(\.index) == [LogIndex(1)], "it is not durable yet")
        #expect(node.finishWrites().appendReplies.map(\.index) == [LogIndex(50)])
        #expect(node.raft.commitIndex == LogIndex(50))
        #expect(node.raft.membership == Self.ten)
        #expect(node.raft.timing.wish == Self.agreed)
    }

    /// The next heartbeat is refused and all pieces come again, under another number: what arrived is kept.
    @Test func `needs only the lost piece of a second sending`() {
        var node = Self.follower()
        for place in [0, 2] { _ = node.hearDurably(.snapshot(Self.pieces()[place]), from: .n1) }
        let refused = node.hearDurably(.heartbeat(3, 10, after: 50, of: 2), from: .n1).appendReplies
        #expect(refused.map(\.isAccepted) == [false])
        #expect(refused.map(\.index) == [LogIndex(1)])
        _ = node.hearDurably(.snapshot(Self.pieces(sequence: 11)[1]), from: .n1)
        #expect(node.raft.commitIndex == LogIndex(50))
    }

    @Test func `is not made of the pieces of two`() {
        var node = Self.follower()
        for place in [0, 1] { _ = node.hearDurably(.snapshot(Self.pieces()[place]), from: .n1) }
        _ = node.hearDurably(.snapshot(Self.pieces(index: 60)[2]), from: .n1)
        #expect(node.raft.commitIndex == LogIndex(1))
        for place in [0, 1] { _ = node.hearDurably(.snapshot(Self.pieces(index: 60)[place]), from: .n1) }
        #expect(node.raft.commitIndex == LogIndex(60))
    }

    @Test(arguments: [(0, 0), (3, 3), (200, 3), (0, 12), (0, 255)] as [(Int, Int)])
    func `has no piece that none can have`(place: Int, count: Int) {
        var node = Self.follower()
        let strange = Self.piece([.voter(.numbered(1))], place: place, of: count)
        _ = node.hearDurably(.snapshot(strange), from: .n1)
        #expect(node.raft.commitIndex == LogIndex(1))
        for piece in Self.pieces() { _ = node.hearDurably(.snapshot(piece), from: .n1) }
        #expect(node.raft.commitIndex == LogIndex(50))
    }

    @Test(
        arguments: [
            Membership(voters: (1...11).map { .numbered($0) }), Membership(voters: []),
            Membership(voters: [.numbered(1), .numbered(1)]),
        ]
    )
    func `says nothing of a membership that cannot be`(membership: Membership) {
        var node = Self.follower()
        for piece in Self.pieces(of: membership) { _ = node.hearDurably(.snapshot(piece), from: .n1) }
        #expect(node.raft.commitIndex == LogIndex(1))
        #expect(node.raft.membership == Bench.membership(3))
    }

    @Test func `of what is committed already changes nothing`() {
        var node = Self.follower()
        for piece in Self.pieces(index: 50) { _ = node.hearDurably(.snapshot(piece), from: .n1) }
        for piece in Self.pieces(of: Bench.membership(3), index: 40) {
            let replies = node.hearDurably(.snapshot(piece), from: .n1).appendReplies
            #expect(replies.map(\.index) == [LogIndex(50)])
        }
        #expect(node.raft.membership == Self.ten)
    }

    @Test func `of an older term's leader is refused`() {
        var node = Bench(.n2, term: 5)
        let replies = node.hearDurably(.snapshot(Self.pieces()[0]), from: .n1).appendReplies
        #expect(replies.map(\.promise) == [.zero])
        #expect(replies.map(\.term) == [Term(5)])
    }

    @Test func `of a leader that has released is not heard`() {
        var node = Self.follower()
        _ = node.hear(.released(Term(3)), from: .n1)
        #expect(node.hearDurably(.snapshot(Self.pieces()[0]), from: .n1).appendReplies.isEmpty)
    }

    /// What stands behind it and follows from it stays (§7).
    @Test func `leaves the entries behind it where they follow from it`() {
        var node = Bench(.n2, term: 2, terms: [1, 2, 2, 2])
        let facts = Bench.membership(3).voters.map { SnapshotPiece.Fact.voter($0) }
        _ = node.hearDurably(.snapshot(Self.piece(facts, place: 0, of: 1, index: 3)), from: .n1)
        #expect(node.raft.log.snapshot.index == LogIndex(3))
        #expect(node.raft.log.entries.map(\.index.number) == [4, 5])
        var other = Bench(.n2, term: 2, terms: [1, 1, 1, 1])
        _ = other.hearDurably(.snapshot(Self.piece(facts, place: 0, of: 1, index: 3)), from: .n1)
        #expect(other.raft.lastIndex == LogIndex(3))
    }
}

@Suite struct `A log with many committed entries` {
    @Test func `is compacted, and a node that lacks them gets the snapshot with its next heartbeat`() throws {
        var node = Bench.leading(compaction: 4)
        var compacted: [Snapshot] = []
        for byte in UInt8(0)..<6 {
            _ = node.ask(.append([byte]))
            compacted += node.round(with: [.n2]).writes.compactMap(\.snapshot)
        }
        let snapshot = try #require(compacted.last)
        #expect(snapshot == node.raft.log.snapshot)
        #expect(snapshot.state.membership == Bench.membership(3))
        #expect(snapshot.state.timing == Bench.timing.wish)
        #expect(node.raft.lastIndex.number - snapshot.index.number < 4)

        let sequence = Bench.sequence(in: node.beat())
        let refusal = AppendReply(
            term: Term(1),
            sequence: sequence,
            promise: Bench.timing.promise,
            index: LogIndex(1),
            isAccepted: false,
            fitness: Fitness(priority: 100, mayHold: true),
            wish: Bench.timing.wish
        )
        let pieces = node.hear(.appendReply(refusal), from: .n3).pieces
        #expect(pieces.map(\.index) == [snapshot.index])
        #expect(pieces.map(\.count) == [1])
        let next = node.hear(
            .acknowledgement(Term(1), Bench.sequence(in: node.beat()), upTo: snapshot.index.number),
            from: .n3
        )
        #expect(next.pieces.isEmpty)
        #expect(next.appends.allSatisfy { $0.previousIndex >= snapshot.index })
    }

    @Test func `is compacted on a follower, too, and keeps what is not committed`() {
        var node = Bench(.n2, term: 1, compaction: 4)
        _ = node.hearDurably(.heartbeat(1, 1, entries: Bench.entries([1, 1, 1, 1, 1, 1])), from: .n1)
        #expect(node.raft.log.snapshot.index == LogIndex(1))
        let effects = node.hearDurably(.heartbeat(1, 2, after: 7, of: 1, commit: 5), from: .n1)
        #expect(effects.writes.compactMap(\.snapshot).map(\.index) == [LogIndex(5)])
        #expect(effects.writes.last { $0.snapshot != nil }?.entries.map(\.index.number) == [6, 7])
        // Heartbeats from before the snapshot still match it.
        let late = node.hearDurably(.heartbeat(1, 1, after: 3, of: 1, commit: 3), from: .n1).appendReplies
        #expect(late.map(\.isAccepted) == [true])
    }
}
