import Control
import Foundation
import Linux
import Testing

@testable import vip_switch

/// `history` and `status` against an agent that the test plays.
@Suite struct `The story on the command line` {
    private let folder = TemporaryFolder()

    private static func entry(_ node: String, _ event: String) -> HistoryEntry {
        HistoryEntry(
            time: "2026-03-01T12:34:56.789Z",
            clock: 1,
            node: node,
            term: 7,
            level: "notice",
            event: event,
            message: event
        )
    }

    private static let history = [
        HistoryDocument.text(node: "n1", entries: [entry("n1", "leading").value.text], upTo: 10_000),
        HistoryDocument.text(node: "n2", entries: [entry("n2", "following").value.text], upTo: 10_000),
        HistoryDocument.failure(of: "n3", "n3 does not answer"),
    ].joined(separator: "\n")

    /// Runs a command beside a server that answers every line with the text.
    private func run(_ words: [String], answering text: String) throws -> Outcome {
        let loop = try EventLoop()
        var asked: [String] = []
        let path = folder.file("status.sock")
        let server = try ControlServer.questions(at: path, on: loop) { line, reply in
            asked.append(line)
            reply.send(text)
        }
        let running = try Running(words + ["--socket", path])
        while running.isRunning {
            loop.schedule(after: .milliseconds(5)) { [weak loop] in loop?.stop() }
            try loop.run()
        }
        withExtendedLifetime(server) {}
        return running.wait()
    }

    @Test func `has what happened on all nodes, and who did not tell`() throws {
        let outcome = try run(["history"], answering: Self.history)
        #expect(outcome.code == 0)
        #expect(
            outcome.output == """
                TIME                      TERM  NODE  WHAT
                2026-03-01T12:34:56.789Z  7     n1    leading
                2026-03-01T12:34:56.789Z  7     n2    following

                n3 did not tell its history: n3 does not answer

                """
        )
    }

    @Test func `is one document with --json, cut to what was asked for`() throws {
        let outcome = try run(["history", "--json", "--node", "n2", "--limit", "1"], answering: Self.history)
        #expect(outcome.code == 0)
        let value = JSONValue(parsing: outcome.output)
        #expect(value?["entries"]?.array?.map { $0["event"]?.string } == ["following"])
        #expect(value?["nodes"]?.array?.count == 3)
    }

    @Test(arguments: [
        (
            ["--since", "yesterday"],
            #"--since is "yesterday"; expected 10m, 2h, 3d, or a time like 2026-03-01T12:00"#
        ),
        (["--limit", "0"], #"--limit is "0"; expected a number from 1 to 100000"#),
        (["--limit", "many"], #"--limit is "many"; expected a number from 1 to 100000"#),
        (["--node", "n22"], #"--node: there is no node "n22"; did you mean n2?"#),
    ]) func `says what it does not understand`(words: [String], text: String) throws {
        let outcome = try run(["history"] + words, answering: Self.history)
        #expect(outcome.code == 2)
        #expect(outcome.output == "")
        #expect(outcome.error == "vip-switch: \(text)\n")
    }

    @Test func `is refused where an agent answers something else`() throws {
        let outcome = try run(["history"], answering: #"{"error":"unknown request; expected status"}"#)
        #expect(outcome.code == 1)
        #expect(outcome.error.contains("answers what this version cannot read"))
        #expect(try run(["status"], answering: "garbage").code == 1)
    }

    @Test func `needs an agent, or a configuration that names its data_dir`() throws {
        let outcome = try Running(["history", "--socket", folder.file("status.sock")]).wait()
        #expect(outcome.code == 1)
        #expect(outcome.error.hasPrefix("vip-switch: no agent to ask at \(folder.path)/status.sock; "))
    }

    @Test func `shows nothing in colour where no terminal is`() throws {
        var report = StatusReport(version: "0.1.0", node: "n1", role: "leader", term: 7)
        report.leader = "n1"
        for words in [["status"], ["history"]] {
            let outcome = try run(words, answering: words == ["status"] ? report.json : Self.history)
            #expect(outcome.code == 0)
            #expect(!outcome.output.contains("\u{1b}"))
        }
    }
}
