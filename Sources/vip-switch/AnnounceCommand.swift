import Agent
import Configuration
import Control
import Linux

extension Command {
    static let announce = Command(
        name: "announce",
        summary: "Has the node that holds the VIPs tell the neighbours again where they are.",
        options: controlOptions,
        operands: [Operand("GROUP", help: "the VIPs of this group only")],
        run: { order(.announce(group: $0.operand), $0) }
    )

    /// Where an order goes.
    static let controlOptions = [
        Option("--socket", short: "-s", value: "PATH", help: "the agent's control socket"),
        Option("--config", short: "-c", value: "FILE", help: "the agent's configuration, which names its socket"),
    ]

    /// The agent answers before, and says what it still waits for.
    static let orderPatience = ControlServer.longestWait + .seconds(3)

    /// Has the agent do something, and prints what it says; it may have to wait for other nodes.
    static func order(_ request: ControlRequest, _ arguments: Arguments) -> ExitCode {
        // A name with a line end or a blank in it would order something else.
        guard ControlRequest(line: request.line) == request else {
            return fail(
                "\(quoted(request.line)) is no order; expected names that are not empty, with neither blanks nor line ends",
                .usage
            )
        }
        do throws(CommandFailure) {
            let path = try socketPath(arguments, \.socket)
            let document = try ask(request.line, at: path, waitingUpTo: orderPatience)
            switch ControlAnswer(json: document) {
            case .done(let lines): return succeed(lines.map { "\($0)\n" }.joined())
            case .refused(let reason): return fail(reason)
            case .mistakes(let lines): return fail(lines.joined(separator: "\nvip-switch: "), .usage)
            case .noLeader(let reason): return fail(reason, .noLeader)
            case nil: return fail("the agent at \(path) answers what this version cannot read: \(quoted(document))")
            }
        } catch {
            return fail(error.text, error.code)
        }
    }
}
