import Agent
import Control
import Foundation
import Linux
import Testing

@testable import vip_switch

private let names = "expected names that are not empty, with neither blanks nor line ends"

@Suite struct `The program` {
    let folder = TemporaryFolder()

    private var configuration: String {
        """
        node: {id: node1, raft_addr: 127.0.0.1:7946, data_dir: \(folder.path)/state}
        cluster:
          nodes: [{id: node1, addr: 127.0.0.1:7946}]
          single: true
          insecure: true
        vips: [{address: 192.0.2.1, interface: lo}]
        control: {socket: \(folder.path)/control.sock}

        """
    }

    @Test(arguments: Program.commands.map(\.name)) func `explains each command`(name: String) throws {
        let words = name.split(separator: " ").map(String.init) + ["--help"]
        let outcome = try Running(words).wait()
        #expect(outcome.code == 0)
        #expect(outcome.output.hasPrefix("Usage: vip-switch"))
        #expect(outcome.error == "")
    }

    @Test func `says how it ends`() throws {
        let help = try run("--help").output
        for code in ExitCode.allCases { #expect(help.contains("  \(code.rawValue)  \(code.help)\n")) }
        for command in Program.commands { #expect(help.contains(command.summary)) }
    }

    @Test(arguments: [
        ([], "vip-switch: nothing to do; expected --config FILE or a command\n"),
        (["chek"], #"vip-switch: unknown command "chek"; did you mean check?"# + "\n"),
        (["check", "--confg", "x"], #"vip-switch: unknown option "--confg"; did you mean --config?"# + "\n"),
        (["--log-level", "info"], "vip-switch: --config is missing: --config FILE\n"),
        (
            ["members", "recovr"],
            #"vip-switch: members does not know "recovr"; expected add, priority, promote, recover, remove"# + "\n"
        ),
        (["members", "add", "n4"], "vip-switch: ADDRESS is missing: its raft_addr: 192.0.2.14:7946\n"),
        (["members", "remove"], "vip-switch: ID is missing: the node's name\n"),
        (["bootstrap", "-c", "x"], "vip-switch: --only is missing: --only NAMES\n"),
        (["version", "x"], #"vip-switch: "x" is not expected here; expected an option"# + "\n"),
    ]) func `ends with 2 and its usage when it does not understand`(words: [String], first: String) throws {
        let outcome = try Running(words).wait()
        #expect(outcome.code == 2)
        #expect(outcome.output == "")
        #expect(outcome.error.hasPrefix(first))
        #expect(outcome.error.contains("Usage: vip-switch"))
    }

    @Test(arguments: [
        (
            ["members", "add", "n4", "192.0.2.14"],
            #""192.0.2.14" is no address; expected ADDRESS:PORT, such as 192.0.2.14:7946"#
        ),
        (
            ["members", "add", "n4", "192.0.2.14:1", "--learner", "--witness"],
            "a learner has no vote, and a witness nothing else: expected --learner or --witness"
        ),
        (["drain", ""], #""drain " is no order; "# + names),
        (["drain", "n2 n3"], #""drain n2 n3" is no order; "# + names),
        // The agent would hear `drain n2`.
        (["drain", "n2\nreload"], #""drain n2\u{a}reload" is no order; "# + names),
        (["transfer", "--to", "n2\r\n"], #""transfer n2\u{d}\u{a}" is no order; "# + names),
        (["members", "priority", "n4", "high"], #""high" is no priority; expected 0 to 65535, or configured"#),
        (["members", "priority", "n4", "65536"], #""65536" is no priority; expected 0 to 65535, or configured"#),
    ]) func `ends with 2 where an order makes no sense`(words: [String], error: String) throws {
        let outcome = try Running(words).wait()
        #expect(outcome.code == 2)
        #expect(outcome.error == "vip-switch: \(error)\n")
    }

    @Test func `checks a configuration that is right`() throws {
        let path = try folder.file("c.yaml", configuration)
        let outcome = try run("check", "--config", path)
        #expect(outcome.code == 0)
        #expect(
            outcome.output == """
                \(path):5:13: warning: anyone who reaches the raft addresses can take the VIPs; expected a secret_file
                lease: promise 250ms x 0.996 less 10ms to take the VIPs off gives 239ms, renewed every 50ms
                \(path): ok

                """
        )
    }

    @Test func `checks a configuration that is wrong`() throws {
        let path = try folder.file("c.yaml", configuration + "loging: {}\n")
        let outcome = try run("check", "--log-level", "loud", "-c", path, environment: ["VIP_SWITCH_DATA_DIR": "x"])
        #expect(outcome.code == 2)
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.count == 4)
        #expect(lines[1].hasPrefix("\(path):8:1: unknown key \"loging\"; expected "))
        #expect(
            lines[2]
                == "VIP_SWITCH_DATA_DIR: node.data_dir is \"x\"; expected an absolute path like /var/lib/vip-switch"
        )
        #expect(lines[3] == "--log-level: logging.level is \"loud\"; expected debug, info, notice, warn or error")
    }

    /// Whether this machine has one or not.
    @Test func `looks where the package has its configuration when none is named`() throws {
        #expect(try run("check", "--offline").output.contains("/etc/vip-switch/config.yaml:"))
    }

    @Test func `names a configuration that it cannot read`() throws {
        let outcome = try run("check", "-c", folder.file("none.yaml"))
        #expect(outcome.code == 2)
        #expect(
            outcome.output == "\(folder.path)/none.yaml: cannot read it: No such file or directory; "
                + "expected a configuration; see the examples\n"
        )
    }

    @Test func `makes a secret that nobody else may read`() throws {
        let path = folder.file("key")
        #expect(try run("keygen", "--output", path).code == 0)
        #expect(try FileStatus(of: path).permissions == 0o600)
        let key = try String(contentsOfFile: path, encoding: .utf8)
        #expect(key.wholeMatch(of: /[0-9a-f]{64}\n/) != nil)
        let printed = try run("keygen").output
        #expect(printed.wholeMatch(of: /[0-9a-f]{64}\n/) != nil)
        #expect(printed != key)
    }

    @Test func `never writes over a secret`() throws {
        let path = try folder.file("key", "old")
        let outcome = try run("keygen", "-o", path)
        #expect(outcome.code == 1)
        #expect(
            outcome.error
                == "vip-switch: \(path) exists and is left as it is; choose another name, or move it away first\n"
        )
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "old")
    }

    @Test func `does not take half an answer for a whole one`() throws {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        let program = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "vip-switch")
            .path
        process.arguments = ["-c", "'\(program)' keygen > /dev/full 2> /dev/null"]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 1)
    }

    @Test func `tells its version`() throws {
        #expect(
            try run("version").output
                == "vip-switch \(programVersion)\ndatagrams 1; state: reads 1, writes 1\n"
        )
        #expect(
            try run("version", environment: ["VIP_SWITCH_TEST_VERSIONS_AHEAD": "2"]).output
                == "vip-switch \(programVersion)\ndatagrams 2 to 3; state: reads 1 to 3, writes 2\n"
        )
        #expect(try run("--version").output == run("version").output)
    }

    @Test func `says what to do where no agent can be asked`() throws {
        let path = try folder.file("c.yaml", configuration)
        let outcome = try run("status", "--config", path)
        #expect(outcome.code == 1)
        #expect(
            outcome.error == "vip-switch: no agent to ask at \(folder.path)/status.sock; "
                + "start it, or name its socket with --socket or its file with --config\n"
        )
    }

