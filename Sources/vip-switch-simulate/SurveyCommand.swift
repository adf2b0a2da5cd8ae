import Glibc
import Linux
import Simulator
import Time

/// Runs seeds in several processes and prints the failing ones in their order, and at the end the sum.
struct SurveyCommand {
    private let options: Options

    init(_ options: Options) { self.options = options }

    func run() throws(Errno) -> Int32 {
        let options = options
        var crew = try Crew(options.seeds, jobs: options.jobs) { seed in
            SurveyRecord.run(seed, options.swarm, options.reduction, isMinimised: options.isMinimised).text
        }
        var survey = Survey(options.swarm)
        let end = options.time.map { Clock.now() + .seconds($0) }
        while survey.failures < options.failureLimit, !hasPassed(end), let (seed, word) = try crew.next() {
            let record = record(of: word, seed)
            survey.add(record)
            if let failure = record.failure { try StandardStream.output.write(failure + "\n") }
        }
        try crew.end()
        try StandardStream.output.write(survey.summary + "; \(speed(survey.runs)) seeds a second a core\n")
        return survey.failures == 0 ? 0 : 1
    }

    private func hasPassed(_ end: Instant?) -> Bool {
        end.map { Deadline.timer($0).hasPassed(at: Clock.now()) } ?? false
    }

    private func record(of word: Crew.Word, _ seed: UInt64) -> SurveyRecord {
        let reason: String
        switch word {
        case .told(let text):
            if let record = SurveyRecord(text: text), record.seed == seed { return record }
            reason = "the simulator's record is no record: \(text)"
        case .died(let status): reason = "the simulator died: \(status)"
        }
        return SurveyRecord(seed: seed, failure: Failure.text(seed, options.swarm, options.reduction, reason))
    }

    /// By the time that the processors gave to the simulation, so that other programs do not count.
    private func speed(_ runs: Int) -> String {
        var usage = rusage()
        unsafe getrusage(__rusage_who_t(RUSAGE_CHILDREN.rawValue), &usage)
        let seconds = [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
        guard seconds > 0 else { return "-" }
        let tenths = Int((Double(runs) / seconds * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}
