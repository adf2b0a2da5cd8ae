/// What a line looks like; the names are those of `logging.format`.
package enum LogFormat: String, Hashable, Sendable, CaseIterable {
    case json
    case text

    /// In bytes, its newline included: journald cuts what is longer than 48 KiB, and half a document is none.
    package static let longestLine = 40 * 1024

    /// One line without its newline, whatever the message and the fields hold.
    package func line(_ entry: LogEntry) -> String {
        switch self {
        case .json: Self.json(entry)
        case .text: Self.text(entry)
        }
    }

    /// The same in fewer bytes than `longestLine`: the values are cut until it fits.
    func boundedLine(_ entry: LogEntry) -> String {
        var (shorter, longestText, mostItems) = (entry, LogValue.longestText, LogValue.mostItems)
        var line = line(entry)
        while line.utf8.count >= Self.longestLine, longestText > 0 {
            (longestText, mostItems) = (longestText / 4, mostItems / 4)
            shorter.fields = entry.fields.map { ($0.name, $0.value.bounded(to: longestText, items: mostItems)) }
            line = self.line(shorter)
        }
        return line
    }
}

/// What a line says.
package struct LogEntry {
    package var time: Timestamp
    package var level: LogLevel
    /// The id of its kind.
    package var event: String
    package var message: String
    /// In the order in which they are shown.
    package var fields: [(name: String, value: LogValue)]

    package init(
        time: Timestamp,
        level: LogLevel,
        event: String,
        message: String,
        fields: [(name: String, value: LogValue)]
    ) {
        self.time = time
        self.level = level
        self.event = event
        self.message = message
        self.fields = fields
    }
}

extension LogFormat {
    /// `{"time":"…","level":"notice","event":"leading","message":"leading","term":3}`
    private static func json(_ entry: LogEntry) -> String {
        var parts = [
            "\"time\":\"\(entry.time.text)\"",
            "\"level\":\"\(entry.level.rawValue)\"",
            "\"event\":\(JSON.string(entry.event))",
            "\"message\":\(JSON.string(entry.message))",
        ]
        parts += entry.fields.map { "\(JSON.string($0.name)):\(JSON.value($0.value))" }
        return "{\(parts.joined(separator: ","))}"
    }

    /// `2026-03-01T12:34:56.789Z NOTICE following event=following term=3 leader=node1`
    private static func text(_ entry: LogEntry) -> String {
        let level = entry.level.rawValue.uppercased()
        var parts = [entry.time.text, level, PlainText.escaped(entry.message), "event=\(entry.event)"]
        parts += entry.fields.map { "\(PlainText.escaped($0.name))=\(PlainText.value($0.value))" }
        return parts.joined(separator: " ")
    }
}
