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
        #expect(figures.hasHitHolder)
    }

    @Test func `say that the VIP had moved by itself before the fault`() {
        var recording = takeover
        recording.holdings = ["n1": [ms(0)..<ms(995)], "n2": [ms(999)..<ms(5000)]]
        #expect(!RunFigures(recording).hasHitHolder)
        #expect(RunFigures(recording).line.hasSuffix("hit_holder=no"))
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

    @Test func `count the longest silence until the node came back, and the longest after that`() {
        var recording = takeover
        recording.marks.insert((ms(2000), .back, "n1"), at: 1)
        recording.answers += [(ms(1900), "n2"), (ms(2040), "n2"), (ms(4990), "n2")]
        let figures = RunFigures(recording)
        #expect(figures.silence == ms(689))
        #expect(figures.returnGap == ms(2950))
    }

    @Test func `count a silence that nobody ends`() {
        var recording = takeover
        recording.marks.insert((ms(4000), .back, "n1"), at: 1)
        recording.answers.removeAll { $0.node == "n2" }
        #expect(RunFigures(recording).silence == ms(3010))
        #expect(RunFigures(recording).returnGap == ms(4010))
    }

    @Test func `tell when the address was gone, and that it was not`() {
        var recording = takeover
        #expect(RunFigures(recording).gone == ms(100))
        recording.marks.insert((ms(3000), .back, "n1"), at: 1)
        recording.holdings["n1"] = [ms(0)..<ms(3100)]
        #expect(RunFigures(recording).gone == nil)
        recording.holdings["n1"] = [ms(0)..<ms(5000)]
        #expect(RunFigures(recording).gone == nil)
    }

    @Test func `count two that answer, by whoever asks them`() {
        var recording = takeover
        #expect(RunFigures(recording).doubleAnswering == nil)
        recording.direct = ["n1": stride(from: 0, through: 1300, by: 5).map(ms), "n2": [ms(1205), ms(1210)]]
        recording.answers += stride(from: 1212, through: 1400, by: 1).map { (ms($0), "n2") }
        #expect(RunFigures(recording).doubleAnswering == ms(95))
        recording.direct["n1"]?.removeAll { $0 > ms(1100) }
        #expect(RunFigures(recording).doubleAnswering == 0)
    }

    @Test func `count the start of a cluster to the first that has the VIP`() {
        var recording = Recording()
        recording.marks = [(ms(100), .start, "n1"), (ms(900), .end, "-")]
        recording.holdings = ["n1": [], "n2": [ms(0)..<ms(50), ms(430)..<ms(900)], "n3": []]
        #expect(RunFigures(recording).held == ms(330))
        recording.holdings["n2"] = []
        #expect(RunFigures(recording).held == nil)
    }

    @Test func `join answers that are no further apart than a pause`() {
        #expect(stretches(of: [0, 5, 10, 40, 45], pause: 25) == [0..<10, 40..<45])
        #expect(stretches(of: [], pause: 25).isEmpty)
    }

    @Test func `count three holders as two`() {
        #expect(timeWithTwo([[0..<10], [4..<8], [6..<12]]) == 6)
    }
}

private func ms(_ milliseconds: Int64) -> Int64 { milliseconds * 1_000_000 }
