import Control
import Foundation
import HTTP
import Linux
import Net
import Testing
import Time

@testable import vip_switch_exporter

@Suite struct `A hostile HTTP client` {
    @Test(arguments: [
        ("GET /\(String(repeating: "a", count: 20_000)) HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        ("GET / HTTP/1.1\r\nX: \(String(repeating: "a", count: 20_000))\r\n\r\n", 431),
        ("GET /..%2f HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 404),
        ("GET /healthz%00x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 0),
        ("GET /holder?group=%ff%fe&& HTTP/1.0\r\n\r\n", 400),
        ("GET /holder?group=%22%0a%3cb%3e HTTP/1.0\r\n\r\n", 404),
        ("GET http://x/healthz HTTP/1.0\r\n\r\n", 404),
        ("\r\n\r\nGET\r\n\r\n", 0),
        ("\u{0}\u{1}\u{2}\r\n\r\n", 0),
    ]) func `gets an answer or is hung up on`(request: String, status: Int) throws {
        let stage = try Stage()
        try stage.agent(says: report())
        let client = try Client(port: stage.port)
        client.send(request)
        stage.pump(for: .seconds(2)) { client.hasEnded }
        #expect(status == 0 || Reply(client.received).status == status)
        #expect(try stage.get("/healthz").status == 200)
    }

    @Test func `cannot break a line of an answer`() throws {
        let stage = try Stage()
        try stage.agent(says: report())
        let reply = try stage.get("/holder?group=%22%0d%0aX-Evil:%201")
        #expect(reply.status == 404)
        #expect(reply.headers["X-Evil"] == nil)
        #expect(JSONValue(parsing: reply.body) != nil)
    }

    @Test func `that says nothing makes room for others`() throws {
        let stage = try Stage()
        try stage.agent(says: report())
        // More than there is room for, and more than may wait at the door.
        let idlers = try (0..<400).map { index in
            stage.pump(for: .milliseconds(index % 50 == 49 ? 20 : 0)) { false }
            return try Client(port: stage.port)
        }
        #expect(try stage.get("/healthz").status == 200)
        let metrics = try stage.get("/metrics").body
        let evictions = metrics.firstMatch(of: /vip_switch_exporter_http_evictions_total (\d+)/).flatMap { Int($0.1) }
        #expect(evictions.map { $0 >= 400 - 256 } == true)
        withExtendedLifetime(idlers) {}
    }

    @Test func `that keeps its connection is served on it`() throws {
        let stage = try Stage()
        try stage.agent(says: report())
        let client = try Client(port: stage.port)
        for count in 1...5 {
            client.send("GET /leader HTTP/1.1\r\nHost: x\r\n\r\n")
            stage.pump(for: .seconds(10)) {
                _ = client.hasEnded
                return client.received.ranges(of: "\"leader\":\"n1\"}").count == count
            }
        }
        #expect(client.received.ranges(of: "HTTP/1.1 200").count == 5)
        #expect(!client.hasEnded)
    }

    @Test func `that asks and goes leaves nothing behind`() throws {
        let stage = try Stage()
        try stage.agent(says: report())
        for _ in 0..<50 { try Client(port: stage.port).send("GET /leader HTTP/1.1\r\nHost: x\r\n\r\n") }
        stage.wait()
        #expect(try stage.get("/metrics").body.contains("\nvip_switch_exporter_http_clients 1\n"))
    }

    @Test func `that is slow is hung up on when patience is over`() throws {
        let loop = try EventLoop()
        let listener = try TCPListener(at: Endpoint(address: .v4(0x7f00_0001), port: 0))
        let port = try listener.localEndpoint().port
        var limits = HTTPServer.Limits()
        limits.patience = .milliseconds(100)
        let server = try HTTPServer(listener, on: loop, limits: limits) { exchange in
            exchange.respond(with: HTTPResponse(status: 200, headers: [], body: []))
        }
        let client = try Client(port: port)
        client.send("GET / HT")
        let end = Clock.now() + .seconds(10)
        while !client.hasEnded, !Deadline.timer(end).hasPassed(at: Clock.now()) {
            loop.schedule(after: .milliseconds(20)) { client.send("T") }
            try loop.runOnce()
        }
        #expect(client.hasEnded)
        #expect(server.evicted == 1)
        server.stop(within: .zero) {}
    }
}
