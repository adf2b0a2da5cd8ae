import Net

/// How a kind of value is written: the words for it, how it is read, and what was probably meant by a wrong one.
struct Form<Value> {
    let words: String
    let parse: (String) -> Value?
    let meant: (String) -> String?

    init(_ words: String, meant: @escaping (String) -> String? = { _ in nil }, parse: @escaping (String) -> Value?) {
        self.words = words
        self.parse = parse
        self.meant = meant
    }
}

extension Form where Value == String {
    /// Names of nodes and groups.
    static var name: Form {
        Form("a name of 1 to 63 letters, digits, dots, dashes or underscores") { isName($0) ? $0 : nil }
    }

    static var absolutePath: Form {
        Form("an absolute path like /var/lib/vip-switch") { text in
            text.hasPrefix("/") && !text.hasSuffix("/") && text.utf8.count < 4096 && !hasControls(text) ? text : nil
        }
    }

    /// The same for a folder, where a slash at the end does no harm.
    static var absoluteFolder: Form {
        Form(absolutePath.words) { text in
            absolutePath.parse(text.hasSuffix("/") ? String(text.dropLast()) : text)
        }
    }

    /// `sun_path` of unix(7) holds 107 bytes and a zero.
    static var socketPath: Form {
        Form("an absolute path of at most 107 bytes") { text in
            text.utf8.count <= 107 ? absolutePath.parse(text) : nil
        }
    }

    /// `dev_valid_name()` of the kernel: 1 to 15 bytes, no slash, colon or white space, neither `.` nor `..`.
    static var interface: Form {
        Form("the name of an interface like eth0, of at most 15 letters") { text in
            let isValid =
                (1...15).contains(text.utf8.count) && text != "." && text != ".."
                && text.utf8.allSatisfy {
                    $0 > 0x20 && $0 != 0x7f && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: ":")
                }
            return isValid ? text : nil
        }
    }

    /// A name that a shell can read as well.
    static var variableName: Form {
        Form("a name of letters, digits and underscores that begins with no digit") { text in
            let isValid =
                (1...128).contains(text.utf8.count) && text.utf8.first.map(isDigit) == false
                && text.utf8.allSatisfy { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "_") }
            return isValid ? text : nil
        }
    }
}

extension Form where Value == Bool {
    static var truth: Form {
        Form("true or false", meant: Self.meantTruth) { ["true": true, "false": false][$0] }
    }

    /// What older YAML took for truth values.
    private static func meantTruth(_ text: String) -> String? {
        switch text.lowercased() {
        case "yes", "on", "y", "1", "true": "true"
        case "no", "off", "n", "0", "false": "false"
        default: suggestion(for: text, among: ["true", "false"])
        }
    }
}

extension Form where Value == Int {
    static func number(_ range: ClosedRange<Int>) -> Form {
        Form("a whole number from \(range.lowerBound) to \(range.upperBound)") { text in
            guard !text.isEmpty, text.utf8.allSatisfy(isDigit), let number = Int(text) else { return nil }
            return range.contains(number) ? number : nil
        }
    }
}

extension Form where Value: CaseIterable & RawRepresentable, Value.RawValue == String {
    static func oneOf(_ type: Value.Type) -> Form {
        let names = type.allCases.map(\.rawValue)
        return Form(either(names), meant: { suggestion(for: $0, among: names) }, parse: Value.init(rawValue:))
    }
}

extension Form where Value == Endpoint {
    /// A literal address with its port. A host name would make an election wait for a resolver.
    static func endpoint(resolving resolve: @escaping (String) -> String?) -> Form {
        Form("a literal address and its port like 192.168.1.10:7946", meant: { meantEndpoint($0, resolve) }) {
            Endpoint($0)
        }
    }

    private static func meantEndpoint(_ text: String, _ resolve: (String) -> String?) -> String? {
        if let address = IPAddress(text) { return Endpoint(address: address, port: 7946).description }
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        let host = String(text[..<colon])
        guard port > 0, let address = IPAddress(host) ?? resolved(host, resolve) else { return nil }
        return Endpoint(address: address, port: port).description
    }
}

extension Form where Value == Prefix {
    static func prefix(resolving resolve: @escaping (String) -> String?) -> Form {
        Form(
            "a literal address like 192.168.1.100/32 or 2001:db8::100/128",
            meant: { resolved($0, resolve)?.description }
        ) {
            Prefix($0)
        }
    }
}

/// The address of what looks like a host name.
private func resolved(_ text: String, _ resolve: (String) -> String?) -> IPAddress? {
    let isHostName =
        (1...253).contains(text.utf8.count) && text.utf8.contains(where: isLetter)
        && text.utf8.allSatisfy { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
    return isHostName ? resolve(text).flatMap { IPAddress($0) } : nil
}

func isName(_ text: String) -> Bool {
    (1...63).contains(text.utf8.count)
        && text.utf8.allSatisfy { isLetter($0) || isDigit($0) || "._-".utf8.contains($0) }
}

func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) }

func hasControls(_ text: String) -> Bool { text.utf8.contains { $0 < 0x20 || $0 == 0x7f } }
