import Agent
import Configuration
import Control
import Linux
import Preflight

extension Command {
    static let status = Command(
        name: "status",
        summary: "Shows who leads, who holds which VIP since when, and how the other nodes are reached.",
        options: [
            Option("--json", help: "print one JSON document instead"),
            Option("--socket", short: "-s", value: "PATH", help: "the agent's status socket"),
            Option("--config", short: "-c", value: "FILE", help: "the agent's configuration, which names its socket"),
        ],
        run: status
    )

    @Sendable private static func status(_ arguments: Arguments) -> ExitCode {
        do throws(CommandFailure) {
            let path = try socketPath(arguments)
            let document = try ask(path)
            guard let report = StatusReport(json: document) else {
                return fail("the agent at \(path) answers what this version cannot read: \(quoted(document))")
            }
            let text = arguments.contains("--json") ? document + "\n" : report.text
            return succeed(text, report.leader == nil ? .noLeader : .success)
        } catch {
            return fail(error.text, error.code)
        }
    }

    private static func ask(_ path: String) throws(CommandFailure) -> String {
        do throws(ControlError) {
            return try ControlClient.ask(StatusReport.request, at: path)
        } catch {
            throw CommandFailure(text: error.description, code: .failure)
        }
    }

    private static func socketPath(_ arguments: Arguments) throws(CommandFailure) -> String {
        if let path = arguments["--socket"] { return path }
        guard let file = arguments["--config"] else { return ControlSettings.standard.statusSocket }
        let reading = Preflight.load(AgentOptions(configurationPath: file))
        guard let configuration = reading.configuration else {
            let lines = reading.diagnostics.filter { $0.severity == .error }.map(\.description)
            throw CommandFailure(text: lines.joined(separator: "\n"), code: .usage)
        }
        return configuration.control.statusSocket
    }
}

/// Why a command cannot do what it was asked.
struct CommandFailure: Error {
    var text: String
    var code: ExitCode
}
