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

    @Test func `writes JSON with the fields in the order given`() {
        let page = Page()
        Self.logger(.json, page).notice(
            "leader elected",
            [
                "term": 3, "leader": "node1", "took": LogValue(.microseconds(1500)), "own": true,
                "vips": .list(["a", "b"]),
            ]
        )
        #expect(
            page.lines == [
                #"{"time":"2026-03-01T12:34:56.789Z","level":"notice","message":"leader elected","term":3,"#
                    + #""leader":"node1","took":1.5,"own":true,"vips":["a","b"]}"# + "\n"
            ]
        )
    }

    @Test func `writes text that people read`() {
        let page = Page()
        Self.logger(.text, page).warn("hook failed", ["reason": "exited with 3", "group": "web", "none": ""])
        let line = #"2026-03-01T12:34:56.789Z WARN hook failed reason="exited with 3" group=web none="""# + "\n"
        #expect(page.lines == [line])
    }

    @Test(arguments: LogFormat.allCases) func `makes one line of anything`(format: LogFormat) throws {
        let page = Page()
        let evil = "a\nb\r\u{1B}[31m\u{0}\u{7F}\u{85}\u{2028}\"\\\t é 😀"
        Self.logger(format, page).error("output", ["line": .text(evil)])
        let line = try #require(page.lines.first)
        #expect(line.unicodeScalars.filter { $0.value < 0x20 || $0.value == 0x7F || $0.value == 0x85 } == ["\n"])
        #expect(line.hasSuffix("\n"))
        guard format == .json else { return }
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        #expect(object?["line"] as? String == evil)
    }

    @Test func `keeps silent below its level`() {
        let page = Page()
        let logger = Self.logger(.text, page, level: .warn)
        logger.notice("unheard")
        logger.warn("heard")
        #expect(page.lines.count == 1)
    }

    @Test func `counts what its sink refuses and tells it first`() {
        let page = Page()
        let logger = Self.logger(.text, page)
        page.isFull = true
        for _ in 0..<3 { logger.info("lost") }
        logger.reportDropped()
        page.isFull = false
        logger.info("back")
        logger.reportDropped()
        #expect(page.lines.map { $0.dropFirst(25) } == ["WARN log lines dropped count=3\n", "INFO back\n"])
        #expect(logger.droppedInAll == 3)
    }

    @Test func `cuts long values`() {
        let page = Page()
        Self.logger(.text, page).info("output", ["line": .text(String(repeating: "x", count: 100_000))])
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
