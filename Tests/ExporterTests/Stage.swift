import Control
import Foundation
import Glibc
import HTTP
import Linux
import Net
import Time

@testable import vip_switch_exporter

/// An exporter, the agent that it asks, and clients, all in one loop.
final class Stage {
    let loop: EventLoop
    let port: UInt16
    let exporter: Exporter
    private let folder = TemporaryFolder()
    private var agent: ControlServer?
    /// What the agent was asked.
    private(set) var asked: [String] = []

    init() throws {
        loop = try EventLoop()
        let listener = try TCPListener(at: Endpoint(address: .v4(0x7f00_0001), port: 0))
        port = try listener.localEndpoint().port
        exporter = try Exporter(listener, asking: folder.file("status.sock"), on: loop)
    }

    deinit { exporter.stop {} }

    /// From now on somebody answers so to each line.
    func agent(answers: @escaping (String) -> String) throws {
        agent = nil
        agent = try ControlServer(at: folder.file("status.sock"), mode: 0o600, on: loop) { [unowned self] line in
            asked.append(line)
            return answers(line)
        }
    }

    func agent(says report: StatusReport) throws { try agent { _ in report.json } }

    func agentGoes() { agent = nil }

    /// Past what is good for a quarter of a second.
    func wait() { pump(for: .milliseconds(300)) { false } }

    func pump(for bound: Duration, until isDone: () -> Bool) {
        let end = Clock.now() + bound
        while !isDone(), !Deadline.timer(end).hasPassed(at: Clock.now()) {
            loop.schedule(after: .milliseconds(5)) {}
            try? loop.runOnce()
        }
    }

    func get(_ path: String, method: String = "GET") throws -> Reply {
        let client = try Client(port: port)
        client.send("\(method) \(path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        pump(for: .seconds(10)) { client.hasEnded }
        return Reply(client.received)
    }
}

/// A blocking world's client in a loop's world: looks now and then whether something came.
final class Client {
    private let socket: Int32
    private(set) var received = ""
    private var isOver = false

    init(port: UInt16) throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe connect(socket, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw CocoaError(.fileReadUnknown) }
    }

    deinit { close(socket) }

    func send(_ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe Glibc.send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// Whether the other end has closed; takes in what came.
    var hasEnded: Bool {
        var buffer = [UInt8](repeating: 0, count: 65536)
        while !isOver {
            let count = unsafe recv(socket, &buffer, 65536, Int32(MSG_DONTWAIT))
            if count > 0 {
                received += String(decoding: buffer[..<count], as: UTF8.self)
            } else if count == 0 || errno != EAGAIN {
                isOver = true
            } else {
                break
            }
        }
        return isOver
    }
}

struct Reply {
    var status: Int
    var headers: [String: String] = [:]
    var body: String

    init(_ text: String) {
        let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        let lines = (parts.first ?? "").split(separator: "\r\n")
        status = lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        for line in lines.dropFirst() {
            let pair = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            headers[pair[0]] = pair.count == 2 ? pair[1] : ""
        }
        body = parts.count == 2 ? String(parts[1]) : ""
    }
}

/// A folder that goes with the test.
final class TemporaryFolder {
    let path: String

    init() {
        path = FileManager.default.temporaryDirectory.appending(path: "exporter-\(UUID().uuidString)").path
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { "\(path)/\(name)" }
}

let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

/// The files of the repository that are no Swift.
func repositoryFile(_ path: String) throws -> String {
    try String(contentsOf: repository.appending(path: path), encoding: .utf8)
}
