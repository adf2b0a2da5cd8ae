import Testing

@testable import vip_switch_bench

@Suite struct `A picture of a death` {
    private static let processes = "1 n1 agent\n2 n2 agent\n3 n3 agent\n"

    /// `sendto` of one agent and `recvfrom` of another, as the kernel writes them down; microseconds.
    private static func datagram(from sender: Int, to receiver: Int, at time: Int, bytes: Int) -> [String] {
        [
            line(sender, time, "sys_enter: NR 44 (0, 0)"), line(sender, time + 10, "sys_exit: NR 44 = \(bytes)"),
            line(receiver, time + 20, "sys_enter: NR 45 (0, 0)"),
            line(receiver, time + 100, "sys_exit: NR 45 = \(bytes)"),
        ]
    }

    private static func line(_ pid: Int, _ time: Int, _ words: String) -> String {
        let rest = String(time % 1_000_000)
        let micros = String(repeating: "0", count: 6 - rest.count) + rest
        return "vip-switch-\(pid) [000] ..... \(time / 1_000_000).\(micros): \(words)"
    }

    /// The holder n1 dies at one second, 50 ms after its last heartbeat.
    private static var recording: Recording {
        var recording = Recording()
        recording.marks = [(1_000_000_000, .fault, "n1"), (1_500_000_000, .end, "-")]
        recording.answers = [(990_000_000, "n1"), (999_000_000, "n1"), (1_205_000_000, "n2"), (1_206_000_000, "n2")]
        recording.holdings = [
            "n1": [0..<1_300_000_000], "n2": [1_204_000_000..<1_500_000_000], "n3": [],
        ]
        return recording
    }

    private static func timeline(_ recording: Recording = recording) throws -> Timeline {
        let lines =
            datagram(from: 1, to: 2, at: 950_000, bytes: 100) + datagram(from: 1, to: 3, at: 950_200, bytes: 100)
            + datagram(from: 2, to: 3, at: 1_200_000, bytes: 80)
        let system = try SystemCalls(trace: lines.joined(separator: "\n"), processes: processes)
        return try Timeline(recording, system, order: ["n1", "n2", "n3"], title: "n1 dies")
    }

    @Test func `says for how long nobody answered, and what was waited for`() throws {
        let svg = try Self.timeline().svg
        #expect(svg.contains("no answer for 206.0 ms"))
        #expect(svg.contains("n2 and n3 have promised n1 to elect nobody: 249.9 ms"))
        #expect(svg.hasPrefix("<svg ") && svg.hasSuffix("</svg>\n"))
    }

    @Test func `knows who told whom`() throws {
        let messages = try Self.timeline().messages
        #expect(messages.map { "\($0.sender) \($0.receiver)" } == ["n1 n2", "n1 n3", "n2 n3"])
        #expect(messages.map(\.received) == [950_100_000, 950_300_000, 1_200_100_000])
    }

    @Test func `is not drawn of a run in which nobody took over`() {
        var recording = Self.recording
        recording.answers.removeAll { $0.node == "n2" }
        #expect(throws: Complaint.self) { try Self.timeline(recording) }
    }
}
