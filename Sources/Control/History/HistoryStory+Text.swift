import Time

/// What `vip-switch history` prints.
extension HistoryStory {
    /// - Parameter isColoured: For a terminal that takes it.
    package func text(isColoured: Bool) -> String {
        let paint = Paint(isOn: isColoured)
        var parts: [String] = []
        if !entries.isEmpty { parts.append(rows(paint)) }
        parts += nodes.compactMap(\.remark).map { paint.yellow($0) + "\n" }
        return parts.isEmpty ? "Nothing is in the history.\n" : parts.joined(separator: "\n")
    }

    private func rows(_ paint: Paint) -> String {
        let widest = (term: entries.map { "\($0.term)".count }.max() ?? 0, node: entries.map(\.node.count).max() ?? 0)
        let heading = [
            "TIME".padded(to: 24), "TERM".padded(to: max(4, widest.term)), "NODE".padded(to: max(4, widest.node)),
        ]
        let lines = entries.map { entry in
            let row = [
                plain(entry.time).padded(to: 24), "\(entry.term)".padded(to: max(4, widest.term)),
                plain(entry.node).padded(to: max(4, widest.node)),
                paint.level(entry.level, entry.words),
            ]
            let chain = chains.first { $0.ends(with: entry) }.map { "    " + paint.bold("failover: " + $0.text) + "\n" }
            return row.joined(separator: "  ") + "\n" + (chain ?? "")
        }
        return paint.bold((heading + ["WHAT"]).joined(separator: "  ")) + "\n" + lines.joined()
    }
}

extension HistoryStory.Node {
    fileprivate var remark: String? {
        if let error { return "\(plain(id)) did not tell its history: \(plain(error))" }
        return leftOut > 0 ? "\(plain(id)) has \(leftOut) older entries, which had no room in its answer" : nil
    }
}

extension HistoryEntry {
    /// `hook failed: exited with 3 (hook=ToMaster, group=web)`
    fileprivate var words: String {
        let reason = fact("reason").map { ": \($0)" } ?? ""
        let others = facts.filter { $0.name != "reason" }.compactMap { member in
            Self.words(member.value).flatMap { $0.isEmpty ? nil : "\(member.name)=\($0)" }
        }
        return plain(message + reason + (others.isEmpty ? "" : " (\(others.joined(separator: ", ")))"))
    }
}

extension String {
    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}

/// Colours, on a terminal that takes them, and nothing elsewhere.
struct Paint {
    let isOn: Bool

    func bold(_ text: String) -> String { wrapped(text, "1") }
    func red(_ text: String) -> String { wrapped(text, "31") }
    func green(_ text: String) -> String { wrapped(text, "32") }
    func yellow(_ text: String) -> String { wrapped(text, "33") }

    func level(_ level: String, _ text: String) -> String {
        switch level {
        case "error": red(text)
        case "warn": yellow(text)
        default: text
        }
    }

    private func wrapped(_ text: String, _ code: String) -> String { isOn ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text }
}
