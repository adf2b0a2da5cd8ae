/// What a line looks like; the names are those of `logging.format`.
package enum LogFormat: String, Hashable, Sendable, CaseIterable {
    case json
    case text

    /// One line without its newline, whatever the message and the fields hold.
    package func line(_ entry: LogEntry) -> String {
        switch self {
        case .json: Self.json(entry)
        case .text: Self.text(entry)
        }
    }
}

/// What a line says.
package struct LogEntry {
    package var time: Timestamp
    package var level: LogLevel
    package var message: String
    /// In the order in which they are shown.
    package var fields: [(name: String, value: LogValue)]
}

extension LogFormat {
    /// `{"time":"…","level":"notice","message":"leader elected","term":3}`
    private static func json(_ entry: LogEntry) -> String {
        var parts = [
            "\"time\":\"\(entry.time.text)\"",
            "\"level\":\"\(entry.level.rawValue)\"",
            "\"message\":\(JSON.string(entry.message))",
        ]
        parts += entry.fields.map { "\(JSON.string($0.name)):\(JSON.value($0.value))" }
        return "{\(parts.joined(separator: ","))}"
    }

    /// `2026-03-01T12:34:56.789Z NOTICE leader elected term=3 leader=node1`
    private static func text(_ entry: LogEntry) -> String {
        let level = entry.level.rawValue.uppercased()
        var parts = [entry.time.text, level, PlainText.escaped(entry.message)]
        parts += entry.fields.map { "\($0.name)=\(PlainText.value($0.value))" }
        return parts.joined(separator: " ")
    }
}
