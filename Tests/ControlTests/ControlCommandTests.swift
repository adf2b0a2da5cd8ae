import Foundation
import Linux
import Testing

@testable import Control

@Suite struct `A request on the control socket` {
    @Test(arguments: [
        (ControlRequest.announce(group: nil), "announce"), (.announce(group: "web"), "announce web"),
        (.announce(group: "web@eth0 two"), "announce web@eth0 two"),
    ]) func `is one line`(request: ControlRequest, line: String) {
        #expect(request.line == line)
        #expect(ControlRequest(line: line) == request)
    }

    @Test(arguments: ["", " ", "status", "Announce", "announced"]) func `is refused when it is none`(line: String) {
        #expect(ControlRequest(line: line) == nil)
    }
}

@Suite struct `An answer on the control socket` {
    @Test(arguments: [
        (ControlAnswer.done(["one", "two"]), #"{"done":["one","two"]}"#), (.done([]), #"{"done":[]}"#),
        (.refused("no \"x\""), #"{"error":"no \"x\""}"#),
    ]) func `is one document`(answer: ControlAnswer, json: String) {
        #expect(answer.json == json)
        #expect(ControlAnswer(json: json) == answer)
    }

    @Test func `is nothing else`() {
        for json in ["", "{}", "[]", #"{"done":"yes"}"#] { #expect(ControlAnswer(json: json) == nil) }
    }

    @Test func `does not drive a terminal`() {
        #expect(ControlAnswer(json: #"{"error":"\u001b[2J"}"#) == .refused("?[2J"))
    }
}

@Suite struct `A control socket` {
    let folder = TemporaryFolder()

    @Test func `performs commands for root and the group, and tells who asks`() throws {
        let loop = try EventLoop()
        let path = folder.file("control.sock")
        var performed: [ControlRequest] = []
        var peers: [UnixPeer?] = []
        let server = try ControlServer.commands(at: path, on: loop) { request, peer, completion in
            performed.append(request)
            peers.append(peer)
            completion(.done(["did it"]))
        }
        #expect(try FileStatus(of: path).permissions == 0o660)
        let answers = try whileRunning(loop) {
            ["announce web", "stop everything"].map { (try? ControlClient.ask($0, at: path)) ?? "nothing" }
        }
        #expect(
            answers == [
                #"{"done":["did it"]}"#, #"{"error":"unknown request; expected announce [GROUP]"}"#,
            ]
        )
        #expect(performed == [.announce(group: "web")])
        #expect(peers == [UnixPeer(pid: getpid(), user: geteuid(), group: getegid())])
        withExtendedLifetime(server) {}
    }
}
