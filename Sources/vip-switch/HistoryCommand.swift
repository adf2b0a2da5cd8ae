import Agent
import Configuration
import Control
import Linux

extension Command {
    static let history = Command(
        name: "history",
        summary: "Shows what happened on all nodes: who lost whom and why, where the VIPs went, and how long it took.",
        options: [
            Option("--json", help: "print one JSON document instead"),
            Option("--since", value: "TIME", help: "not what is older: 10m, 2h, 3d, or 2026-03-01T12:00 (UTC)"),
            Option("--node", value: "ID", help: "only what happened on this node"),
            Option("--limit", value: "NUMBER", help: "the latest so many; 200 unless told"),
            Option("--socket", short: "-s", value: "PATH", help: "the agent's status socket"),
            Option(
                "--config",
                short: "-c",
                value: "FILE",
                help: "the agent's configuration; where no agent runs, its data_dir is read"
            ),
        ],
        run: history
    )

    private static let standardLimit = 200

    @Sendable private static func history(_ arguments: Arguments) -> ExitCode {
        do throws(CommandFailure) {
            let limit = try limit(arguments["--limit"])
            let since = try arguments["--since"].map { text throws(CommandFailure) in try moment(text) }
            let whole = HistoryStory(try histories(arguments))
            if let node = arguments["--node"], !whole.nodes.contains(where: { $0.id == node }) {
                let hint = suggestion(for: node, among: whole.nodes.map(\.id)).map { "; did you mean \($0)?" } ?? ""
                throw CommandFailure(text: "--node: there is no node \(quoted(node))\(hint)", code: .usage)
            }
            let story = whole.only(since: since, node: arguments["--node"], latest: limit)
            if arguments.contains("--json") { return succeed(story.json + "\n") }
            return succeed(story.text(isColoured: StandardStream.output.takesColour))
        } catch {
            return fail(error.text, error.code)
        }
    }

    private static func limit(_ text: String?) throws(CommandFailure) -> Int {
        guard let text else { return standardLimit }
        guard let limit = Int(text), (1...100_000).contains(limit) else {
            throw CommandFailure(text: "--limit is \(quoted(text)); expected a number from 1 to 100000", code: .usage)
        }
        return limit
    }

    private static func moment(_ text: String) throws(CommandFailure) -> String {
        guard let moment = HistoryMoment(text, now: Clock.wallTime()) else {
            throw CommandFailure(
                text: "--since is \(quoted(text)); expected 10m, 2h, 3d, or a time like 2026-03-01T12:00",
                code: .usage
            )
        }
        return moment.text
    }

    /// Of all nodes; where no agent runs here, of this one's files.
    private static func histories(_ arguments: Arguments) throws(CommandFailure) -> [HistoryDocument] {
        let path = try socketPath(arguments, \.statusSocket)
        do throws(CommandFailure) {
            return try documents(in: ask(HistoryDocument.requestOfAll, at: path), path)
        } catch {
            guard let file = arguments["--config"], arguments["--socket"] == nil,
                let stored = AgentProgram.storedHistory(AgentOptions(configurationPath: file))
            else { throw error }
            // Where standard error is closed there is nobody to tell.
            try? StandardStream.error.write("vip-switch: \(error.text); this is what its data_dir has\n")
            return [stored]
        }
    }

    /// A document a line, this node's own first.
    private static func documents(in answer: String, _ path: String) throws(CommandFailure) -> [HistoryDocument] {
        var documents: [HistoryDocument] = []
        for line in answer.split(separator: "\n") {
            guard let document = HistoryDocument(json: String(line)) else {
                let words = quoted(String(line.prefix(200)))
                throw CommandFailure(
                    text: "the agent at \(path) answers what this version cannot read: \(words)",
                    code: .failure
                )
            }
            documents.append(document)
        }
        return documents
    }
}
