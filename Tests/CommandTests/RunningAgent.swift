import Foundation
import Linux
import Net
import Testing

/// An agent of one node without VIPs, which so needs no privilege, and a service manager that listens.
final class RunningAgent {
    let folder = TemporaryFolder()
    private let manager: Int32
    private let agent: Running
    private(set) var heard: [String] = []

    var path: String { folder.file("c.yaml") }
    var pid: Int32 { agent.pid }

    /// - Parameter more: Of the configuration; `HOOK` stands for a program that writes its environment down.
    init(_ more: String = "", environment: [String: String] = [:], isAbstract: Bool = false) throws {
        let name = isAbstract ? "@vip-switch-test-\(UUID().uuidString)" : folder.file("notify")
        manager = try listeningSocket(name)
        let hook = try folder.file("hook", "#!/bin/sh\nenv >\(folder.path)/environment-of-$EVENT_TYPE\n")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: hook)
        try Self.text(folder, more.replacing("HOOK", with: hook)).write(
            toFile: folder.file("c.yaml"),
            atomically: true,
            encoding: .utf8
        )
        var all = environment
        all["NOTIFY_SOCKET"] = name
        agent = try Running(["--config", folder.file("c.yaml")], environment: all)
    }

    deinit {
        kill(agent.pid, SIGKILL)
        close(manager)
    }

    private static func text(_ folder: TemporaryFolder, _ more: String) throws -> String {
        let port = try UDPSocket(boundTo: Endpoint(address: .v4(0x7f00_0001), port: 0)).localEndpoint().port
        return """
            node: {id: n1, raft_addr: "127.0.0.1:\(port)", data_dir: \(folder.file("data"))}
            cluster: {insecure: true, single: true, nodes: [{id: n1, addr: "127.0.0.1:\(port)"}]}
            control: {socket: \(folder.file("control.sock")), status_socket: \(folder.file("status.sock"))}
            \(more)

            """
    }

    /// What the environment of each process of the agent was when it was started, by name.
    func environments() throws -> [String: String] {
        var found: [String: String] = [:]
        for entry in ProcessTable.all where entry.pid == pid || Self.parent(of: entry.pid) == pid {
            found["\(entry.name ?? "") \(entry.pid)"] = entry.environment.joined(separator: "\n")
        }
        return found
    }

    /// The fourth field of `/proc/PID/stat`; the second may have blanks in its parentheses.
    private static func parent(of pid: Int32) -> Int32? {
        let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
        return text?.split(separator: ")").last?.split(separator: " ").dropFirst().first.flatMap { Int32($0) }
    }

    /// Changes the configuration in one step.
    func edit(_ old: String, _ new: String) throws {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        try #require(text.contains(old))
        try text.replacing(old, with: new).write(toFile: path, atomically: true, encoding: .utf8)
    }

    func send(_ signal: Int32) { kill(agent.pid, signal) }
    func wait() -> Outcome { agent.wait() }

    /// What was said until a message fits; everything that has come is in `heard`.
    func hear(_ sourceLocation: SourceLocation = #_sourceLocation, _ isWanted: (String) -> Bool) throws {
        for _ in 0..<300 {
            while let message = receive() {
                heard.append(message)
                if isWanted(message) { return }
            }
            usleep(100_000)
        }
        Issue.record("not heard; but \(heard)", sourceLocation: sourceLocation)
    }

    private func receive() -> String? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = unsafe recv(manager, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        return count < 0 ? nil : String(decoding: buffer.prefix(count), as: UTF8.self)
    }
}

/// A datagram socket with that name, as a service manager has one.
private func listeningSocket(_ name: String) throws -> Int32 {
    let number = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    try #require(number >= 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let isAbstract = name.hasPrefix("@")
    let bytes = isAbstract ? [0] + Array(name.utf8.dropFirst()) : Array(name.utf8)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
    let length = MemoryLayout<sa_family_t>.size + bytes.count + (isAbstract ? 0 : 1)
    let result = unsafe withUnsafePointer(to: &address) {
        unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe bind(number, $0, socklen_t(length)) }
    }
    try #require(result == 0)
    return number
}
