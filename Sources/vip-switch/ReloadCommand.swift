import Agent
import Configuration
import Control

extension Command {
    static let reload = Command(
        name: "reload",
        summary:
            "Has the agent read its configuration again: prints what has changed, or every mistake and ends with 2.",
        options: [
            Option("--json", help: "print one JSON document instead: done, or error with mistakes"),
            Option("--socket", short: "-s", value: "PATH", help: "the agent's control socket"),
            Option("--config", short: "-c", value: "FILE", help: "the agent's configuration, which names its socket"),
        ],
        run: { $0.contains("--json") ? reloadForPrograms($0) : order(.reload, $0) }
    )

    private static func reloadForPrograms(_ arguments: Arguments) -> ExitCode {
        do throws(CommandFailure) {
            let path = try socketPath(arguments, \.socket)
            let document = try ask(ControlRequest.reload.line, at: path, waitingUpTo: orderPatience)
            let code: ExitCode =
                switch ControlAnswer(json: document) {
                case .done: .success
                case .mistakes: .usage
                case .noLeader: .noLeader
                case .refused, nil: .failure
                }
            return succeed(document + "\n", code)
        } catch {
            return fail(error.text, error.code)
        }
    }
}
