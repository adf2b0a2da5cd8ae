/// JSON as RFC 8259 wants it.
package enum JSON {
    package static func string(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars { quoted += escaped(scalar) }
        return quoted + "\""
    }

    package static func value(_ value: LogValue) -> String {
        switch value {
        case .text(let text): string(text)
        case .integer(let integer): "\(integer)"
        // JSON has no word for infinity or no number.
        case .number(let number): number.isFinite ? "\(number)" : "null"
        case .flag(let flag): "\(flag)"
        case .list(let texts): "[\(texts.map(string).joined(separator: ","))]"
        }
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\"": "\\\""
        case "\\": "\\\\"
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        default: Escape.isNeeded(scalar) ? Escape.unicode(scalar) : String(scalar)
        }
    }
}

/// Characters that must not reach a line as they are.
enum Escape {
    /// Control characters of both ranges, DEL, and the two separators that some readers take for line ends: what could
    /// make two lines of one or drive a terminal.
    static func isNeeded(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || scalar.value == 0x2028 || scalar.value == 0x2029
    }

    /// All that need it lie in the Basic Multilingual Plane.
    static func unicode(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
}
