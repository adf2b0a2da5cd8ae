import Agent
import Configuration
import Linux
import Preflight

extension Command {
    static let check = Command(
        name: "check",
        summary: "Prints every mistake of a configuration, a line each, and ends with 2 if there is one.",
        options: configurationOptions + [
            Option("--offline", help: "do not look whether this machine has the files and interfaces it names")
        ],
        run: check
    )

    @Sendable private static func check(_ arguments: Arguments) -> ExitCode {
        let options = AgentOptions(arguments)
        let reading = Preflight.load(options)
        var diagnostics = reading.diagnostics
        if let configuration = reading.configuration, !arguments.contains("--offline") {
            diagnostics += Preflight.inspect(configuration, reading.origins)
        }
        let lines = diagnostics.map { "\($0)\n" }.joined()
        let isWrong = diagnostics.contains { $0.severity == .error }
        guard let configuration = reading.configuration, !isWrong else { return succeed(lines, .usage) }
        return succeed(lines + configuration.timingSummary + "\n\(options.configurationPath): ok\n")
    }
}
