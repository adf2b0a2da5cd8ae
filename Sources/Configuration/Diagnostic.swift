/// A place in a text, counted from 1 as editors do.
package struct Position: Hashable, Comparable, Sendable {
    package var line: Int
    package var column: Int

    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    package static func < (a: Position, b: Position) -> Bool {
        (a.line, a.column) < (b.line, b.column)
    }
}

/// Where a setting came from, and so where its mistake is to be mended.
package enum Origin: Hashable, Sendable {
    case file(String, Position)
    /// A file as a whole: missing, too large, of the wrong mode.
    case wholeFile(String)
    /// A flag, with its dashes.
    case flag(String)
    /// An environment variable.
    case variable(String)
}

extension Origin: CustomStringConvertible {
    package var description: String {
        switch self {
        case .file(let path, let position): "\(path):\(position.line):\(position.column)"
        case .wholeFile(let path): path
        case .flag(let name): name
        case .variable(let name): name
        }
    }
}

/// One line of what `vip-switch check` prints.
package struct Diagnostic: Hashable, Sendable {
    package enum Severity: Hashable, Sendable {
        case warning
        case error
    }

    package var severity: Severity
    package var origin: Origin
    /// `what; expected …; did you mean …`
    package var text: String

    package init(_ severity: Severity, at origin: Origin, _ text: String) {
        self.severity = severity
        self.origin = origin
        self.text = text
    }
}

extension Diagnostic: CustomStringConvertible {
    package var description: String {
        "\(origin): " + (severity == .warning ? "warning: " : "") + text
    }
}

/// A text from outside as it may stand in a message: in quotes, cut to 60 characters, terminals left unharmed.
package func quoted(_ text: some StringProtocol) -> String {
    let shown = text.unicodeScalars.prefix(60).map { scalar in
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
            "\\u{\(String(scalar.value, radix: 16))}"
        default: String(scalar)
        }
    }
    return "\"" + shown.joined() + (text.unicodeScalars.count > 60 ? "…" : "") + "\""
}

/// `a, b or c`
func either(_ words: [String]) -> String {
    guard let last = words.last, words.count > 1 else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " or " + last
}
