import Foundation
import Observability
import Testing
import Time

@Suite struct `The logger` {
    private final class Page {
        var lines: [String] = []
        var isFull = false
        func take(_ line: [UInt8]) -> Bool {
            if !isFull { lines.append(String(decoding: line, as: UTF8.self)) }
            return !isFull
        }
    }

    /// 2026-03-01T12:34:56.789Z
    private static let moment: Int64 = 1_772_368_496_789_000_000

    private static func logger(_ format: LogFormat, _ page: Page, level: LogLevel = .info) -> Logger {
        Logger(level: level, format: format, wallTime: { moment }, sink: page.take)
    }

    private static let output = LogEvent("output", .error, "output")
    private static let info = LogEvent("small_talk", .info, "small talk")

    @Test func `writes JSON with the fields in the order given`() {
        let page = Page()
        Self.logger(.json, page).write(
            LogEvent("leader_elected", .notice, "leader elected"),
            [
                "term": 3, "leader": "node1", "took": LogValue(.microseconds(1500)), "own": true,
                "vips": .list(["a", "b"]),
            ]
        )
        #expect(
            page.lines == [
                #"{"time":"2026-03-01T12:34:56.789Z","level":"notice","event":"leader_elected","message":"leader elected","#
                    + #""term":3,"leader":"node1","took":1.5,"own":true,"vips":["a","b"]}"# + "\n"
            ]
        )
    }

    @Test func `writes text that people read`() {
        let page = Page()
        let event = LogEvent("hook_failed", .warn, "hook failed")
        Self.logger(.text, page).write(event, ["reason": "exited with 3", "group": "web", "none": ""])
        let line =
            #"2026-03-01T12:34:56.789Z WARN hook failed event=hook_failed reason="exited with 3" group=web none="""#
        #expect(page.lines == [line + "\n"])
    }

    @Test(arguments: LogFormat.allCases) func `makes one line of anything`(format: LogFormat) throws {
        let page = Page()
        let evil = "a\nb\r\u{1B}[31m\u{0}\u{7F}\u{85}\u{2028}\u{202E}\"\\\t é 😀"
        Self.logger(format, page).write(Self.output, ["line": .text(evil)])
        let line = try #require(page.lines.first)
        let dangerous = line.unicodeScalars.filter {
            $0.value < 0x20 || [0x7F, 0x85, 0x2028, 0x202E].contains($0.value)
        }
        #expect(Array(dangerous) == ["\n"])
        #expect(line.hasSuffix("\n"))
        guard format == .json else { return }
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        #expect(object?["line"] as? String == evil)
    }

    /// Every byte, alone and beside each other: what is no UTF-8 becomes a replacement character.
    @Test func `makes JSON of any bytes`() throws {
        for first in UInt8.min...UInt8.max {
            for second: UInt8 in [0x00, 0x22, 0x5C, 0x80, 0xBF, 0xC0, 0xED, 0xF4, 0xFF] {
                let page = Page()
                let text = String(decoding: [first, second, 0xA0, first], as: UTF8.self)
                Self.logger(.json, page).write(Self.output, ["line": .text(text), "list": .list([text])])
                let line = try #require(page.lines.first)
                let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                #expect(object?["line"] as? String == text, "\(first) \(second)")
                #expect(object?["list"] as? [String] == [text])
            }
        }
    }

    /// Every character of the first plane and some beyond, each behind a plain text and before one.
    @Test func `makes JSON of any character`() throws {
        let scalars = (UInt32(0)...0xFFFF).compactMap(Unicode.Scalar.init) + ["\u{1F600}", "\u{10FFFF}"]
        for start in stride(from: 0, to: scalars.count, by: 64) {
            let page = Page()
            let text = scalars[start..<min(start + 64, scalars.count)].map { "a\(String($0))b" }.joined()
            Self.logger(.json, page).write(Self.output, ["line": .text(text)])
            let object = try JSONSerialization.jsonObject(with: Data(page.lines[0].utf8)) as? [String: Any]
            #expect((object?["line"] as? String).map { Array($0.utf8) == Array(text.utf8) } == true, "from \(start) on")
        }
    }

    @Test func `makes JSON of numbers that JSON has no word for`() throws {
        let page = Page()
        let fields: [(String, LogValue)] = [
            ("infinite", .number(.infinity)), ("none", .number(.nan)), ("small", .number(.leastNonzeroMagnitude)),
            ("large", LogValue(UInt64.max)), ("least", .integer(.min)),
        ]
        Self.logger(.json, page).write(Self.output, list: fields)
        let object = try JSONSerialization.jsonObject(with: Data(page.lines[0].utf8)) as? [String: Any]
        #expect(object?["infinite"] is NSNull)
        #expect(object?["none"] is NSNull)
        #expect(object?["large"] as? String == "18446744073709551615")
    }

    /// Characters that need six bytes each, in as many fields and items as there can be.
    @Test(arguments: LogFormat.allCases) func `bounds a line whatever is in it`(format: LogFormat) throws {
        let page = Page()
        let long = String(repeating: "\u{1}", count: 100_000)
        var fields: [(String, LogValue)] = (0..<16).map { ("field\($0)", .text(long)) }
        fields.append(("list", .list(Array(repeating: long, count: 1000))))
        Self.logger(format, page).write(Self.output, list: fields)
        let line = try #require(page.lines.first)
        #expect(line.utf8.count <= LogFormat.longestLine)
        guard format == .json else { return }
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        #expect(object?.count == 4 + 17)
    }

    @Test func `keeps silent below its level`() {
        let page = Page()
        let logger = Self.logger(.text, page, level: .warn)
        logger.write(Self.info)
        logger.write(Self.output)
        #expect(page.lines.count == 1)
    }

    @Test func `hands on what belongs to the history at any level`() {
        let page = Page()
        let logger = Self.logger(.text, page, level: .error)
        var kept: [String] = []
        logger.history = { kept.append($0.event) }
        logger.write(LogEvent("leading", .notice, "leading", .history), ["term": 3])
        logger.write(Self.output)
        #expect(kept == ["leading"])
        #expect(page.lines.count == 1)
    }

    @Test func `counts what its sink refuses and tells it first`() {
        let page = Page()
        let logger = Self.logger(.text, page)
        page.isFull = true
        for _ in 0..<3 { logger.write(Self.info) }
        logger.reportDropped()
        page.isFull = false
        logger.write(Self.info)
        logger.reportDropped()
        #expect(
            page.lines.map { $0.dropFirst(25) } == [
                "WARN log lines dropped event=log_lines_dropped count=3\n", "INFO small talk event=small_talk\n",
            ]
        )
        #expect(logger.droppedInAll == 3)
    }

    @Test func `cuts long values`() {
        let page = Page()
        Self.logger(.text, page).write(Self.output, ["line": .text(String(repeating: "x", count: 100_000))])
        #expect(page.lines.first.map { $0.utf8.count < 4200 } == true)
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (1_709_251_199_999, "2024-02-29T23:59:59.999Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
    ]) func `knows the calendar`(milliseconds: Int64, text: String) {
        #expect(Timestamp(nanoseconds: milliseconds * 1_000_000).text == text)
    }

    @Test func `agrees with another calendar on any day`() {
        let formatter = ISO8601DateFormatter()
        formatter.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
        for step in Int64(0)..<2000 {
            let seconds = step * 1_918_273
            let expected = formatter.string(from: Date(timeIntervalSince1970: Double(seconds)))
            #expect(Timestamp(nanoseconds: seconds * 1_000_000_000).text == expected)
        }
    }
}

