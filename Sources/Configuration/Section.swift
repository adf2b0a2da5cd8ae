/// One mapping while it is read. It remembers which keys were asked for; what is left at the end is unknown.
struct Section {
    /// Empty for the file as a whole.
    let path: String
    private let ledger: Ledger
    private let entries: [String: Node.Entry]
    /// All that were written, in their order.
    let keys: [String]
    private var asked: [String] = []
    private var unavailable: Set<String> = []

    init(path: String, entries: [Node.Entry], ledger: Ledger) {
        var first: [String: Node.Entry] = [:]
        var keys: [String] = []
        for entry in entries {
            if let earlier = first[entry.key] {
                ledger.error(at: entry.position, Self.twice(entry.key, earlier.position))
            } else {
                first[entry.key] = entry
                keys.append(entry.key)
            }
        }
        self.path = path
        self.ledger = ledger
        self.entries = first
        self.keys = keys
    }

    /// The setting of that name, given or not.
    mutating func field(_ key: String) -> Field {
        asked.append(key)
        let name = path.isEmpty ? key : "\(path).\(key)"
        return Field(path: name, entry: entries[key], ledger: ledger)
    }

    /// A key of a later version.
    mutating func refuse(_ key: String) {
        unavailable.insert(key)
        guard let entry = entries[key] else { return }
        let name = path.isEmpty ? key : "\(path).\(key)"
        ledger.error(at: entry.position, "\(name) is not available yet; expected a file without it")
    }

    /// Reports what nobody asked for.
    consuming func finish() {
        let known = Set(asked).union(unavailable)
        for key in keys where !known.contains(key) {
            guard let entry = entries[key] else { continue }
            ledger.error(at: entry.position, ledger.isFull ? "" : unknown(key))
        }
    }

    private func unknown(_ key: String) -> String {
        let place = path.isEmpty ? "" : " in \(path)"
        let hint = suggestion(for: key, among: asked + unavailable.sorted()).map { "; did you mean \($0)" } ?? ""
        return "unknown key \(quoted(key))\(place); expected \(either(asked))\(hint)"
    }

    private static func twice(_ key: String, _ first: Position) -> String {
        "\(quoted(key)) is given twice, first in line \(first.line); expected it once"
    }
}

/// One setting while it is read.
struct Field {
    let path: String
    private let node: Node?
    private let ledger: Ledger

    init(path: String, entry: Node.Entry?, ledger: Ledger) {
        self.path = path
        self.ledger = ledger
        node = entry?.value
        if let entry { ledger.note(path, at: entry.value.isCollection ? entry.position : entry.value.position) }
    }

    /// An item of a list.
    init(path: String, item: Node, ledger: Ledger) {
        self.path = path
        self.ledger = ledger
        node = item
        ledger.note(path, at: item.position)
    }

    var isGiven: Bool {
        node != nil || ledger.overrides[path] != nil || ledger.overridesBelow(path) || ledger.catalogue != nil
    }

    /// A value that stands above the file takes the place of a mapping in it.
    var isMapping: Bool {
        if let catalogue = ledger.catalogue { return catalogue.pass == .mappings }
        if ledger.overrides[path] != nil { return false }
        if case .mapping = node?.content { return true }
        return ledger.overridesBelow(path)
    }

    var isScalar: Bool { if case .scalar = node?.content { true } else { false } }

    /// The value, which flags and environment override; nil where there is none or it is wrong, which is reported.
    ///
    /// - Parameter replacing: Whether what stands above the file may stand in the place of a mapping.
    func read<Value>(_ form: Form<Value>, replacing: Bool = false) -> Value? {
        ledger.catalogue?.note(path, form.words)
        let isReplaced = if case .mapping = node?.content { replacing && ledger.overrides[path] != nil } else { false }
        let written = isReplaced ? nil : node.flatMap { read($0, form) }
        guard let override = ledger.overrides[path] else { return written }
        ledger.note(path, at: override.origin)
        return read(override.text, form)
    }

    func read<Value>(_ form: Form<Value>, default fallback: Value) -> Value { read(form) ?? fallback }

    /// As `read(_:)`, and reported where it is missing.
    func require<Value>(_ form: Form<Value>) -> Value? {
        if !isGiven { ledger.error(at: path, "\(path) is missing; expected \(form.words)") }
        return read(form)
    }

    /// The mapping that stands here, an empty one where nothing is written; nil where it is wrong, which is reported.
    ///
    /// - Parameter replacing: Whether values above the file may make a mapping of what is a scalar there.
    func section(_ words: String, replacing: Bool = false) -> Section? {
        switch node?.content {
        case nil: return Section(path: path, entries: [], ledger: ledger)
        case .scalar where replacing && isMapping: return Section(path: path, entries: [], ledger: ledger)
        case .refused: return nil
        case .mapping(let entries): return Section(path: path, entries: entries, ledger: ledger)
        case .empty: ledger.error(at: path, "\(path) is empty; expected \(words)")
        case .scalar(let text): ledger.error(at: path, "\(path) is \(quoted(text)); expected \(words)")
        case .list: ledger.error(at: path, "\(path) is a list; expected \(words)")
        }
        return nil
    }

    /// The items of the list that stands here; nil where none does, which is reported.
    func list(_ words: String) -> [Field]? {
        switch node?.content {
        case nil, .refused: return nil
        case .list(let items):
            return items.enumerated().map { Field(path: "\(path)[\($0.offset)]", item: $0.element, ledger: ledger) }
        case .empty: ledger.error(at: path, "\(path) is empty; expected \(words)")
        case .scalar(let text): ledger.error(at: path, "\(path) is \(quoted(text)); expected \(words)")
        case .mapping: ledger.error(at: path, "\(path) is a mapping; expected \(words)")
        }
        return nil
    }

    /// Takes only what the program does by now; other values are those of a later version, or wrong.
    func allow(_ present: String, later: [String]) {
        let form = Form(present, meant: { suggestion(for: $0, among: [present]) }) { text in
            text == present || later.contains(text) ? text : nil
        }
        guard let text = read(form), text != present else { return }
        ledger.error(at: path, "\(path): \(text) is not available yet; expected \(present)")
    }

    private func read<Value>(_ node: Node, _ form: Form<Value>) -> Value? {
        switch node.content {
        case .scalar(let text): return read(text, form)
        case .refused: return nil
        case .empty: ledger.error(at: path, "\(path) is empty; expected \(form.words)")
        case .list: ledger.error(at: path, "\(path) is a list; expected \(form.words)")
        case .mapping: ledger.error(at: path, "\(path) is a mapping; expected \(form.words)")
        }
        return nil
    }

    private func read<Value>(_ text: String, _ form: Form<Value>) -> Value? {
        if let value = form.parse(text) { return value }
        let hint = form.meant(text).map { "; did you mean \($0)" } ?? ""
        ledger.error(at: path, "\(path) is \(quoted(text)); expected \(form.words)" + hint)
        return nil
    }
}

extension Node {
    fileprivate var isCollection: Bool {
        switch content {
        case .list, .mapping: true
        case .empty, .scalar, .refused: false
        }
    }
}
