import Testing

@testable import Simulator

@Suite struct `A link graph` {
    /// The number of directed graphs without names (OEIS A000273).
    @Test(arguments: [(2, 3), (3, 16), (4, 218)]) func `stands for all that differ in names alone`(
        nodes: Int,
        classes: Int
    ) {
        #expect(LinkGraph.classes(nodes: nodes).count == classes)
    }

    /// Of three nodes two must hear each other, which leaves out (3/4)³ of the graphs.
    @Test func `has a hub where some node reaches and hears a quorum`() {
        let graphs = (0..<LinkGraph.count(nodes: 3)).map { LinkGraph(nodes: 3, bits: $0) }
        #expect(graphs.count { $0.hasHub } == 64 - 27)
    }

    @Test func `needs both directions of the same link for a hub`() {
        let ring = LinkGraph(nodes: 3, links: [(0, 1), (1, 2), (2, 0)])
        #expect(ring.description == "n1>n2 n2>n3 n3>n1")
        #expect(!ring.hasHub)
        let pair = LinkGraph(nodes: 3, links: [(0, 1), (1, 0)])
        #expect((0..<3).map(pair.isHub) == [true, true, false])
    }
}

@Suite struct `A cluster whose links stay broken` {
    /// Row 6: the same in a release build for all graphs of three and four nodes, and a part of those of five.
    @Test(arguments: LinkGraph.classes(nodes: 3)) func `has a holder exactly where there is a hub`(graph: LinkGraph) {
        for start in GraphRun.Start.allCases {
            let outcome = GraphRun.run(graph, from: start, seed: 1)
            #expect(GraphSurvey.failure(of: outcome, on: graph, from: start) == nil)
            #expect(outcome.settled <= 2 * GraphRun.promise)
        }
    }

    /// Row 7: the old leader reaches only a node that the majority needs, and may not keep its promise alive for ever.
    @Test func `leaves a leader that reaches a bridge only`() {
        let majority = (1..<5).flatMap { a in (1..<5).filter { $0 != a }.map { (a, $0) } }
        let outcome = GraphRun.run(LinkGraph(nodes: 5, links: majority + [(0, 1), (1, 0)]), from: .led, seed: 1)
        #expect(outcome.violation == nil)
        #expect(outcome.holder.map { $0 != 0 } == true)
        #expect(outcome.settled <= 2 * GraphRun.promise)
    }

    /// Row 8: a leader that nobody answers to any more.
    @Test func `leaves a leader that hears nobody`() {
        let links = [(0, 1), (0, 2), (1, 2), (2, 1)]
        let outcome = GraphRun.run(LinkGraph(nodes: 3, links: links), from: .led, seed: 1)
        #expect(outcome.holder.map { $0 != 0 } == true)
    }

    @Test func `is found out when it does otherwise`() {
        func failure(of outcome: GraphRun.Outcome, bits: UInt32, _ start: GraphRun.Start = .led) -> String? {
            GraphSurvey.failure(of: outcome, on: LinkGraph(nodes: 3, bits: bits), from: start)
        }
        var outcome = GraphRun.Outcome(
            holder: 0,
            settled: 0,
            changes: 0,
            risesForEver: false,
            isElectable: false,
            violation: nil
        )
        #expect(failure(of: outcome, bits: 63) == nil)
        #expect(failure(of: outcome, bits: 0) == "nobody reaches and hears a quorum, and n1 holds")
        outcome.settled = 16 * GraphRun.promise
        #expect(failure(of: outcome, bits: 63) == "the holder goes on changing")
        outcome.holder = nil
        #expect(failure(of: outcome, bits: 63) == "a node reaches and hears a quorum, and nobody leads")
        #expect(failure(of: outcome, bits: 63, .halfway) == nil, "every hub is behind")
        outcome.isElectable = true
        #expect(failure(of: outcome, bits: 63, .halfway) != nil)
        #expect(failure(of: outcome, bits: 0) == nil)
        outcome.risesForEver = true
        #expect(failure(of: outcome, bits: 0) == "terms rise for ever")
    }
}
