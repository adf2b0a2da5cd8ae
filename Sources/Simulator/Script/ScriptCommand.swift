/// A command line in its parts: the command's name, then words, `key=value` and `key=(a,b,c)` in any order.
package struct ScriptCommand: Hashable, Sendable {
    package struct Argument: Hashable, Sendable {
        package let key: String
        /// Nil for a word that stands alone.
        package let values: [String]?
    }

    package let name: String
    package let arguments: [Argument]

    package init(_ line: String) throws(ScriptFault) {
        var rest = line.trimmed[...]
        name = Self.take(&rest) { $0 == " " }
        var arguments: [Argument] = []
        while true {
            rest = rest.drop { $0 == " " }
            if rest.isEmpty { break }
            let key = Self.take(&rest) { $0 == " " || $0 == "=" }
            guard !key.isEmpty else { throw ScriptFault("expected a word before '\(rest)'") }
            arguments.append(Argument(key: key, values: try Self.values(&rest)))
        }
        self.arguments = arguments
    }

    private static func values(_ rest: inout Substring) throws(ScriptFault) -> [String]? {
        guard rest.first == "=" else { return nil }
        rest = rest.dropFirst()
        guard rest.first == "(" else { return [take(&rest) { $0 == " " }] }
        var depth = 0
        var values = [""]
        while let character = rest.popFirst() {
            switch character {
            case "(": depth += 1
            case ")": depth -= 1
            default: break
            }
            if depth == 0 { return values == [""] ? [] : values.map(\.trimmed) }
            switch (depth, character) {
            case (1, ","): values.append("")
            case (1, "("): break
            default: values[values.count - 1].append(character)
            }
        }
        throw ScriptFault("a ')' is missing")
    }

    private static func take(_ rest: inout Substring, until isEnd: (Character) -> Bool) -> String {
        let word = rest.prefix { !isEnd($0) }
        rest = rest[word.endIndex...]
        return String(word)
    }
}

/// The arguments of a command as they are asked for one by one; what is left in the end was not understood.
struct ScriptArguments {
    private let name: String
    private var rest: [ScriptCommand.Argument]

    init(_ command: ScriptCommand) {
        name = command.name
        rest = command.arguments
    }

    /// Nil when the key is not there.
    mutating func values(_ key: String) throws(ScriptFault) -> [String]? {
        let found = rest.filter { $0.key == key && $0.values != nil }
        guard found.count <= 1 else { throw ScriptFault("\(key)= is there twice") }
        rest.removeAll { $0.key == key && $0.values != nil }
        return found.first?.values
    }

    mutating func value(_ key: String) throws(ScriptFault) -> String? {
        guard let values = try values(key) else { return nil }
        guard let value = values.first, values.count == 1, !value.isEmpty else {
            throw ScriptFault("\(key)= takes one value, found (\(values.joined(separator: ",")))")
        }
        return value
    }

    mutating func numbers(_ key: String) throws(ScriptFault) -> [UInt64]? {
        guard let values = try values(key) else { return nil }
        var numbers: [UInt64] = []
        for value in values { numbers.append(try Self.number(value, of: "\(key)=")) }
        return numbers
    }

    mutating func number(_ key: String) throws(ScriptFault) -> UInt64? {
        guard let value = try value(key) else { return nil }
        return try Self.number(value, of: "\(key)=")
    }

    /// The next word that stands alone; nil when there is none.
    mutating func word() -> String? {
        guard let index = rest.firstIndex(where: { $0.values == nil }) else { return nil }
        return rest.remove(at: index).key
    }

    /// Whether this word is there.
    mutating func flag(_ word: String) -> Bool {
        guard let index = rest.firstIndex(where: { $0.key == word && $0.values == nil }) else { return false }
        rest.remove(at: index)
        return true
    }

    mutating func word(_ meaning: String) throws(ScriptFault) -> String {
        guard let word = word() else { throw ScriptFault("\(name) needs \(meaning)") }
        return word
    }

    /// Complains of what nobody has asked for.
    func finish() throws(ScriptFault) {
        guard let first = rest.first else { return }
        throw ScriptFault("\(name) takes no '\(first.key)\(first.values == nil ? "" : "=")'")
    }

    static func number(_ text: String, of place: String) throws(ScriptFault) -> UInt64 {
        guard let number = UInt64(text) else { throw ScriptFault("\(place) takes whole numbers, found '\(text)'") }
        return number
    }
}
