internal import Linux
package import Time

/// Turns what happens into lines and gives them to a sink, which must not block.
///
/// A constant event, the facts in fields. A sink that has no room refuses a line; how many were refused is the first thing
/// it gets to write once it has room again.
package final class Logger {
    package typealias Fields = KeyValuePairs<String, LogValue>

    /// Lines below it are not made.
    package var level: LogLevel
    package var format: LogFormat
    /// Each line begins with the syslog number of its level, `<5>`, which the journal takes off again.
    package var showsPriority = false
    /// Who keeps the history; hears of its events before the log does, and whatever the level.
    package var history: ((LogEntry) -> Void)?
    /// Lines that the sink refused since it last took one.
    package private(set) var dropped = 0
    /// Lines that the sink ever refused; a metric.
    package private(set) var droppedInAll = 0

    private let wallTime: () -> Int64
    private let now: () -> Instant
    private let sink: ([UInt8]) -> Bool
    private var repeats = RepeatFilter(capacity: mostKinds)

    /// Of lines whose repeats are counted at the same time.
    private static let mostKinds = 256

    /// - Parameters:
    ///   - wallTime: Nanoseconds since 1970.
    ///   - now: What repeats are counted by.
    ///   - sink: Takes a line with its newline, or returns false.
    package init(
        level: LogLevel,
        format: LogFormat,
        wallTime: @escaping () -> Int64 = Clock.wallTime,
        now: @escaping () -> Instant = Clock.now,
        sink: @escaping ([UInt8]) -> Bool
    ) {
        self.level = level
        self.format = format
        self.wallTime = wallTime
        self.now = now
        self.sink = sink
    }

    /// - Parameter besides: Facts that make no other line of it, where repeats are counted: whoever does something in a
    ///   loop does it as another process each time.
    package func write(_ event: LogEvent, _ fields: Fields = [:], besides: Set<String> = []) {
        write(event, list: fields.map { ($0.key, $0.value) }, besides: besides)
    }

    /// The same for fields that are put together.
    package func write(_ event: LogEvent, list fields: [(String, LogValue)], besides: Set<String> = []) {
        guard event.level >= level || event.traits.contains(.history) else { return }
        guard let suppressed = judge(event, fields, besides) else { return }
        let entry = entry(event, fields + (suppressed > 0 ? [("suppressed", LogValue(suppressed))] : []))
        if event.traits.contains(.history) { history?(entry) }
        guard event.level >= level else { return }
        reportDropped()
        emit(entry)
    }

    /// Says how many lines were dropped, if any were; call it when the sink has room again.
    package func reportDropped() {
        guard dropped > 0 else { return }
        let count = dropped
        dropped = 0
        if emit(entry(.linesDropped, [("count", LogValue(count))])) { return }
        // The report itself found no room: it is no line that anybody misses.
        (dropped, droppedInAll) = (count, droppedInAll - 1)
    }

    /// Says what was counted instead of printed, once for what has stopped since; call it now and then.
    package func reportRepeats() {
        for (kind, count) in repeats.summaries(at: now()) {
            write(.repeated, ["of": LogValue(kind), "count": LogValue(count)])
        }
    }

    /// How many of its kind were kept back before; nil where it is kept back itself.
    private func judge(_ event: LogEvent, _ fields: [(String, LogValue)], _ besides: Set<String>) -> Int? {
        guard let allowance = event.allowance else { return 0 }
        let facts = fields.filter { !besides.contains($0.0) }.map { "\($0.0)=\(PlainText.value($0.1))" }
        let kind = ([event.id.description] + facts).joined(separator: " ")
        guard case .pass(let suppressed) = repeats.judge(kind, allowing: allowance, at: now()) else { return nil }
        return suppressed
    }

    private func entry(_ event: LogEvent, _ fields: [(String, LogValue)]) -> LogEntry {
        LogEntry(
            time: Timestamp(nanoseconds: wallTime()),
            level: event.level,
            event: event.id.description,
            message: event.message.description,
            fields: fields.map { ($0.0, $0.1.bounded()) }
        )
    }

    @discardableResult
    private func emit(_ entry: LogEntry) -> Bool {
        let priority = showsPriority ? "<\(entry.level.priority)>" : ""
        if sink(Array((priority + format.boundedLine(entry) + "\n").utf8)) { return true }
        dropped += 1
        droppedInAll += 1
        return false
    }
}
