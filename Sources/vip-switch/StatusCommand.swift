import Agent
import Configuration
import Control

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
            let path = try socketPath(arguments, \.statusSocket)
            let document = try ask(StatusReport.request, at: path)
            guard let report = StatusReport(json: document) else {
                return fail("the agent at \(path) answers what this version cannot read: \(quoted(document))")
            }
            let text = arguments.contains("--json") ? document + "\n" : report.text
            return succeed(text, report.leader == nil ? .noLeader : .success)
        } catch {
            return fail(error.text, error.code)
        }
    }
}
