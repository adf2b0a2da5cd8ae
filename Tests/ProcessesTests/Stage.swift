import Foundation
import Linux
import Testing
import Time

/// A scene of `processes-stage`, being played.
final class Stage {
    /// Beside the test bundle's own executable.
    static let executable: String = {
        let own = (try? FileStatus.target(ofLink: "/proc/self/exe")) ?? ""
        let folders = CommandLine.arguments + [own]
        let candidates = folders.map { Folder.parent(of: $0) + "/processes-stage" }
        return candidates.first { (try? FileStatus(of: $0)) != nil } ?? "processes-stage"
    }()

    let child: Child
    private var unread: [String] = []
    private var rest: [UInt8] = []

    init(_ scene: String...) throws { child = try Self.child(scene) }

    var pid: Int32 { child.pid }

    /// The next line that the scene prints; nil at its end, or after half a minute of silence.
    func line() throws -> String? {
        while unread.isEmpty {
            try child.output.waitUntilReadable(upTo: .seconds(30))
            let bytes = try child.output.read(upTo: 65_536)
            if bytes.isEmpty { return nil }
            var parts = (rest + bytes).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            rest = Array(parts.removeLast())
            unread = parts.map { String(decoding: $0, as: UTF8.self) }
        }
        return unread.removeFirst()
    }

    /// All lines up to the end, that of helpers which share its output included.
    func lines() throws -> [String] {
        var all: [String] = []
        while let line = try line() { all.append(line) }
        return all
    }

    /// Plays a scene to its end.
    static func play(_ scene: String...) throws -> [String] { try play(scene) }

    static func play(_ scene: [String]) throws -> [String] {
        try Stage(child(scene)).lines()
    }

    private static func child(_ scene: [String]) throws -> Child {
        let environment = ["STAGE=of the agent", "SECRET=of nobody"]
        return try Child(.init(path: executable, arguments: scene, environment: environment))
    }

    private init(_ child: Child) { self.child = child }
}

/// A folder that is gone with the value; nobody but its owner may write what leads to it.
final class Scratch {
    let path: String

    init() throws {
        // Root's is not below /tmp, whose mode a check of hooks warns about.
        let base = isRoot ? "/root" : "/tmp"
        path = "\(base)/.vip-switch-test-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        unsafe chmod(path, 0o755)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String, _ text: String = "", mode: mode_t = 0o644) throws -> String {
        let file = "\(path)/\(name)"
        try text.write(toFile: file, atomically: false, encoding: .utf8)
        unsafe chmod(file, mode)
        return file
    }

    func script(_ name: String, _ text: String) throws -> String {
        try file(name, "#!/bin/sh\n\(text)\n", mode: 0o755)
    }

    func text(of name: String) -> String { (try? String(contentsOfFile: "\(path)/\(name)", encoding: .utf8)) ?? "" }

    var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] }
}

let isRoot = geteuid() == 0

/// Waits up to half a minute.
func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
    for _ in 0..<3000 {
        if try condition() { return true }
        usleep(10_000)
    }
    return false
}

/// Whether a process runs, a zombie not counted.
func runs(_ pid: Int32) -> Bool {
    guard let status = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return false }
    return status.split(separator: ")").last?.split(separator: " ").first != "Z"
}