@Suite struct `A filter of repeats` {
    private static func at(_ seconds: Int64) -> Instant {
        Instant(boottime: seconds * 1_000_000_000, raw: seconds * 1_000_000_000)
    }

    @Test func `lets the first of a kind pass and counts the others`() {
        var filter = RepeatFilter(interval: .seconds(60))
        #expect(filter.judge("key", at: Self.at(0)) == .pass(suppressed: 0))
        #expect(filter.judge("key", at: Self.at(1)) == .suppress)
        #expect(filter.judge("other kind", at: Self.at(1)) == .pass(suppressed: 0))
        #expect(filter.judge("key", at: Self.at(59)) == .suppress)
        #expect(filter.judge("key", at: Self.at(60)) == .pass(suppressed: 2))
    }

    @Test func `lets some of a kind pass where the last word matters, too`() {
        var filter = RepeatFilter(interval: .seconds(60))
        let verdicts = (0..<5).map { filter.judge("link", allowing: 3, at: Self.at($0)) }
        let pass = RepeatFilter.Verdict.pass(suppressed: 0)
        #expect(verdicts == [pass, pass, pass, .suppress, .suppress])
        #expect(filter.judge("link", allowing: 3, at: Self.at(60)) == .pass(suppressed: 2))
    }

    @Test func `sums up what stopped`() {
        var filter = RepeatFilter(interval: .seconds(60))
        for second in Int64(0)..<10 { _ = filter.judge("key", at: Self.at(second)) }
        #expect(filter.summaries(at: Self.at(59)).isEmpty)
        #expect(filter.summaries(at: Self.at(60)).map(\.suppressed) == [9])
        #expect(filter.summaries(at: Self.at(61)).isEmpty)
        #expect(filter.judge("key", at: Self.at(62)) == .pass(suppressed: 0))
    }

