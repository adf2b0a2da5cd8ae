package import Observability
import Time

/// Something that happened on a node, as the history keeps it.
package struct HistoryEntry: Hashable, Sendable {
    /// In RFC 3339, UTC with milliseconds: such texts sort as the moments do.
    package var time: String
    /// Milliseconds since the machine booted: what lies between two entries of one node, whatever was done to its clock.
    package var clock: Double
    package var node: String
    package var term: UInt64
    package var level: String
    /// The id of `LogEvent`.
    package var event: String
    package var message: String
    package var facts: [JSONValue.Member]

    package init(
        time: String,
        clock: Double,
        node: String,
        term: UInt64,
        level: String,
        event: String,
        message: String,
        facts: [JSONValue.Member] = []
    ) {
        self.time = time
        self.clock = clock
        self.node = node
        self.term = term
        self.level = level
        self.event = event
        self.message = message
        self.facts = facts
    }

    /// A fact as text, whatever it is.
    package func fact(_ name: String) -> String? {
        facts.first { $0.name == name }.flatMap { Self.words($0.value) }
    }

    package func number(_ name: String) -> Double? { facts.first { $0.name == name }?.value.number }

    /// Of a fact in milliseconds; nil also for what no time can be.
    func duration(_ name: String) -> Duration? { facts.first { $0.name == name }?.value.duration }

    static func words(_ value: JSONValue) -> String? {
        switch value {
        case .null: nil
        case .string(let text): text
        case .array(let values): values.compactMap(words).joined(separator: ",")
        case .boolean, .integer, .number, .object: value.text
        }
    }
}

extension HistoryEntry {
    package var value: JSONValue {
        .object([
            .init("time", .string(time)),
            .init("clock_ms", .number(clock)),
            .init("node", .string(node)),
            .init("term", .integer(Int64(clamping: term))),
            .init("level", .string(level)),
            .init("event", .string(event)),
            .init("message", .string(message)),
            .init("facts", .object(facts)),
        ])
    }

    /// Nil for what is no entry.
    package init?(_ value: JSONValue) {
        guard let time = value["time"]?.string, let node = value["node"]?.string,
            let term = value["term"]?.integer.flatMap(UInt64.init(exactly:)), let event = value["event"]?.string
        else { return nil }
        self.init(
            time: time,
            clock: value["clock_ms"]?.number ?? 0,
            node: node,
            term: term,
            level: value["level"]?.string ?? "",
            event: event,
            message: value["message"]?.string ?? event,
            facts: value["facts"]?.members ?? []
        )
    }
}

extension HistoryEntry {
    /// In bytes of JSON: a thousand entries are kept in memory, and all of them are to fit into an answer or two.
    static let longest = 3000

    /// What the logger hands on, its values cut until it is short enough.
    package init(_ entry: LogEntry, node: String, term: UInt64, clock: Double) {
        // What a line is about may be another term than the present one.
        var named: UInt64?
        if case .integer(let number)? = entry.fields.first(where: { $0.name == "term" })?.value {
            named = UInt64(exactly: number)
        }
        self.init(
            time: entry.time.text,
            clock: clock,
            node: node,
            term: named ?? term,
            level: entry.level.rawValue,
            event: entry.event,
            message: entry.message
        )
        let fields = entry.fields.filter { $0.name != "term" }
        for (longest, items) in [(200, 8), (60, 4), (20, 1)] {
            facts = fields.map { JSONValue.Member($0.name, JSONValue($0.value.bounded(to: longest, items: items))) }
            if value.text.utf8.count <= Self.longest { return }
        }
        facts = []
    }
}

extension JSONValue {
    fileprivate init(_ value: LogValue) {
        switch value {
        case .text(let text): self = .string(text)
        case .integer(let integer): self = .integer(integer)
        case .number(let number): self = .number(number)
        case .flag(let flag): self = .boolean(flag)
        case .list(let texts): self = .array(texts.map(JSONValue.string))
        }
    }
}
