import Foundation
import Linux
import Testing

@Suite(.enabled(if: isRoot, "needs root")) struct `A process that drops its capabilities` {
    private static let none = "0000000000000000"

    private static func sets(_ lines: [String], _ title: String) -> [String: String] {
        let fields = lines.filter { $0.hasPrefix("\(title): Cap") }.map { $0.split(separator: ":").map(String.init) }
        return Dictionary(uniqueKeysWithValues: fields.map { ($0[1].trimming(), $0[2].trimming()) })
    }

    @Test func `has none, gets none back, and its programs have none, though they run as root`() throws {
        let lines = try Stage.play("privileges", "/bin/grep", "Cap", "/proc/self/status")
        #expect(Array(lines.prefix(3)) == ["kept: true false", "left: 0", "again: false"])
        for title in ["exec", "exec without new privileges"] {
            let sets = Self.sets(lines, title)
            for name in ["CapInh", "CapPrm", "CapEff", "CapAmb"] {
                #expect(sets[name] == Self.none, "\(title) \(name)")
            }
        }
    }

    /// The four sets of every thread of a process, as one list.
    private static func sets(of pid: Int32) throws -> [String] {
        let tasks = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")
        return try tasks.flatMap { task in
            try String(contentsOfFile: "/proc/\(pid)/task/\(task)/status", encoding: .utf8).split(separator: "\n")
                .filter { line in ["CapInh", "CapPrm", "CapEff", "CapAmb"].contains { line.hasPrefix($0) } }
                .map { String($0.suffix(16)) }
        }
    }

    @Test func `shows empty sets in every thread`() throws {
        let stage = try Stage("dropped")
        #expect(try stage.line() == "ready")
        let sets = try Self.sets(of: stage.pid)
        #expect(sets.count >= 4 && Set(sets) == [Self.none])
        kill(stage.pid, SIGKILL)
    }

    @Test func `is what scribe, log writer and runner are`() throws {
        let scratch = try Scratch()
        let stage = try Stage("three", scratch.path)
        for _ in 0..<3 {
            let pid = try #require(try stage.line().flatMap { Int32($0) })
            #expect(try eventually { Set(try Self.sets(of: pid)) == [Self.none] })
        }
        kill(stage.pid, SIGKILL)
    }

    @Test func `gets nothing from a file with capabilities once it may gain no privileges`() throws {
        let scratch = try Scratch()
        let grep = scratch.path + "/grep"
        try FileManager.default.copyItem(atPath: "/bin/grep", toPath: grep)
        let setcap = try Child(.init(path: "/usr/sbin/setcap", arguments: ["cap_net_admin,cap_net_raw+ep", grep]))
        #expect(try setcap.wait(upTo: .seconds(20)) == .exited(0))
        let lines = try Stage.play("privileges", grep, "Cap", "/proc/self/status")
        // The file does give them without no_new_privs: that is what the second half protects from.
        #expect(Self.sets(lines, "exec")["CapEff"] == "0000000000003000")
        #expect(Self.sets(lines, "exec without new privileges")["CapEff"] == Self.none)
    }
}

extension String {
    fileprivate func trimming() -> String { trimmingCharacters(in: .whitespaces) }
}
