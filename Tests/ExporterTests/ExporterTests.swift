import Control
import Foundation
import Testing

@testable import vip_switch_exporter

@Suite struct `An exporter` {
    @Test func `tells the holder from the others`() throws {
        let stage = try Stage()
        try stage.agent(says: report())
        for path in ["/healthz", "/leader", "/holder", "/holder?group=web"] {
            #expect(try stage.get(path).status == 200)
        }
        stage.wait()
        try stage.agent(says: report(leader: "n2"))
        #expect(try stage.get("/healthz").status == 200)
        for path in ["/leader", "/holder", "/holder?group=web"] { #expect(try stage.get(path).status == 503) }
        #expect(try stage.get("/holder?group=x").status == 404)
        #expect(try stage.get("/holder?x=web").status == 400)
    }

    @Test(arguments: ["/healthz", "/leader", "/holder?group=web", "/holder?group=x", "/holder?x=1", "/"])
    func `answers HEAD and OPTIONS with the status of GET and no body`(path: String) throws {
        let stage = try Stage()
        try stage.agent(says: report())
        let full = try stage.get(path)
        let head = try stage.get(path, method: "HEAD")
        let options = try stage.get(path, method: "OPTIONS")
        #expect(head.status == full.status && options.status == full.status)
        #expect(full.body != "" && head.body == "" && options.body == "")
        #expect(path == "/" || head.headers["Content-Length"] == full.headers["Content-Length"])
        #expect(options.headers["Content-Length"] == "0")
        #expect(options.headers["Allow"] == "GET, HEAD, OPTIONS")
    }

    @Test(arguments: ["POST", "PUT", "DELETE", "TRACE", "get", "X"])
    func `changes nothing, whatever somebody sends`(method: String) throws {
        let stage = try Stage()
        try stage.agent(says: report())
        #expect(try stage.get("/leader", method: method).status == 405)
        #expect(stage.asked == [])
    }

    @Test func `knows its paths`() throws {
        let stage = try Stage()
        let reply = try stage.get("/x")
        #expect(reply.status == 404)
        #expect(
            reply.body == #"{"error":"no such path","paths":["/","/metrics","/healthz","/leader","/holder","#
                + #""/status.json","/history.json"]}"# + "\n"
        )
    }

    @Test func `asks once for all who come together`() throws {
        let stage = try Stage()
        try stage.agent(says: report())
        let clients = try (0..<50).map { _ in try Client(port: stage.port) }
        for client in clients { client.send("GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") }
        stage.pump(for: .seconds(10)) { clients.allSatisfy(\.hasEnded) }
        #expect(clients.allSatisfy { $0.received.contains("\nvip_switch_up 1\n") })
        // A slow machine may need more than a quarter of a second for all of them.
        #expect(stage.asked.count < 10)
    }

    @Test func `says so where there is no agent`() throws {
        let stage = try Stage()
        #expect(try stage.get("/healthz").status == 503)
        #expect(try stage.get("/leader").status == 503)
        #expect(try stage.get("/holder?group=web").status == 503)
        let metrics = try stage.get("/metrics")
        #expect(metrics.status == 200)
        #expect(metrics.body.contains("\nvip_switch_up 0\n"))
        #expect(metrics.body.contains(#"vip_switch_exporter_status_errors_total{reason="absent"} "#))
        #expect(metrics.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
    }

    @Test(arguments: ["", "x", "{}", "[1]", #"{"version":1}"#, #"{"error":"unknown request; expected status"}"#])
    func `does not take garbage for an agent`(answer: String) throws {
        let stage = try Stage()
        try stage.agent { _ in answer }
        #expect(try stage.get("/healthz").status == 503)
        #expect(try stage.get("/metrics").body.contains(#"errors_total{reason="garbage"} 1"#))
    }

    @Test func `shows the last state of an agent that is gone, and its age`() throws {
        let stage = try Stage()
        try stage.agent(says: report())
        _ = try stage.get("/status.json")
        stage.agentGoes()
        var document = JSONValue.null
        // Until the last answer is no longer good.
        for _ in 0..<50 where document["exporter"]?["answers"]?.boolean != false {
            stage.wait()
            document = try #require(JSONValue(parsing: try stage.get("/status.json").body))
        }
        #expect(document["exporter"]?["answers"]?.boolean == false)
        #expect(document["exporter"]?["reason"]?.string == "absent")
        #expect(document["exporter"]?["problem"]?.string?.hasPrefix("no agent to ask at") == true)
        #expect(document["age_ms"]?.number.map { $0 >= 300 } == true)
        #expect(document["status"]?["node"]?.string == "n1")
        #expect(try stage.get("/leader").status == 503)
    }

    @Test func `shows all nodes, those that answer and those that do not`() throws {
        let stage = try Stage()
        try stage.agent { line in
            #expect(line == "status all")
            return report().json + "\n" + report(node: "n2").json + "\n"
                + #"{"node":"n3","error":"n3 does not answer"}"#
        }
        let document = try #require(JSONValue(parsing: try stage.get("/status.json").body))
        let nodes = document["status"]?["nodes"]?.array ?? []
        #expect(nodes.compactMap { $0["id"]?.string } == ["n1", "n2", "n3", "n4"])
        #expect(nodes.compactMap { $0["answered"]?.boolean } == [true, true, false, false])
        #expect(nodes[2]["error"]?.string == "n3 does not answer")
    }

    @Test func `shows what an agent knows that cannot ask the others`() throws {
        let stage = try Stage()
        try stage.agent { line in line == "status" ? report().json : #"{"error":"unknown request; expected status"}"# }
        let document = try #require(JSONValue(parsing: try stage.get("/status.json").body))
        #expect(document["exporter"]?["answers"]?.boolean == true)
        #expect(document["status"]?["node"]?.string == "n1")
        #expect(document["status"]?["peers"]?.array?.count == 3)
    }

    @Test func `tells the history of an agent that has one`() throws {
        let stage = try Stage()
        try stage.agent { line in
            #expect(line == "history all")
            return
                #"{"node":"n1","entries":[{"time":"2026-03-01T12:00:00.000Z","node":"n1","term":7,"event":"x","message":"m"}]}"#
        }
        let document = try #require(JSONValue(parsing: try stage.get("/history.json").body))
        #expect(document["history"]?["entries"]?.array?.first?["event"]?.string == "x")
    }

    @Test func `goes without the history of an agent that has none`() throws {
        let stage = try Stage()
        try stage.agent { line in line == "status" ? report().json : #"{"error":"unknown request; expected status"}"# }
        let reply = try stage.get("/history.json")
        #expect(reply.status == 200)
        #expect(JSONValue(parsing: reply.body)?["exporter"]?["reason"]?.string == "garbage")
        #expect(reply.body.hasSuffix("\"history\":null}\n"))
        #expect(try stage.get("/healthz").status == 200)
    }
}
