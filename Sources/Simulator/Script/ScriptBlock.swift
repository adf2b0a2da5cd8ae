/// One block of a script: a command, what it is given, and what should come of it.
package struct ScriptBlock: Hashable, Sendable {
    /// Where the command stands, counted from 1.
    package internal(set) var line: Int
    /// The comments and blank lines before it.
    package internal(set) var preamble: [String]
    /// The command as it was written: several lines when `\` continues it.
    package internal(set) var directive: [String]
    package internal(set) var input: [String] = []
    /// Nil: nobody has said what should come of it.
    package internal(set) var expected: [String]?

    /// The command on one line.
    var command: String {
        directive.map { line in
            let text = line.trimmed
            return text.hasSuffix("\\") ? text.dropLast().trimmed : text
        }.joined(separator: " ")
    }

    /// The block as it is written when this comes of it, with the blank line that ends it.
    func written(with output: [String]) -> [String] {
        // A blank line would end the output, were it not held together by two separators on either side.
        let separators = Array(repeating: ScriptReader.separator, count: output.contains { $0.isBlank } ? 2 : 1)
        let end = separators.count == 2 ? separators : []
        return preamble + directive + input + separators + output + end + [""]
    }
}

/// What cannot be read or done, in words for whoever wrote the script.
package struct ScriptFault: Error, Hashable, Sendable {
    package let reason: String

    init(_ reason: String) { self.reason = reason }
}

extension StringProtocol {
    var isBlank: Bool { allSatisfy(\.isWhitespace) }

    /// Without the white space at both ends.
    var trimmed: String {
        let tail = drop(while: \.isWhitespace)
        guard let last = tail.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(tail[...last])
    }
}
