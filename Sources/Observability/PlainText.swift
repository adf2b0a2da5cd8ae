/// Values for people to read, quoted where their ends would not be seen.
enum PlainText {
    static func value(_ value: LogValue) -> String {
        switch value {
        case .text(let text): needsQuotes(text) ? JSON.string(text) : text
        case .integer(let integer): "\(integer)"
        case .number(let number): "\(number)"
        case .flag(let flag): "\(flag)"
        case .list(let texts): Self.value(.text(texts.joined(separator: ",")))
        }
    }

    static func escaped(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: Escape.isNeeded) else { return text }
        return String(JSON.string(text).dropFirst().dropLast())
    }

    private static func needsQuotes(_ text: String) -> Bool {
        text.isEmpty || text.unicodeScalars.contains { $0 == " " || $0 == "\"" || $0 == "=" || Escape.isNeeded($0) }
    }
}
