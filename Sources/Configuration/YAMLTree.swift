/// A value of a YAML document and where it stands.
struct Node: Hashable, Sendable {
    indirect enum Content: Hashable, Sendable {
        case empty
        case scalar(String)
        case list([Node])
        case mapping([Entry])
        /// An alias or the like: reported already, and read as nothing.
        case refused
    }

    struct Entry: Hashable, Sendable {
        var key: String
        var position: Position
        var value: Node
    }

    var position: Position
    var content: Content

    static func refused(at position: Position) -> Node { Node(position: position, content: .refused) }

    /// The deepest nesting that is read; a configuration has some five levels.
    static let deepest = 16
}

/// Builds the tree of the one document that a file may hold.
///
/// Anchors, aliases and tags are refused: nothing here needs them, and they are how a small file becomes a huge one.
struct TreeBuilder {
    private let events: YAMLEvents
    /// What is refused though it is YAML, to be reported together with all else.
    private(set) var refusals: [YAMLSyntaxError] = []

    private let directive: Position?

    init(_ bytes: [UInt8]) {
        events = YAMLEvents(bytes)
        directive = Self.firstDirective(in: bytes)
    }

    /// The document's value; nil for a file without any.
    mutating func document() throws(YAMLSyntaxError) -> Node? {
        // libyaml compares each %TAG with all before it: two megabytes of them would take a minute.
        if let directive { throw YAMLSyntaxError(position: directive, text: "a directive (%NAME); expected none") }
        guard try events.next().event == .documentStart else { return nil }
        let (event, position) = try events.next()
        let root = try node(event, at: position, depth: 0)
        _ = try events.next()
        let (end, further) = try events.next()
        if end != .streamEnd { refuse("a second document; expected one in a file", at: further) }
        return root
    }

    /// A percent sign at the start of a line, whichever of YAML's line ends comes before it.
    private static func firstDirective(in bytes: [UInt8]) -> Position? {
        var (line, previous) = (1, Unicode.Scalar("\n"))
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            let isAtStart = ["\n", "\r", "\u{85}", "\u{2028}", "\u{2029}", "\u{feff}"].contains(previous)
            if isAtStart, scalar == "%" { return Position(line: line, column: 1) }
            if scalar == "\n" { line += 1 }
            previous = scalar
        }
        return nil
    }

    private mutating func node(_ event: YAMLEvent, at position: Position, depth: Int) throws(YAMLSyntaxError) -> Node {
        guard depth < Node.deepest else {
            throw YAMLSyntaxError(position: position, text: "nested deeper than \(Node.deepest) levels")
        }
        switch event {
        case .scalar(let text, let isPlain, let decoration):
            check(decoration, at: position)
            let isEmpty = isPlain && ["", "~", "null", "Null", "NULL"].contains(text)
            return Node(position: position, content: isEmpty ? .empty : .scalar(text))
        case .listStart(let decoration):
            check(decoration, at: position)
            return Node(position: position, content: .list(try list(depth: depth + 1)))
        case .mappingStart(let decoration):
            check(decoration, at: position)
            return Node(position: position, content: .mapping(try mapping(depth: depth + 1)))
        case .alias:
            refuse("an alias (*name); expected the value itself", at: position)
            return .refused(at: position)
        case .documentStart, .documentEnd, .streamEnd, .listEnd, .mappingEnd:
            // libyaml yields these only where they close what was opened.
            throw YAMLSyntaxError(position: position, text: "a value is missing")
        }
    }

    private mutating func list(depth: Int) throws(YAMLSyntaxError) -> [Node] {
        var nodes: [Node] = []
        while true {
            let (event, position) = try events.next()
            if event == .listEnd { return nodes }
            nodes.append(try node(event, at: position, depth: depth))
        }
    }

    private mutating func mapping(depth: Int) throws(YAMLSyntaxError) -> [Node.Entry] {
        var entries: [Node.Entry] = []
        while true {
            let (event, position) = try events.next()
            if event == .mappingEnd { return entries }
            let key = try node(event, at: position, depth: depth)
            let (valueEvent, valuePosition) = try events.next()
            let value = try node(valueEvent, at: valuePosition, depth: depth)
            switch key.content {
            case .scalar(let text): entries.append(Node.Entry(key: text, position: position, value: value))
            case .empty, .list, .mapping: refuse("a key that is no word; expected a name", at: position)
            case .refused: break
            }
        }
    }

    private mutating func check(_ decoration: YAMLDecoration, at position: Position) {
        if decoration.contains(.anchor) { refuse("an anchor (&name); expected the value alone", at: position) }
        if decoration.contains(.tag) { refuse("a tag (!name); expected the value alone", at: position) }
    }

    private mutating func refuse(_ text: String, at position: Position) {
        refusals.append(YAMLSyntaxError(position: position, text: text))
    }
}
