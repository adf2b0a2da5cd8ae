import Testing

@testable import vip_switch_bench

@Suite struct `The figures of a run` {
    /// n1 answers and holds until it is hit at 1,000 ms, n2 from 1,200 ms on.
    private var takeover: Recording {
        var recording = Recording()
        recording.marks = [(ms(1000), .fault, "n1"), (ms(5000), .end, "-")]
        recording.answers = [(ms(900), "n1"), (ms(990), "n1"), (ms(1210), "n2"), (ms(1211), "n2")]
        recording.holdings = ["n1": [ms(0)..<ms(1100)], "n2": [ms(1200)..<ms(5000)]]
        return recording
    }

    @Test func `count the outage from the last answer of the old holder, the takeover from the fault`() {
        let figures = RunFigures(takeover)
        #expect(figures.outage == ms(220))
        #expect(figures.takeover == ms(210))
        #expect(figures.doubleRaw == 0)
        #expect(!figures.isLeftBehind)
        #expect(!figures.hasMovedAgain)
    }

    @Test func `have no outage where nobody took over`() {
        var recording = takeover
        recording.answers.removeAll { $0.node == "n2" }
        let figures = RunFigures(recording)
        #expect(figures.takeover == nil)
        #expect(figures.line.contains("takeover_ms=none"))
    }

    @Test func `count two holders, and leave out a node that is cut off`() {
        var recording = takeover
        recording.holdings["n1"] = [ms(0)..<ms(1500)]
        #expect(RunFigures(recording).doubleRaw == ms(300))
        #expect(RunFigures(recording).doubleReachable == ms(300))
        recording.marks.insert((ms(1250), .cut, "n1"), at: 1)
        #expect(RunFigures(recording).doubleReachable == ms(50))
        recording.marks.insert((ms(1400), .mend, "n1"), at: 2)
        #expect(RunFigures(recording).doubleReachable == ms(150))
        #expect(RunFigures(recording).doubleRaw == ms(300))
    }

    @Test func `see an address that is still there after two seconds`() {
        var recording = takeover
        recording.holdings["n1"] = [ms(0)..<ms(3100)]
        #expect(RunFigures(recording).isLeftBehind)
        recording.holdings["n1"] = [ms(0)..<ms(1100), ms(2900)..<ms(3100)]
        #expect(!RunFigures(recording).isLeftBehind)
    }

    @Test func `see a VIP that goes back`() {
        var recording = takeover
        recording.holdings = ["n1": [ms(0)..<ms(1100), ms(4000)..<ms(5000)], "n2": [ms(1200)..<ms(3900)]]
        #expect(RunFigures(recording).hasMovedAgain)
    }

    @Test func `count three holders as two`() {
        #expect(timeWithTwo([[0..<10], [4..<8], [6..<12]]) == 6)
    }
}

private func ms(_ milliseconds: Int64) -> Int64 { milliseconds * 1_000_000 }
