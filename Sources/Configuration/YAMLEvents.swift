internal import CYAML

/// One step of a YAML document.
enum YAMLEvent: Hashable, Sendable {
    case documentStart
    case documentEnd
    case streamEnd
    case alias
    /// `isPlain` where the text stood without quotes.
    case scalar(String, isPlain: Bool, YAMLDecoration)
    case listStart(YAMLDecoration)
    case listEnd
    case mappingStart(YAMLDecoration)
    case mappingEnd
}

/// What YAML lets one hang on a value, and we refuse.
struct YAMLDecoration: OptionSet, Hashable, Sendable {
    let rawValue: UInt8
    static let anchor = YAMLDecoration(rawValue: 1)
    static let tag = YAMLDecoration(rawValue: 2)
}

/// Why a text is not YAML.
struct YAMLSyntaxError: Error, Hashable, Sendable {
    var position: Position
    var text: String
}

/// libyaml's event parser over bytes in memory.
@safe
final class YAMLEvents {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let text: UnsafeMutableBufferPointer<UInt8>

    init(_ bytes: [UInt8]) {
        unsafe text = .allocate(capacity: bytes.count)
        _ = unsafe text.initialize(fromContentsOf: bytes)
        unsafe parser = .allocate(capacity: 1)
        unsafe parser.initialize(to: yaml_parser_t())
        let result = unsafe yaml_parser_initialize(parser)
        precondition(result == 1, "out of memory")
        unsafe yaml_parser_set_input_string(parser, text.baseAddress, text.count)
        // Not guessed from a byte order mark: everything that we write and quote is UTF-8.
        unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    }

    deinit {
        unsafe yaml_parser_delete(parser)
        unsafe parser.deallocate()
        unsafe text.deallocate()
    }

    /// The next event and where it begins.
    func next() throws(YAMLSyntaxError) -> (event: YAMLEvent, position: Position) {
        var event = unsafe yaml_event_t()
        while true {
            guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw syntaxError() }
            defer { unsafe yaml_event_delete(&event) }
            let position = unsafe Position(event.start_mark)
            if let translated = unsafe Self.translate(event) { return (translated, position) }
        }
    }

    /// Nil for the start of the stream, which says nothing.
    private static func translate(_ event: yaml_event_t) -> YAMLEvent? {
        switch unsafe event.type {
        case YAML_DOCUMENT_START_EVENT: .documentStart
        case YAML_DOCUMENT_END_EVENT: .documentEnd
        case YAML_STREAM_END_EVENT: .streamEnd
        case YAML_ALIAS_EVENT: .alias
        case YAML_SCALAR_EVENT: unsafe scalar(event.data.scalar)
        case YAML_SEQUENCE_START_EVENT:
            unsafe .listStart(decoration(event.data.sequence_start.anchor, event.data.sequence_start.tag))
        case YAML_SEQUENCE_END_EVENT: .listEnd
        case YAML_MAPPING_START_EVENT:
            unsafe .mappingStart(decoration(event.data.mapping_start.anchor, event.data.mapping_start.tag))
        case YAML_MAPPING_END_EVENT: .mappingEnd
        default: nil
        }
    }

    private static func scalar(_ scalar: yaml_event_s.__Unnamed_union_data.__Unnamed_struct_scalar) -> YAMLEvent {
        let bytes = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
        return unsafe .scalar(
            String(decoding: bytes, as: UTF8.self),
            isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE,
            decoration(scalar.anchor, scalar.tag)
        )
    }

    private static func decoration(
        _ anchor: UnsafeMutablePointer<yaml_char_t>?,
        _ tag: UnsafeMutablePointer<yaml_char_t>?
    ) -> YAMLDecoration {
        unsafe [anchor == nil ? [] : .anchor, tag == nil ? [] : .tag]
    }

    /// libyaml's own words; for bytes that are not UTF-8 it gives an offset instead of a line.
    private func syntaxError() -> YAMLSyntaxError {
        let problem = unsafe parser.pointee.problem.map { unsafe String(cString: $0) } ?? "out of memory"
        if unsafe parser.pointee.error == YAML_READER_ERROR {
            return YAMLSyntaxError(position: unsafe position(ofByte: parser.pointee.problem_offset), text: problem)
        }
        let position = unsafe Position(parser.pointee.problem_mark)
        let context = unsafe parser.pointee.context.map { unsafe String(cString: $0) + ": " } ?? ""
        return YAMLSyntaxError(position: position, text: context + problem)
    }

    private func position(ofByte offset: Int) -> Position {
        let before = unsafe text.prefix(max(0, offset))
        let line = unsafe before.reduce(1) { $0 + ($1 == UInt8(ascii: "\n") ? 1 : 0) }
        let start = unsafe before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        let head = unsafe String(decoding: before[start...], as: UTF8.self)
        return Position(line: line, column: head.unicodeScalars.count + 1)
    }
}

extension Position {
    fileprivate init(_ mark: yaml_mark_t) {
        self.init(line: mark.line + 1, column: mark.column + 1)
    }
}
