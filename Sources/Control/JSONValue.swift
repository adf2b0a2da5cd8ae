import Observability

/// A JSON value (RFC 8259); members keep their order.
package indirect enum JSONValue: Hashable, Sendable {
    case null
    case boolean(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([Member])

    package struct Member: Hashable, Sendable {
        package var name: String
        package var value: JSONValue

        package init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }
}

extension JSONValue {
    /// On one line, without blanks.
    package var text: String {
        var text = ""
        write(to: &text)
        return text
    }

    private func write(to text: inout String) {
        switch self {
        case .null: text += "null"
        case .boolean(let flag): text += flag ? "true" : "false"
        case .integer(let integer): text += String(integer)
        // JSON has no word for infinity or no number.
        case .number(let number): text += number.isFinite ? String(number) : "null"
        case .string(let string): text += JSON.string(string)
        case .array(let values): Self.write(values, "[", "]", to: &text) { value, text in value.write(to: &text) }
        case .object(let members):
            Self.write(members, "{", "}", to: &text) { member, text in
                text += JSON.string(member.name) + ":"
                member.value.write(to: &text)
            }
        }
    }

    private static func write<Item>(
        _ items: [Item],
        _ opening: String,
        _ closing: String,
        to text: inout String,
        _ body: (Item, inout String) -> Void
    ) {
        text += opening
        for (index, item) in items.enumerated() {
            if index > 0 { text += "," }
            body(item, &text)
        }
        text += closing
    }
}

extension JSONValue {
    /// The member of that name; nil for what is no object, and for `null`.
    package subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self, let member = members.first(where: { $0.name == name }) else {
            return nil
        }
        return member.value == .null ? nil : member.value
    }

    package var string: String? { if case .string(let string) = self { string } else { nil } }
    package var boolean: Bool? { if case .boolean(let flag) = self { flag } else { nil } }
    package var array: [JSONValue]? { if case .array(let values) = self { values } else { nil } }
    package var members: [Member]? { if case .object(let members) = self { members } else { nil } }

    package var integer: Int64? { if case .integer(let integer) = self { integer } else { nil } }

    package var number: Double? {
        switch self {
        case .integer(let integer): Double(integer)
        case .number(let number): number
        case .null, .boolean, .string, .array, .object: nil
        }
    }
}
