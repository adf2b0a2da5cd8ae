import Raft
import Time

/// A leader on the bench, with the others played by hand.
extension Bench {
    /// Leads; everything is committed, the timing agreed on, and every voter has acknowledged a heartbeat since.
    static func leading(of count: Int = 3, compaction: Int = 256) -> Bench {
        var node = Bench(of: count, compaction: compaction)
        let voters = nodes(count).map(\.id).filter { $0 != .n1 }
        _ = node.campaign()
        for voter in voters { _ = node.hear(.granted(pre: node.raft.term.next), from: voter) }
        _ = node.finishWrites()
        for voter in voters { _ = node.hear(.granted(node.raft.term), from: voter) }
        for _ in 0..<4 { node.round(with: voters) }
        return node
    }

    /// One heartbeat, acknowledged by these nodes with all that the leader has; what the leader did meanwhile.
    @discardableResult
    mutating func round(with others: [NodeID], wish: ClusterTiming = Bench.timing.wish) -> [Effect] {
        var effects = beat()
        let sequence = Bench.sequence(in: effects)
        for other in others {
            effects += hear(
                .acknowledgement(raft.term, sequence, upTo: raft.lastIndex.number, wish: wish),
                from: other
            )
        }
        return effects + finishWrites()
    }

    /// A node has everything of this heartbeat and promises for it; what the leader did about that.
    mutating func acknowledge(_ beat: [Effect], from node: NodeID) -> [Effect] {
        hear(.acknowledgement(raft.term, Bench.sequence(in: beat), upTo: raft.lastIndex.number), from: node)
    }

    /// The next heartbeat, with everything durable before and behind it.
    mutating func beat() -> [Effect] {
        let before = finishWrites()
        pass(Bench.timing.heartbeat)
        return before + step(.timeElapsed) + finishWrites()
    }

    /// What becomes of a request.
    mutating func ask(_ request: Request) -> Answer? { step(.requested(request, number: 7)).answers.first }
}

extension [Effect] {
    var answers: [Answer] { compactMap { if case .answered(7, let answer) = $0 { answer } else { nil } } }
    var pieces: [SnapshotPiece] { messages.compactMap { if case .snapshot(let piece) = $0 { piece } else { nil } } }
    var hellos: [Hello] { messages.compactMap { if case .hello(let hello) = $0 { hello } else { nil } } }
    var notices: [Notice] { compactMap { if case .report(let notice) = $0 { notice } else { nil } } }

    /// The memberships that a leader put into its log.
    var memberships: [Membership] {
        writes.flatMap(\.entries).compactMap { if case .membership(let next) = $0.payload { next } else { nil } }
    }

    var timings: [ClusterTiming] {
        writes.flatMap(\.entries).compactMap { if case .timing(let next) = $0.payload { next } else { nil } }
    }

    var longestPromises: [Duration] { writes.compactMap { $0.hardState?.longestPromise } }
}

extension Member {
    static func numbered(_ number: Int, storage: StorageID? = nil) -> Member {
        Member(id: .numbered(number), storage: storage ?? .of(.numbered(number)), endpoint: .numbered(number))
    }
}
