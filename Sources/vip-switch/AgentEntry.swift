import Configuration
import Linux
import Preflight

/// Where the program hands over to the agent.
enum AgentEntry {
    static func run(_ options: AgentOptions) -> ExitCode {
        guard let configuration = configuration(options) else { return .usage }
        return fail("cannot run \(configuration.node.id): this build has no agent")
    }

    static func release(_ options: AgentOptions) -> ExitCode {
        guard let configuration = configuration(options) else { return .usage }
        return fail("cannot release the VIPs of \(configuration.node.id): this build has no agent")
    }

    /// Prints every mistake; nil where there is one.
    private static func configuration(_ options: AgentOptions) -> Configuration? {
        let reading = Preflight.load(options)
        var diagnostics = reading.diagnostics
        if let configuration = reading.configuration {
            diagnostics += Preflight.inspect(configuration, reading.origins)
        }
        try? StandardStream.error.write(diagnostics.map { "\($0)\n" }.joined())
        return diagnostics.contains { $0.severity == .error } ? nil : reading.configuration
    }
}
