/// What may be asked on the control socket: words on one line, the command first.
package enum ControlRequest: Hashable, Sendable {
    /// Tell the neighbours again where the VIPs are: of one group, or of all.
    case announce(group: String?)
    /// Read the configuration again.
    case reload

    /// The line that asks for it.
    package var line: String {
        switch self {
        case .reload: "reload"
        case .announce(let group): (["announce"] + [group].compactMap(\.self)).joined(separator: " ")
        }
    }

    /// Nil for what is no command, or has words that the command does not take.
    package init?(line: String) {
        let words = line.split(separator: " ", maxSplits: 1).map(String.init)
        switch words.first {
        case "announce": self = .announce(group: words.dropFirst().first)
        case "reload" where words.count == 1: self = .reload
        default: return nil
        }
    }

    /// For whoever mistypes one by hand.
    static let known = "announce [GROUP], reload"
}

/// What came of it.
package enum ControlAnswer: Hashable, Sendable {
    /// A line for people about each thing that was done.
    case done([String])
    /// Why nothing was done.
    case refused(String)
    /// The configuration is not followed, a line for each reason.
    case mistakes([String])
}

/// The document on the socket: `{"done":["…"]}` or `{"error":"…"}`, with `"mistakes":["…"]` where a configuration has some.
extension ControlAnswer {
    package var json: String {
        switch self {
        case .done(let lines): JSONValue.object([.init("done", .array(lines.map(JSONValue.string)))]).text
        case .refused(let reason): JSONValue.object([.init("error", .string(reason))]).text
        case .mistakes(let lines):
            JSONValue.object([
                .init("error", .string("the configuration is not followed")),
                .init("mistakes", .array(lines.map(JSONValue.string))),
            ]).text
        }
    }

    /// Nil for another document.
    package init?(json: String) {
        let value = JSONValue(parsing: json)
        if let lines = value?["done"]?.array {
            self = .done(lines.compactMap(\.string).map(plain))
        } else if let lines = value?["mistakes"]?.array {
            self = .mistakes(lines.compactMap(\.string).map(plain))
        } else if let reason = value?["error"]?.string {
            self = .refused(plain(reason))
        } else {
            return nil
        }
    }
}
