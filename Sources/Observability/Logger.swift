internal import Linux

/// Turns what happens into lines and gives them to a sink, which must not block.
///
/// A constant message, the facts in fields. A sink that has no room refuses a line; how many were refused is the first
/// thing it gets to write once it has room again.
package final class Logger {
    package typealias Fields = KeyValuePairs<String, LogValue>

    /// Lines below it are not made.
    package var level: LogLevel
    package var format: LogFormat
    /// Each line begins with the syslog number of its level, `<5>`, which the journal takes off again.
    package var showsPriority = false
    /// Lines that the sink refused since it last took one.
    package private(set) var dropped = 0
    /// Lines that the sink ever refused; a metric.
    package private(set) var droppedInAll = 0

    private let wallTime: () -> Int64
    private let sink: ([UInt8]) -> Bool

    /// - Parameters:
    ///   - wallTime: Nanoseconds since 1970.
    ///   - sink: Takes a line with its newline, or returns false.
    package init(
        level: LogLevel,
        format: LogFormat,
        wallTime: @escaping () -> Int64 = Clock.wallTime,
        sink: @escaping ([UInt8]) -> Bool
    ) {
        self.level = level
        self.format = format
        self.wallTime = wallTime
        self.sink = sink
    }

    package func debug(_ message: StaticString, _ fields: Fields = [:]) { log(.debug, message, fields) }
    package func info(_ message: StaticString, _ fields: Fields = [:]) { log(.info, message, fields) }
    package func notice(_ message: StaticString, _ fields: Fields = [:]) { log(.notice, message, fields) }
    package func warn(_ message: StaticString, _ fields: Fields = [:]) { log(.warn, message, fields) }
    package func error(_ message: StaticString, _ fields: Fields = [:]) { log(.error, message, fields) }

    package func log(_ level: LogLevel, _ message: StaticString, _ fields: Fields = [:]) {
        log(level, message, list: fields.map { ($0.key, $0.value) })
    }

    /// The same for fields that are put together.
    package func log(_ level: LogLevel, _ message: StaticString, list fields: [(String, LogValue)]) {
        guard level >= self.level else { return }
        reportDropped()
        emit(level, message, fields)
    }

    /// Says how many lines were dropped, if any were; call it when the sink has room again.
    package func reportDropped() {
        guard dropped > 0 else { return }
        let count = dropped
        dropped = 0
        if emit(.warn, "log lines dropped", [("count", .integer(Int64(count)))]) { return }
        // The report itself found no room: it is no line that anybody misses.
        (dropped, droppedInAll) = (count, droppedInAll - 1)
    }

    @discardableResult
    private func emit(_ level: LogLevel, _ message: StaticString, _ fields: [(String, LogValue)]) -> Bool {
        let entry = LogEntry(
            time: Timestamp(nanoseconds: wallTime()),
            level: level,
            message: message.description,
            fields: fields.map { ($0.0, $0.1.bounded) }
        )
        let priority = showsPriority ? "<\(level.priority)>" : ""
        if sink(Array((priority + format.line(entry) + "\n").utf8)) { return true }
        dropped += 1
        droppedInAll += 1
        return false
    }
}
