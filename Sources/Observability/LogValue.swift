internal import Time

/// What a field of a log line holds.
package enum LogValue: Hashable, Sendable {
    case text(String)
    case integer(Int64)
    case number(Double)
    case flag(Bool)
    case list([String])

    /// Longer texts are cut: what a field shows may come from outside.
    static let longestText = 4096

    /// The value with its texts cut to `longestText` bytes and an ellipsis.
    var bounded: LogValue {
        switch self {
        case .text(let text) where text.utf8.count > Self.longestText:
            .text(String(decoding: text.utf8.prefix(Self.longestText), as: UTF8.self) + "…")
        case .list(let texts) where texts.count > 64: .list(texts.prefix(64) + ["…"])
        case .text, .list, .integer, .number, .flag: self
        }
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
