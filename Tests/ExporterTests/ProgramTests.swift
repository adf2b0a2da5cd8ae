import Control
import Foundation
import Linux
import Net
import Testing

@Suite struct `The exporter's program` {
    let folder = TemporaryFolder()

    @Test func `explains itself`() throws {
        let help = try Running(["--help"]).wait()
        #expect(help.code == 0)
        #expect(help.output.hasPrefix("Usage: vip-switch-exporter"))
        let version = try Running(["--version"]).wait()
        #expect(version.output == "vip-switch-exporter \(programVersion)\n")
    }

    @Test(arguments: [
        (["--lisen", "x"], #"vip-switch-exporter: unknown option "--lisen"; did you mean --listen?"#),
        (["-c", "/nowhere"], "vip-switch-exporter: /nowhere: cannot read it: No such file or directory"),
    ]) func `ends with 2 when it does not understand`(words: [String], first: String) throws {
        let outcome = try Running(words).wait()
        #expect(outcome.code == 2)
        #expect(outcome.output == "")
        #expect(outcome.error.hasPrefix(first))
    }

    @Test func `says who is in the way`() throws {
        let listener = try TCPListener(at: Endpoint(address: .v4(0x7f00_0001), port: 0))
        let port = try listener.localEndpoint().port
        let outcome = try Running(["--listen", "127.0.0.1:\(port)"]).wait()
        #expect(outcome.code == 1)
        #expect(
            outcome.error == "vip-switch-exporter: cannot listen on 127.0.0.1:\(port): another program has the port; "
                + "stop it, or name another with --listen\n"
        )
        _ = FileDescriptor(owning: listener.release())
    }

    @Test func `gives up all privileges, and ends in good order`() throws {
        // Known to nobody else; whoever takes it in between makes the test fail once in a blue moon.
        let port = try freePort()
        let running = try Running(["--listen", "127.0.0.1:\(port)", "--socket", folder.file("status.sock")])
        var client: Client?
        for _ in 0..<1000 where client == nil {
            client = try? Client(port: port)
            Thread.sleep(forTimeInterval: 0.01)
        }
        client?.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        for _ in 0..<1000 where client?.received == "" {
            _ = client?.hasEnded
            Thread.sleep(forTimeInterval: 0.01)
        }
        #expect(client?.received.hasPrefix("HTTP/1.1 503 ") == true)
        let status = try String(contentsOfFile: "/proc/\(running.pid)/status", encoding: .utf8)
        for set in ["CapInh", "CapPrm", "CapEff", "CapAmb"] { #expect(status.contains("\(set):\t0000000000000000\n")) }
        #expect(status.contains("NoNewPrivs:\t1\n"))
        #expect(status.contains("Threads:\t1\n"))
        running.terminate()
        let outcome = running.wait()
        #expect(outcome.code == 0)
        #expect(outcome.error.hasPrefix("vip-switch-exporter: listening on http://127.0.0.1:\(port)/"))
    }

    private func freePort() throws -> UInt16 {
        try TCPListener(at: Endpoint(address: .v4(0x7f00_0001), port: 0)).localEndpoint().port
    }
}

/// A run of the program that the tests were built with.
final class Running {
    private let process = Process()
    private let output = Pipe()
    private let error = Pipe()

    init(_ words: [String]) throws {
        let tests = URL(filePath: CommandLine.arguments[0])
        process.executableURL = tests.deletingLastPathComponent().appending(path: "vip-switch-exporter")
        process.arguments = words
        process.environment = [:]
        process.standardOutput = output
        process.standardError = error
        try process.run()
    }

    var pid: Int32 { process.processIdentifier }

    func terminate() { process.terminate() }

    func wait() -> (code: Int32, output: String, error: String) {
        let texts = [output, error].map {
            String(decoding: $0.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        }
        process.waitUntilExit()
        return (process.terminationStatus, texts[0], texts[1])
    }
}
