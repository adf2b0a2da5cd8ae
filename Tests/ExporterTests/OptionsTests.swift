import Configuration
import Net
import Testing

@testable import vip_switch_exporter

@Suite struct `The exporter's command line` {
    private func read(_ words: String...) throws(Options.Question) -> Options {
        try Options(words) { path throws(Options.Question) in
            let text = """
                node: {id: n1, raft_addr: 127.0.0.1:7946, data_dir: /d}
                cluster: {nodes: [{id: n1, addr: 127.0.0.1:7946}], single: true, insecure: true}
                control: {status_socket: /run/x/status.sock}
                exporter: {listen: "[::1]:9000"}

                """
            let file = TextFile(path: path, bytes: Array(text.utf8))
            guard let found = Configuration.read(ConfigurationInput(file: file)).configuration else { throw .help }
            return found
        }
    }

    @Test func `needs no word`() throws {
        let options = try read()
        #expect(options.listen == Endpoint("127.0.0.1:9746"))
        #expect(options.socket == "/run/vip-switch/status.sock")
    }

    @Test func `takes what the agent's file says, and what stands above it`() throws {
        let options = try read("--config", "c.yaml")
        #expect(options.listen == Endpoint("[::1]:9000"))
        #expect(options.socket == "/run/x/status.sock")
        let other = try read("-c", "c.yaml", "--listen=0.0.0.0:80", "-s", "/s")
        #expect(other.listen == Endpoint("0.0.0.0:80"))
        #expect(other.socket == "/s")
    }

    @Test(arguments: [
        (
            ["--listen", "localhost:9746"],
            #"--listen is "localhost:9746"; expected a literal address and its port like 127.0.0.1:9746"#
        ),
        (["--listen", "::1"], #"--listen is "::1"; expected a literal address and its port like 127.0.0.1:9746"#),
        (["--listen"], "--listen needs a value"), (["--socket="], "--socket needs a value"),
        (["-s", "/a", "--socket", "/b"], "--socket is given twice"),
        (["--lisen", "x"], #"unknown option "--lisen"; did you mean --listen?"#),
        (["serve"], #""serve" is not expected here; expected an option"#),
    ]) func `says what it does not understand`(words: [String], text: String) {
        #expect(throws: Options.Question.misuse(text)) {
            try Options(words) { _ throws(Options.Question) in throw .help }
        }
    }

    @Test func `answers questions`() {
        #expect(throws: Options.Question.help) { try read("--socket", "/s", "-h") }
        #expect(throws: Options.Question.version) { try read("--version") }
    }
}
