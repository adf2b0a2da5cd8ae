/// What a node answers when it is asked for its history: `{"node":"n1","entries":[…],"left_out":0}`, or an error in its
/// place, `{"node":"n3","error":"…"}`.
package struct HistoryDocument: Hashable, Sendable {
    package var node: String
    /// The oldest first.
    package var entries: [HistoryEntry]
    /// Older ones that had no room in the answer.
    package var leftOut: Int
    /// Why there is no answer.
    package var error: String?

    package init(node: String, entries: [HistoryEntry] = [], leftOut: Int = 0, error: String? = nil) {
        self.node = node
        self.entries = entries
        self.leftOut = leftOut
        self.error = error
    }

    /// What a client sends to get one.
    package static let request = "history"
    /// The same of all nodes, a line each, its own first.
    package static let requestOfAll = "history all"

    /// The document of entries that are JSON already, the oldest first: those that fit into so many bytes.
    package static func text(node: String, entries: some BidirectionalCollection<String>, upTo limit: Int) -> String {
        var (room, kept): (Int, [String]) = (limit - 256, [])
        for entry in entries.reversed() {
            room -= entry.utf8.count + 1
            if room < 0 { break }
            kept.append(entry)
        }
        let leftOut = entries.count - kept.count
        let name = JSONValue.string(node).text
        return "{\"node\":\(name),\"entries\":[\(kept.reversed().joined(separator: ","))],\"left_out\":\(leftOut)}"
    }

    /// Nil for another document. An entry that is none is left out.
    package init?(json: String) {
        guard let value = JSONValue(parsing: json), let node = value["node"]?.string else { return nil }
        self.init(
            node: node,
            entries: value["entries"]?.array?.compactMap(HistoryEntry.init) ?? [],
            leftOut: value["left_out"]?.integer.map(Int.init(clamping:)) ?? 0,
            error: value["error"]?.string
        )
        guard value["entries"] != nil || error != nil else { return nil }
    }

    package static func failure(of node: String, _ text: String) -> String {
        JSONValue.object([.init("node", .string(node)), .init("error", .string(text))]).text
    }
}
