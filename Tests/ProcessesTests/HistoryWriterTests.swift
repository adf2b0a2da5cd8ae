import Foundation
import Testing

@testable import Scribe

@Suite struct `The history's writer` {
    private static func lines(_ numbers: some Sequence<Int>) -> [UInt8] {
        Array(numbers.map { "\($0)\n" }.joined().utf8)
    }

    @Test func `appends, and begins on a line of its own`() throws {
        let scratch = try Scratch()
        #expect(HistoryWriter(scratch.path).append(Self.lines(1...2)).lost == 0)
        #expect(scratch.text(of: "history") == "1\n2\n")
        let next = HistoryWriter(scratch.path)
        #expect(next.append(Self.lines(3...3)).lost == 0)
        #expect(next.append(Self.lines(4...4)).lost == 0)
        #expect(scratch.text(of: "history") == "1\n2\n\n3\n4\n")
    }

    @Test func `takes another file when one is full, and forgets the one before`() throws {
        let scratch = try Scratch()
        let writer = HistoryWriter(scratch.path, linesInFile: 10)
        for number in 1...35 { #expect(writer.append(Self.lines(number...number)).lost == 0) }
        let (first, second) = (scratch.text(of: "history.1"), scratch.text(of: "history"))
        #expect(Set(scratch.names) == ["history", "history.1"])
        let kept = (first + second).split(separator: "\n").compactMap { Int($0) }
        #expect(kept.last == 35)
        #expect(kept.count >= 10 && kept.count <= 22)
        #expect(kept == Array((36 - kept.count)...35))
    }

    @Test func `counts what an earlier run has written`() throws {
        let scratch = try Scratch()
        _ = HistoryWriter(scratch.path, linesInFile: 10).append(Self.lines(1...12))
        _ = HistoryWriter(scratch.path, linesInFile: 10).append(Self.lines(13...13))
        #expect(scratch.text(of: "history").split(separator: "\n") == ["13"])
    }

    /// The file is not looked at while it is there: somebody has moved it away, say.
    @Test func `makes a file anew that is gone`() throws {
        let scratch = try Scratch()
        let writer = HistoryWriter(scratch.path)
        _ = writer.append(Self.lines(1...1))
        try FileManager.default.removeItem(atPath: scratch.path + "/history")
        #expect(writer.append(Self.lines(2...2)).lost == 0)
        #expect(scratch.text(of: "history") == "2\n")
    }

    @Test func `moves out of its way what is no file`() throws {
        let scratch = try Scratch()
        try FileManager.default.createDirectory(atPath: scratch.path + "/history", withIntermediateDirectories: false)
        #expect(HistoryWriter(scratch.path).append(Self.lines(1...1)).lost == 0)
        #expect(scratch.text(of: "history") == "1\n")
    }

    @Test func `loses what it cannot write, counts it, and goes on when it can`() throws {
        let scratch = try Scratch()
        let missing = scratch.path + "/missing"
        let writer = HistoryWriter(missing)
        let outcome = writer.append(Self.lines(1...3))
        #expect(outcome.lost == 3)
        #expect(outcome.reason == "No such file or directory")
        try FileManager.default.createDirectory(atPath: missing, withIntermediateDirectories: false)
        #expect(writer.append(Self.lines(4...4)).lost == 0)
        #expect(scratch.text(of: "missing/history") == "4\n")
    }
}
