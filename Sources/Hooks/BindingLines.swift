internal import Linux

/// Lines of a script that put a VIP on, take it off or announce it, as hooks of other programs must. Here the agent does that
/// itself, and the lines are at best for nothing: without privilege they fail, with it they put on what is taken off at once.
package struct BindingLines: Hashable, Sendable {
    package struct Line: Hashable, Sendable {
        /// From 1.
        package var number: Int
        /// As it stands there, without the blanks around it.
        package var text: String
    }

    package let path: String
    package let lines: [Line]

    private static let largest = 1 << 20
    private static let most = 50

    /// Empty for what is no script or cannot be read.
    package init(ofScriptAt path: String) {
        let bytes = (try? RegularFile.read(path, limit: Self.largest).bytes) ?? []
        self.init(path: path, text: bytes.starts(with: "#!".utf8) ? String(decoding: bytes, as: UTF8.self) : "")
    }

    init(path: String, text: String) {
        self.path = path
        // By bytes: to a String a carriage return and a newline are one character.
        let all = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Substring.init)
        let found = all.enumerated().lazy.filter { Self.binds($0.element) }.prefix(Self.most)
        lines = found.map { Line(number: $0.offset + 1, text: Self.trimmed($0.element)) }
    }
}

extension BindingLines {
    private static func binds(_ line: Substring) -> Bool {
        if trimmed(line).hasPrefix("#") { return false }
        return commands(in: line).contains(where: isBinding)
    }

    /// The words of each command in a line, as far as that can be told without being a shell.
    private static func commands(in line: Substring) -> [[Substring]] {
        line.split { ";|&()`{}\"'".contains($0) }.map { $0.split { $0 == " " || $0 == "\t" } }
    }

    private static func isBinding(_ words: [Substring]) -> Bool {
        words.indices.contains { index in
            let rest = words[(index + 1)...].drop { $0.hasPrefix("-") }
            return switch words[index].split(separator: "/").last {
            case "ip": isAddressChange(rest)
            case "ifconfig": rest.count > 1
            case "arping", "send_arp", "ndsend", "arpsend", "garp": !rest.isEmpty || index + 1 < words.count
            case nil, .some: false
            }
        }
    }

    /// ip(8) takes any beginning of its words.
    private static func isAddressChange(_ words: ArraySlice<Substring>) -> Bool {
        guard let object = words.first, let verb = words.dropFirst().first else { return false }
        let verbs = ["add", "replace", "change", "append", "delete", "flush"]
        return "address".hasPrefix(object) && verbs.contains { $0.hasPrefix(verb) }
    }

    private static func trimmed(_ line: Substring) -> String {
        let blanks: Set<Character> = [" ", "\t", "\r"]
        let start = line.drop { blanks.contains($0) }
        let end = start.lastIndex { !blanks.contains($0) }
        return end.map { String(start[...$0]) } ?? ""
    }
}
