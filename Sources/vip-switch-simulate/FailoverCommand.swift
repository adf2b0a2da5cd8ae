import Linux
import Simulator

/// `failover`: how long the address is away when its holder falls silent, as histograms beside what the arithmetic says.
struct FailoverCommand {
    private var profiles = Profile.allCases
    private var silences = FailoverStudy.Silence.allCases
    private var nodes = 3
    private var runs = 1000
    private var write = Nanoseconds.milliseconds(0.3)
    private var jobs = Options.cores
    private var tracedSeed: UInt64?
    private var isHelpWanted = false

    static let usage = """
        usage: vip-switch-simulate failover [--profile NAME] [--nodes N] [--runs R] [--silence cut-off|power-lost]
                                            [--write MILLISECONDS] [--jobs N] [--trace SEED]

        In a healthy cluster the holder falls silent at a random phase of its heartbeat: cut off in both directions, or
        without power. Prints for each profile how long it takes until the next holder has the address in its kernel.

          --runs R         of each profile and kind of silence (default 1000): the seeds 1 to R
          --write MS       a write takes at least so long, and up to six times as much (default 0.3)
          --trace SEED     tells the story of one run

        Ends with 0; with 1 when nobody took over or a rule was broken; with 2 when the command line is wrong.
        """

    init(_ words: [String]) throws(UsageError) {
        var arguments = Arguments(words)
        while let option = arguments.next() {
            switch option {
            case "--help", "-h": isHelpWanted = true
            case "--profile": profiles = [try arguments.choice(of: option)]
            case "--silence": silences = [try arguments.choice(of: option)]
            case "--nodes": nodes = try arguments.count(of: option, in: 3...10)
            case "--runs": runs = try arguments.count(of: option, in: 1...1_000_000)
            case "--write":
                write = try arguments.value(of: option, as: "milliseconds above 0, at most 1000") { text in
                    Double(text).flatMap { $0 > 0 && $0 <= 1000 ? .milliseconds($0) : nil }
                }
            case "--jobs": jobs = try arguments.count(of: option, in: 1...256)
            case "--trace": tracedSeed = try arguments.seed(of: option)
            default: throw UsageError("unknown option \(option)")
            }
        }
        if tracedSeed != nil, profiles.count > 1 {
            throw UsageError("--trace tells one story: expected --profile with it")
        }
    }

    func run() throws(Errno) -> Int32 {
        if isHelpWanted {
            try StandardStream.output.write(Self.usage + "\n")
            return 0
        }
        if let tracedSeed { return try trace(tracedSeed) }
        var failures = 0
        for profile in profiles {
            for silence in silences {
                let report = try report(FailoverStudy(profile, silence, nodes: nodes, write: write))
                failures += report.failures.count
                try StandardStream.output.write(report.text + "\n\n")
            }
        }
        try StandardStream.output.write(Self.explanation + "\n")
        return failures == 0 ? 0 : 1
    }

    private static let explanation = """
        Later than latest come runs in which a datagram, a timer or a keeper was later than usual: 2 %, 0.2 %, 1 % of them.
        Where it was another voter's last heartbeat, that voter's promise ends later, too, and it refuses the first pre-vote;
        the next one comes up to a slot behind that end, and may meet the campaign of the second successor.
        """

    private func report(_ study: FailoverStudy) throws(Errno) -> FailoverReport {
        var report = FailoverReport(study)
        var crew = try Crew(1...UInt64(runs), jobs: jobs) { study.run(seed: $0).text }
        while let (seed, word) = try crew.next() {
            if case .told(let text) = word, let run = FailoverRun(text: text) {
                report.add(run)
            } else {
                report.add(FailoverRun(failed: seed))
            }
        }
        try crew.end()
        return report
    }

    private func trace(_ seed: UInt64) throws(Errno) -> Int32 {
        let plan = FailoverStudy(profiles[0], silences[0], nodes: nodes, write: write).plan(seed: seed)
        let outcome = Simulation(plan, isTraced: true).run()
        try StandardStream.output.write(outcome.trace.map { $0 + "\n" }.joined())
        return outcome.violation == nil ? 0 : 1
    }
}
