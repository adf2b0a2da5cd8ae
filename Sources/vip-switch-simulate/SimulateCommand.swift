import Glibc
import Linux
import Simulator

/// Runs the simulated cluster over a range of seeds, or what its first word names; ends with 1 when a rule was broken.
@main
struct SimulateCommand {
    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        do {
            exit(try run(arguments))
        } catch let error as UsageError {
            end(error.reason + "; see --help", with: 2)
        } catch {
            end("\(error)", with: 3)
        }
    }

    private static func run(_ arguments: [String]) throws -> Int32 {
        let rest = Array(arguments.dropFirst())
        switch arguments.first {
        case "script": return ScriptCommand.run(rest)
        case "scopes": return try ScopesCommand(rest).run()
        case "graphs": return try GraphsCommand(rest).run()
        case "sabotages": return try SabotagesCommand(rest).run()
        case "failover": return try FailoverCommand(rest).run()
        default: return try run(Options(arguments))
        }
    }

    private static func run(_ options: Options) throws -> Int32 {
        if options.isHelpWanted {
            try StandardStream.output.write(Options.usage + "\n")
            return 0
        }
        return options.isTraced ? try trace(options) : try SurveyCommand(options).run()
    }

    /// Tells the story of one seed, line by line.
    private static func trace(_ options: Options) throws(Errno) -> Int32 {
        let plan = Plan.random(seed: options.seeds.lowerBound, options.swarm).reduced(by: options.reduction)
        let outcome = Simulation(plan, isTraced: true).run()
        let lines = outcome.trace + (outcome.violation.map { ["\($0)"] } ?? [])
        try StandardStream.output.write(lines.map { $0 + "\n" }.joined())
        return outcome.violation == nil ? 0 : 1
    }

    private static func end(_ reason: String, with code: Int32) -> Never {
        try? StandardStream.error.write("vip-switch-simulate: \(reason)\n")
        exit(code)
    }
}