    @Test(arguments: [(nil, Int32(3)), ("node1", Int32(0))])
    func `shows the status, and ends by whether there is a leader`(leader: String?, code: Int32) throws {
        var report = StatusReport(version: "0.1.0", node: "node1", role: "follower", term: 1)
        report.leader = leader
        let loop = try EventLoop()
        let answer = report
        let server = try ControlServer.questions(at: folder.file("status.sock"), on: loop) { line, reply in
            // As an agent of the previous version, and as one of this.
            let isKnown = line == StatusReport.request || leader != nil && line == StatusReport.requestOfAll
            reply.send(isKnown ? answer.json : #"{"error":"unknown request; expected status"}"#)
        }
        let path = try folder.file("c.yaml", configuration)
        let text = try Running(["status", "--config", path])
        let json = try Running(["status", "--json", "--socket", folder.file("status.sock")])
        while text.isRunning || json.isRunning {
            loop.schedule(after: .milliseconds(5)) { [weak loop] in loop?.stop() }
            try loop.run()
        }
        let outcomes = [text.wait(), json.wait()]
        #expect(outcomes.map(\.code) == [code, code])
        let shown = ClusterReport(report, others: [])
        #expect(outcomes[0].output == shown.text(isColoured: false))
        #expect(outcomes[1].output == shown.json + "\n")
        _ = server
    }

    @Test(arguments: [
        (ControlAnswer.done(["announcing web"]), Int32(0), "announcing web\n", ""),
        (.refused("held by node2"), 1, "", "vip-switch: held by node2\n"),
        (.noLeader("no leader is known"), 3, "", "vip-switch: no leader is known\n"),
    ]) func `has the agent announce`(answer: ControlAnswer, code: Int32, output: String, error: String) throws {
        let loop = try EventLoop()
        var asked: [ControlRequest] = []
        let server = try ControlServer.commands(at: folder.file("control.sock"), on: loop) {
            request,
            _,
            completion in
            asked.append(request)
            completion(answer)
        }
        let path = try folder.file("c.yaml", configuration)
        for words in [["announce", "web", "--config", path], ["announce", "--socket", folder.file("control.sock")]] {
            let running = try Running(words)
            while running.isRunning {
                loop.schedule(after: .milliseconds(5)) { [weak loop] in loop?.stop() }
                try loop.run()
            }
            let outcome = running.wait()
            #expect(outcome.code == code)
            #expect(outcome.output == output)
            #expect(outcome.error == error)
        }
        #expect(asked == [.announce(group: "web"), .announce(group: nil)])
        _ = server
    }

    @Test(.enabled(if: User.effective.isRoot, "needs root"))
    func `gives up its network privileges before it does anything`() throws {
        // Nobody accepts: the command waits for an answer, and can be looked at.
        let listener = try UnixListener(at: folder.file("status.sock"), mode: 0o600)
        let running = try Running(["status", "--socket", folder.file("status.sock")])
        var effective: UInt64 = .max
        for _ in 0..<100 where effective & (1 << 12 | 1 << 13) != 0 && running.isRunning {
            Thread.sleep(forTimeInterval: 0.02)
            let status = try String(contentsOfFile: "/proc/\(running.pid)/status", encoding: .utf8)
            let line = status.split(separator: "\n").first { $0.hasPrefix("CapPrm:") }
            effective = line.flatMap { UInt64($0.dropFirst(7).filter { $0 != "\t" }, radix: 16) } ?? .max
        }
        #expect(effective & (1 << 12 | 1 << 13) == 0)
        let outcome = running.wait()
        #expect(outcome.code == 1)
        #expect(outcome.error.hasSuffix("does not answer; is it stopped or overloaded?\n"))
        _ = listener
    }
}
