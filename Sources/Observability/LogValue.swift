internal import Time

/// What a field of a log line holds.
package enum LogValue: Hashable, Sendable {
    case text(String)
    case integer(Int64)
    case number(Double)
    case flag(Bool)
    case list([String])

    /// Longer texts, in bytes, are cut, as are longer lists: what a field shows may come from outside.
    package static let longestText = 4096
    package static let mostItems = 64

    /// The value with its texts cut, and an ellipsis where something is missing.
    package func bounded(to longest: Int = longestText, items: Int = mostItems) -> LogValue {
        switch self {
        case .text(let text): .text(Self.cut(text, to: longest))
        case .list(let texts):
            .list(texts.prefix(items).map { Self.cut($0, to: longest) } + (texts.count > items ? ["…"] : []))
        case .integer, .number, .flag: self
        }
    }

    private static func cut(_ text: String, to longest: Int) -> String {
        guard text.utf8.count > longest else { return text }
        return String(decoding: text.utf8.prefix(longest), as: UTF8.self) + "…"
    }

    /// Anything that describes itself.
    package init(_ value: some CustomStringConvertible) { self = .text(value.description) }

    package init(_ value: some BinaryInteger) {
        if let integer = Int64(exactly: value) { self = .integer(integer) } else { self = .text("\(value)") }
    }

    /// In milliseconds, to the microsecond.
    package init(_ interval: Duration) { self = .number((interval.milliseconds * 1000).rounded() / 1000) }
}

extension LogValue: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    package init(stringLiteral value: String) { self = .text(value) }
}

extension LogValue: ExpressibleByIntegerLiteral {
    package init(integerLiteral value: Int64) { self = .integer(value) }
}

extension LogValue: ExpressibleByBooleanLiteral {
    package init(booleanLiteral value: Bool) { self = .flag(value) }
}
