import Agent
import Configuration
import Control
import Linux

extension Command {
    static let status = Command(
        name: "status",
        summary:
            "Shows who leads, who holds which VIP since when, how each node is, and why it would hold VIPs or not.",
        options: [
            Option("--json", help: "print one JSON document instead"),
            Option("--watch", help: "show it anew every second, until it is interrupted"),
            Option("--local", help: "what this node knows, without asking the others"),
            Option("--socket", short: "-s", value: "PATH", help: "the agent's status socket"),
            Option("--config", short: "-c", value: "FILE", help: "the agent's configuration, which names its socket"),
        ],
        run: status
    )

    @Sendable private static func status(_ arguments: Arguments) -> ExitCode {
        do throws(CommandFailure) {
            let source = try StatusSource(arguments)
            if arguments.contains("--watch") { return StatusWatch(source).run() }
            let report = try source.report()
            return succeed(source.text(report), report.own.leader == nil ? .noLeader : .success)
        } catch {
            return fail(error.text, error.code)
        }
    }
}

/// Where the status comes from, and how it is to look.
struct StatusSource {
    private let path: String
    private let isLocal: Bool
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(CommandFailure) {
        path = try Command.socketPath(arguments, \.statusSocket)
        isLocal = arguments.contains("--local")
        isJSON = arguments.contains("--json")
    }

    func report() throws(CommandFailure) -> ClusterReport {
        if !isLocal {
            var answers = try answers(to: StatusReport.requestOfAll)
            // An agent of the previous version knows no such question.
            if let own = answers.first?.report {
                answers.removeFirst()
                return ClusterReport(own, others: answers)
            }
        }
        let answers = try answers(to: StatusReport.request)
        guard let own = answers.first?.report else { throw illegible(answers.first?.error ?? "nothing") }
        return ClusterReport(own, others: [])
    }

    func text(_ report: ClusterReport) -> String {
        isJSON ? report.json + "\n" : report.text(isColoured: StandardStream.output.takesColour)
    }

    private func answers(to request: String) throws(CommandFailure) -> [ClusterReport.Answer] {
        let document = try Command.ask(request, at: path)
        var answers: [ClusterReport.Answer] = []
        for line in document.split(separator: "\n") {
            if let answer = ClusterReport.Answer(json: String(line)) {
                answers.append(answer)
            } else if answers.isEmpty {
                if request == StatusReport.requestOfAll { return [] }
                throw illegible(String(line.prefix(200)))
            }
        }
        return answers
    }

    private func illegible(_ text: String) -> CommandFailure {
        CommandFailure(
            text: "the agent at \(path) answers what this version cannot read: \(quoted(text))",
            code: .failure
        )
    }
}
