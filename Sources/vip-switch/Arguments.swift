import Configuration

/// One option of a command.
struct Option: Sendable {
    /// With its dashes: `--config`.
    var name: String
    /// With its dash: `-c`.
    var short: String?
    /// What stands for the value in the help, `FILE`; nil for an option without one.
    var value: String?
    var isRequired: Bool
    /// What counts where the value is left out; nil for an option that needs one.
    var preset: String?
    var help: String

    init(
        _ name: String,
        short: String? = nil,
        value: String? = nil,
        isRequired: Bool = false,
        preset: String? = nil,
        help: String
    ) {
        self.name = name
        self.isRequired = isRequired
        self.preset = preset
        self.short = short
        self.value = value
        self.help = help
    }
}

/// A word without a name that a command takes.
struct Operand: Sendable {
    /// What stands for it in the help: `GROUP`.
    var name: String
    var isRequired: Bool
    var help: String

    init(_ name: String, isRequired: Bool = false, help: String) {
        self.name = name
        self.isRequired = isRequired
        self.help = help
    }

    var usage: String { isRequired ? name : "[\(name)]" }
}

/// Why the words of a command line make no sense.
struct UsageError: Error, Hashable, CustomStringConvertible {
    var description: String
}

/// The options that were given.
struct Arguments: Hashable, Sendable {
    private var values: [String: String] = [:]
    private var switches: Set<String> = []
    /// Those that were given, in their order.
    private(set) var operands: [String] = []
    /// The first of them; nil where none was given, or the command takes none.
    var operand: String? { operands.first }

    /// The value of an option.
    subscript(name: String) -> String? { values[name] }

    /// Whether an option without a value was given.
    func contains(_ name: String) -> Bool { switches.contains(name) }

    /// `--name value`, `--name=value`, `-n value`, and so many operands at most, wherever they stand.
    init(_ words: some Collection<String>, options: [Option], operands: [Operand] = []) throws(UsageError) {
        var rest = words[...]
        while let word = rest.popFirst() {
            if self.operands.count < operands.count, !word.hasPrefix("-") {
                self.operands.append(word)
                continue
            }
            let (name, attached) = Self.split(word)
            guard let option = options.first(where: { $0.name == name || $0.short == name }) else {
                throw Self.unknown(name, options)
            }
            guard values[option.name] == nil, !switches.contains(option.name) else {
                throw UsageError(description: "\(option.name) is given twice")
            }
            guard let placeholder = option.value else {
                if attached != nil { throw UsageError(description: "\(option.name) takes no value") }
                switches.insert(option.name)
                continue
            }
            let isLeftOut = attached == nil && option.preset != nil && rest.first?.hasPrefix("-") != false
            guard let value = attached ?? (isLeftOut ? option.preset : rest.popFirst()), !value.isEmpty else {
                throw UsageError(description: "\(option.name) needs a value: \(option.name) \(placeholder)")
            }
            values[option.name] = value
        }
        if let missing = options.first(where: { $0.isRequired && values[$0.name] == nil }) {
            throw UsageError(description: "\(missing.name) is missing: \(missing.name) \(missing.value ?? "")")
        }
        if let missing = operands.dropFirst(self.operands.count).first(where: \.isRequired) {
            throw UsageError(description: "\(missing.name) is missing: \(missing.help)")
        }
    }

    private static func split(_ word: String) -> (name: String, value: String?) {
        guard word.hasPrefix("--"), let equals = word.firstIndex(of: "=") else { return (word, nil) }
        return (String(word[..<equals]), String(word[word.index(after: equals)...]))
    }

    private static func unknown(_ word: String, _ options: [Option]) -> UsageError {
        guard word.hasPrefix("-"), word != "-" else {
            return UsageError(description: "\(quoted(word)) is not expected here; expected an option")
        }
        let hint = suggestion(for: word, among: options.map(\.name)).map { "; did you mean \($0)?" } ?? ""
        return UsageError(description: "unknown option \(quoted(word))" + hint)
    }
}
