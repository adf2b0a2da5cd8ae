import Glibc
import Simulator

/// Runs the simulated cluster over a range of seeds; ends with 1 when one of them broke a rule.
@main
struct SimulatorCommand {
    static func main() {
        guard let options = Options(Array(CommandLine.arguments.dropFirst())) else {
            print(Options.usage)
            exit(64)
        }
        exit(options.isTraced ? trace(options) : survey(options))
    }

    /// Tells the story of one seed, line by line.
    private static func trace(_ options: Options) -> Int32 {
        let outcome = Simulation(.random(seed: options.seeds.lowerBound, options.swarm), isTraced: true).run()
        for line in outcome.trace { print(line) }
        if let violation = outcome.violation { print(violation) }
        return outcome.violation == nil ? 0 : 1
    }

    private static func survey(_ options: Options) -> Int32 {
        var survey = Survey(options.swarm)
        for seed in options.seeds {
            if let failure = survey.run(seed) { print(failure) }
            if survey.failures >= options.failureLimit { break }
        }
        print(survey.summary)
        return survey.failures == 0 ? 0 : 1
    }
}
