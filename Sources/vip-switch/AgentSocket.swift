import Agent
import Configuration
import Control
import Preflight

/// How commands find and ask a running agent.
extension Command {
    static func ask(
        _ request: String,
        at path: String,
        waitingUpTo bound: Duration = .seconds(3)
    ) throws(CommandFailure) -> String {
        do throws(ControlError) {
            return try ControlClient.ask(request, at: path, waitingUpTo: bound)
        } catch {
            throw CommandFailure(text: error.description, code: .failure)
        }
    }

    /// `--socket`, what `--config` names, or the default.
    static func socketPath(
        _ arguments: Arguments,
        _ socket: KeyPath<ControlSettings, String>
    ) throws(CommandFailure) -> String {
        if let path = arguments["--socket"] { return path }
        guard let file = arguments["--config"] else { return ControlSettings.standard[keyPath: socket] }
        let reading = Preflight.load(AgentOptions(configurationPath: file))
        guard let configuration = reading.configuration else {
            let lines = reading.diagnostics.filter { $0.severity == .error }.map(\.description)
            throw CommandFailure(text: lines.joined(separator: "\n"), code: .usage)
        }
        return configuration.control[keyPath: socket]
    }
}

/// Why a command cannot do what it was asked.
struct CommandFailure: Error {
    var text: String
    var code: ExitCode
}
