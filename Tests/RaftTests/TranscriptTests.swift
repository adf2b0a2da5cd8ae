import Foundation
import Simulator
import Testing

/// Scripts of `vip-switch-simulate script`: section by section of the paper, and failure by failure of those that were
/// seen in the field.
@Suite struct `A transcript` {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Transcripts")

    static let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()

    @Test(arguments: names) func `is what the cores do`(name: String) throws {
        let script = try String(contentsOf: Self.folder.appending(path: name), encoding: .utf8)
        let problems = ScriptRun.problems(of: name, script)
        #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
    }

    /// A block that expects nothing would pass whatever comes out.
    @Test(arguments: names) func `leaves no block without an expectation, and fails when one is altered`(
        name: String
    ) throws {
        let script = try String(contentsOf: Self.folder.appending(path: name), encoding: .utf8)
        var reader = ScriptReader()
        var expectations = 0
        for line in script.split(separator: "\n", omittingEmptySubsequences: false) {
            guard let block = try reader.take(String(line)) else { continue }
            #expect(block.expected != nil, "\(name):\(block.line)")
            expectations += 1
        }
        if let block = try reader.finish() {
            #expect(block.expected != nil, "\(name):\(block.line)")
            expectations += 1
        }
        let altered = script.replacing("\n----\n", with: "\n----\naltered\n")
        #expect(ScriptRun.problems(of: name, altered).count == expectations)
    }
}