    @Test func `has a bound on kinds, too`() {
        var filter = RepeatFilter(interval: .seconds(60), capacity: 2)
        var passed = 0
        for kind in 0..<1000 { if filter.judge("\(kind)", at: Self.at(0)) != .suppress { passed += 1 } }
        #expect(passed == 2)
        let summaries = filter.summaries(at: Self.at(60))
        #expect(summaries.map(\.kind) == [RepeatFilter.otherKinds])
        #expect(summaries.map(\.suppressed) == [998])
    }
}

@Suite struct `A logger of what repeats` {
    private final class Page {
        var lines: [String] = []
        var seconds: Int64 = 0
        lazy var logger = Logger(
            level: .info,
            format: .text,
            wallTime: { 0 },
            now: { [unowned self] in Instant(boottime: seconds * 1_000_000_000, raw: seconds * 1_000_000_000) },
            sink: { [unowned self] in
                lines.append(String(String(decoding: $0, as: UTF8.self).dropFirst(25).dropLast()))
                return true
            }
        )
    }

    private static let refused = LogEvent("datagram_refused", .warn, "refused", .counted)
    private static let lost = LogEvent("link_lost", .warn, "lost", .paced)
    private static let leading = LogEvent("leading", .warn, "leading", .history)

    @Test func `prints the same facts once a minute, whoever causes them`() {
        let page = Page()
        for source in 0..<100 {
            page.logger.write(Self.refused, ["reason": "flood", "from": LogValue(source)], besides: ["from"])
        }
        page.logger.write(Self.refused, ["reason": "cut short", "from": 7], besides: ["from"])
        #expect(page.lines.count == 2)
        page.seconds = 60
        page.logger.write(Self.refused, ["reason": "flood", "from": 1], besides: ["from"])
        #expect(page.lines.last == "WARN refused event=datagram_refused reason=flood from=1 suppressed=99")
    }

    @Test func `says what it has counted when nothing follows`() {
        let page = Page()
        for _ in 0..<3 { page.logger.write(Self.refused, ["reason": "flood"]) }
        page.logger.reportRepeats()
        #expect(page.lines.count == 1)
        page.seconds = 60
        page.logger.reportRepeats()
        #expect(
            page.lines.last
                == #"WARN more of the same, not printed event=repeated of="datagram_refused reason=flood" count=2"#
        )
    }

    @Test func `prints some of what comes and goes, and all of what is no such thing`() {
        let page = Page()
        for _ in 0..<100 { page.logger.write(Self.lost, ["group": "web"]) }
        #expect(page.lines.count == 6)
        for _ in 0..<100 { page.logger.write(Self.leading, ["term": 3]) }
        #expect(page.lines.count == 106)
    }

    @Test func `does not let strangers fill the history either`() {
        let page = Page()
        var kept = 0
        page.logger.history = { _ in kept += 1 }
        let event = LogEvent("vip_put_back", .warn, "put back", [.history, .counted])
        for pid in 0..<1000 { page.logger.write(event, ["vip": "192.0.2.10", "by": LogValue(pid)], besides: ["by"]) }
        #expect(kept == 1)
    }
}
