import Foundation
import Linux
import Testing

@testable import Control

@Suite struct `A request on the control socket` {
    @Test(arguments: [
        (ControlRequest.announce(group: nil), "announce"), (.announce(group: "web"), "announce web"),
        (.announce(group: "web@eth0 two"), "announce web@eth0 two"), (.transfer(to: nil), "transfer"),
        (.transfer(to: "n2"), "transfer n2"), (.drain(nil), "drain"), (.undrain("n3"), "undrain n3"),
        (.member(.add("n4", address: "[2001:db8::4]:1", .witness)), "member add n4 [2001:db8::4]:1 witness"),
        (.member(.remove("n4")), "member remove n4"), (.member(.promote("n4")), "member promote n4"),
        (.member(.priority("n4", 200)), "member priority n4 200"),
        (.member(.priority("n4", nil)), "member priority n4 configured"),
    ]) func `is one line`(request: ControlRequest, line: String) {
        #expect(request.line == line)
        #expect(ControlRequest(line: line) == request)
    }

    @Test(arguments: [
        "", " ", "status", "Announce", "announced", "transfer a b", "drain a b", "member", "member add n4 1 voter x",
        "member add n4 1 boss", "member remove", "member priority n4 -1", "member priority n4 65536",
        "member frobnicate n4", "drain n2\nreload", "transfer n2\r", "announce \u{1b}[2J",
        "drain " + String(repeating: "x", count: 1020),
    ]) func `is refused when it is none`(line: String) {
        #expect(ControlRequest(line: line) == nil)
    }
}

@Suite struct `An answer on the control socket` {
    @Test(arguments: [
        (ControlAnswer.done(["one", "two"]), #"{"done":["one","two"]}"#), (.done([]), #"{"done":[]}"#),
        (.refused("no \"x\""), #"{"error":"no \"x\""}"#),
        (.noLeader("none"), #"{"error":"none","code":"no_leader"}"#),
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
                #"{"done":["did it"]}"#, #"{"error":"unknown request; expected \#(ControlRequest.known)"}"#,
            ]
        )
        #expect(performed == [.announce(group: "web")])
        #expect(peers == [UnixPeer(pid: getpid(), user: geteuid(), group: getegid())])
        withExtendedLifetime(server) {}
    }
}
