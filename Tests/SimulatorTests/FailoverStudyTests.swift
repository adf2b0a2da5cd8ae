import Simulator
import Testing

@Suite struct `A study of failover` {
    private func report(_ study: FailoverStudy, runs: UInt64 = 20) -> FailoverReport {
        var report = FailoverReport(study)
        for seed in 1...runs { report.add(study.run(seed: seed)) }
        return report
    }

    /// Late datagrams and timers, which the bound leaves out, are rare.
    @Test(arguments: Profile.allCases, FailoverStudy.Silence.allCases)
    func `finds the address again within what the arithmetic says`(
        profile: Profile,
        silence: FailoverStudy.Silence
    ) throws {
        let study = FailoverStudy(profile, silence)
        let runs = (1...20 as ClosedRange<UInt64>).map { study.run(seed: $0) }
        let bound = FailoverBound(study.plan(seed: 1))
        let times = runs.compactMap(\.time)
        #expect(times.count == runs.count)
        #expect(times.allSatisfy { $0 >= bound.least })
        #expect(times.count { $0 > bound.latest } <= 2)
    }

    @Test func `writes the sums out`() throws {
        let bound = FailoverBound(FailoverStudy(.lan, .cutOff).plan(seed: 1))
        // P − H − 0.2, and P, each with ways, timer, writes, keeper and kernel.
        #expect(bound.least == .milliseconds(201.86))
        #expect(bound.latest == .milliseconds(257.7))
        let last = try #require(bound.formula.last)
        #expect(last.split(separator: " ").map { String($0) } == ["together", "201.86", "257.70"])
    }

    @Test func `asks for the writes that it is told`() {
        let slow = FailoverBound(FailoverStudy(.lan, .cutOff, write: .milliseconds(2)).plan(seed: 1))
        #expect(slow.least == .milliseconds(205.26))
        #expect(slow.latest == .milliseconds(278.1))
    }

    @Test func `names the runs in which nobody took over`() {
        var report = FailoverReport(FailoverStudy(.lan, .cutOff))
        report.add(FailoverRun(failed: 7))
        #expect(report.failures.map(\.seed) == [7])
        #expect(report.text.hasSuffix("seed 7: nobody took over, or a rule was broken"))
    }

    @Test func `is told by one process to another`() throws {
        let run = FailoverStudy(.turbo, .powerLost).run(seed: 3)
        #expect(run.time != nil)
        #expect(FailoverRun(text: run.text) == run)
        #expect(FailoverRun(text: FailoverRun(failed: 9).text) == FailoverRun(failed: 9))
        for text in ["", "7", "7 1", "7 x 0", "-7 1 0", "7 1 -1"] { #expect(FailoverRun(text: text) == nil) }
    }

    @Test func `tells the same of the same seed`() {
        let study = FailoverStudy(.fast, .cutOff, nodes: 5)
        #expect(report(study, runs: 3).text == report(study, runs: 3).text)
    }
}

@Suite struct `A histogram` {
    @Test func `has a row for each bucket, and one for the rest`() {
        let times = (0..<200).map { Nanoseconds.milliseconds(10 + Double($0) / 100) } + [.milliseconds(90)]
        let lines = Histogram(times, marks: [(.milliseconds(11), "here")]).lines
        let rows = lines.map { $0.split(separator: " ").map { String($0) } }
        let counts = rows.compactMap { $0.count > 1 ? Int($0[1]) : nil }
        #expect(counts.reduce(0, +) == times.count)
        #expect(lines.count <= 26)
        #expect(rows.first?.first == "10.00")
        #expect(rows.last?.prefix(2) == ["later", "1"])
        #expect(lines.filter { $0.hasSuffix("<- here 11.00") }.count == 1)
    }

    @Test func `is empty where nothing was measured`() {
        #expect(Histogram([]).lines.isEmpty)
    }

    @Test func `shows what takes always the same time`() {
        #expect(Histogram([.milliseconds(5), .milliseconds(5)]).lines.count == 1)
    }
}
