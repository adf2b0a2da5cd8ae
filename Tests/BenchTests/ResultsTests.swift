import Testing

@testable import vip_switch_bench

@Suite struct `The tables of a bench` {
    /// Two teams, of which the second never moves the VIP in its last run.
    private func results() throws -> Results {
        var results = Results(
            cases: [try Results.Case("link:takeover=link cut"), try Results.Case("start:held=three agents started")],
            teams: ["keepalived-1s", "keepalived-10ms", "lan", "turbo", "turbo+fence"]
        )
        results.runs["link"] = [
            "keepalived-1s": [run(3300), run(3400)],
            "keepalived-10ms": [run(30), run(50), run(40)],
            "lan": [run(230), run(250), run(nil)],
            "turbo": [run(44), run(32)],
            "turbo+fence": [run(20)],
        ]
        return results
    }

    private func run(_ takeover: Int64?) -> RunFigures {
        var figures = RunFigures(Recording())
        figures.takeover = takeover.map { $0 * 1_000_000 }
        return figures
    }

    @Test func `have the middle and the worst of all runs`() {
        #expect(Spread([3, 1, 2]) == Spread([2, 1, 3]))
        #expect(Spread([3_000_000, 1_000_000, 2_000_000])?.text == "2.0 / 3.0")
        #expect(Spread([1_000_000, 2_000_000])?.text == "1.5 / 2.0")
        #expect(Spread([]) == nil)
    }

    @Test func `count a run without a value as the worst`() {
        #expect(Spread([1_000_000, nil, 2_000_000])?.text == "2.0 / none")
        #expect(Spread([nil, 2_000_000])?.text == "none / none")
    }

    @Test func `compare the best of ours with the best peer`() throws {
        #expect(
            try results().summary == """
                | case | figure | best peer | lan | fast | turbo | best of ours ÷ best peer |
                |---|---|---|--:|--:|--:|--:|
                | link cut | takeover ms | 40.0 (10ms) | 250.0 | - | 20.0 | 0.50 |
                """
        )
    }

    @Test func `leave out cases and teams without a run`() throws {
        let tables = try results().tables
        #expect(tables.count == 1)
        #expect(tables[0].contains("**link cut**"))
        #expect(tables[0].split(separator: "\n").count == 3 + 5)
    }

    @Test func `have no ratio where there is nothing to divide by`() {
        #expect(ratio(3, 12) == "0.25")
        #expect(ratio(nil, 12) == "-")
        #expect(ratio(3, 0) == "-")
        #expect(ratio(3, .max) == "-")
    }

    @Test(arguments: ["link", "link=cut", "link:nothing=cut"])
    func `are refused a case that names no figure`(text: String) {
        #expect(throws: Complaint.self) { try Results.Case(text) }
    }
}
