/// JSON as RFC 8259 wants it.
package enum JSON {
    package static func string(_ text: String) -> String {
        // Nearly all are: a hook may print megabytes.
        if text.utf8.allSatisfy(isPlain) { return "\"" + text + "\"" }
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

    /// Whether a byte of UTF-8 is no part of anything that is escaped; what is escaped beyond ASCII begins with C2 or E2.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case 0..<0x20, UInt8(ascii: "\""), UInt8(ascii: "\\"), 0x7F, 0xC2, 0xE2: false
        default: true
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
    /// Control characters of both ranges, DEL, the two separators that some readers take for line ends, and what turns the
    /// direction of writing: what could make two lines of one, drive a terminal, or show a line as what it is not.
    static func isNeeded(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F...0x9F, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    /// All that need it lie in the Basic Multilingual Plane.
    static func unicode(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
}
