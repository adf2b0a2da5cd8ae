import Simulator
import Testing

@Suite struct `A survey` {
    static let swarm = Swarm(seconds: 5)

    @Test func `is the same whoever ran its seeds`() {
        var whole = Survey(Self.swarm)
        var told = Survey(Self.swarm)
        for seed in 1...6 as ClosedRange<UInt64> {
            #expect(whole.run(seed) == nil)
            let record = SurveyRecord.run(seed, Self.swarm)
            if let heard = SurveyRecord(text: record.text) { told.add(heard) }
        }
        #expect(told.summary == whole.summary)
        #expect(told.runs == 6)
    }

    @Test func `counts a seed that failed`() throws {
        var survey = Survey(Self.swarm)
        var record = SurveyRecord(seed: 7, failure: "seed 7: broken\n\nreplay: …")
        record.occurrences = 12
        let heard = try #require(SurveyRecord(text: record.text))
        #expect(heard == record)
        survey.add(heard)
        #expect(survey.failures == 1)
        #expect(
            survey.summary == "1 seeds, 1 failed; 12 occurrences, 0 leaders, 0 changes of the holder; "
                + "recovery median -, 99 % -, worst -"
        )
    }

    @Test(arguments: ["", "7", "7 1 2 3", "7 1 2 3 x", "-7 1 2 3 4", "7 1 2 3 4 5"])
    func `takes no record that is none`(text: String) {
        #expect(SurveyRecord(text: text) == nil)
    }

    @Test func `finds medians and worst cases`() {
        let spread = Spread([30, 10, 20, 50, 40])
        #expect(spread.time(0.5) == 30)
        #expect(spread.time(1) == 50)
        #expect(Spread([]).time(0.5) == nil)
    }
}
