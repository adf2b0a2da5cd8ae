/// What may be asked on the control socket: words on one line, the command first.
package enum ControlRequest: Hashable, Sendable {
    /// Tell the neighbours again where the VIPs are: of one group, or of all.
    case announce(group: String?)
    /// Read the configuration again.
    case reload
    /// Another node shall lead: this one, or the best of the others.
    case transfer(to: String?)
    /// A node gives its VIPs up and takes none, until it is told otherwise; nil: the one that is asked.
    case drain(String?)
    case undrain(String?)
    case member(MemberOrder)

    /// The line that asks for it.
    package var line: String {
        let words =
            switch self {
            case .reload: ["reload"]
            case .announce(let group): ["announce"] + [group].compactMap(\.self)
            case .transfer(let node): ["transfer"] + [node].compactMap(\.self)
            case .drain(let node): ["drain"] + [node].compactMap(\.self)
            case .undrain(let node): ["undrain"] + [node].compactMap(\.self)
            case .member(let order): ["member"] + order.words
            }
        return words.joined(separator: " ")
    }

    /// Nil for what is no command, or has words that the command does not take.
    package init?(line: String) {
        // What is behind a line end would be left out on the way, and the rest obeyed.
        guard line.utf8.count < ControlServer.longestRequest, !line.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f })
        else { return nil }
        let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
        // A group's name may have blanks in it.
        let rest = parts.dropFirst().first
        let words = rest?.split(separator: " ").map(String.init) ?? []
        switch parts.first {
        case "announce": self = .announce(group: rest)
        case "reload" where parts.count == 1: self = .reload
        case "transfer" where words.count <= 1: self = .transfer(to: words.first)
        case "drain" where words.count <= 1: self = .drain(words.first)
        case "undrain" where words.count <= 1: self = .undrain(words.first)
        case "member":
            guard let order = MemberOrder(words) else { return nil }
            self = .member(order)
        default: return nil
        }
    }

    /// For whoever mistypes one by hand.
    static let known = [
        "announce [GROUP]", "reload", "transfer [ID]", "drain [ID]", "undrain [ID]",
        "member add ID ADDRESS voter|learner|witness",
        "member remove ID", "member promote ID", "member priority ID NUMBER|configured",
    ].joined(separator: ", ")
}

/// What an operator wants of the membership.
package enum MemberOrder: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable {
        case voter
        /// Gets the log and has no vote.
        case learner
        /// Votes and holds nothing.
        case witness
    }

    case add(String, address: String, Kind)
    case remove(String)
    case promote(String)
    /// Nil: as the node's own configuration has it.
    case priority(String, UInt16?)

    var words: [String] {
        switch self {
        case .add(let id, let address, let kind): ["add", id, address, kind.rawValue]
        case .remove(let id): ["remove", id]
        case .promote(let id): ["promote", id]
        case .priority(let id, let priority): ["priority", id, priority.map(String.init) ?? Self.configured]
        }
    }

    init?(_ words: [String]) {
        switch (words.first, words.count) {
        case ("add", 4):
            guard let kind = Kind(rawValue: words[3]) else { return nil }
            self = .add(words[1], address: words[2], kind)
        case ("remove", 2): self = .remove(words[1])
        case ("promote", 2): self = .promote(words[1])
        case ("priority", 3):
            guard let priority = Self.priority(words[2]) else { return nil }
            self = .priority(words[1], priority)
        default: return nil
        }
    }

    package static let configured = "configured"

    /// What a word says of a priority; nil where it says nothing.
    package static func priority(_ word: String) -> UInt16?? {
        if word == configured { return .some(nil) }
        guard word.utf8.allSatisfy({ (48...57).contains($0) }), let number = UInt16(word) else { return nil }
        return .some(number)
    }
}

/// What came of it.
package enum ControlAnswer: Hashable, Sendable {
    /// A line for people about each thing that was done.
    case done([String])
    /// Why it was not done.
    case refused(String)
    /// The configuration is not followed, a line for each reason.
    case mistakes([String])
    /// It is for the leader to do, and none is known.
    case noLeader(String)
}

/// The document on the socket: `{"done":["…"]}` or `{"error":"…"}`, with `"mistakes":["…"]` where a configuration has some, and
/// with `"code":"no_leader"` where no leader is known.
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
        case .noLeader(let reason):
            JSONValue.object([.init("error", .string(reason)), .init("code", .string(Self.noLeaderCode))]).text
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
            self = value?["code"]?.string == Self.noLeaderCode ? .noLeader(plain(reason)) : .refused(plain(reason))
        } else {
            return nil
        }
    }

    private static let noLeaderCode = "no_leader"
}
