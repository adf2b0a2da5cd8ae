/// Cuts a script into blocks, line by line, so that each can be run as soon as it is complete.
///
/// The grammar is that of the tests of etcd's raft: comments begin with `#`; a command, which `\` at the end of a line
/// continues; lines of input; `----`; the expected output up to a blank line. Output with blank lines in it stands
/// between two `----` and two `----`. A block without `----` ends at a blank line, so input has none.
package struct ScriptReader {
    static let separator = "----"

    private enum Place {
        case outside
        /// Behind a `\`.
        case command
        case input
        /// Behind the first `----`.
        case output
        case expected
        /// Behind the second `----` at once.
        case wide
        /// Behind a `----` in there: one more ends it.
        case wideEnd
        /// A blank line belongs here.
        case wideEnded
    }

    private var place = Place.outside
    /// The line that was read last, counted from 1.
    package private(set) var line = 0
    private var preamble: [String] = []
    private var block: ScriptBlock?

    package init() {}

    /// Takes the next line, and returns the block that it completes.
    package mutating func take(_ text: String) throws(ScriptFault) -> ScriptBlock? {
        line += 1
        let isSeparator = text.trimmed == Self.separator
        switch place {
        case .outside: try begin(text, isSeparator)
        case .command: goOn(text)
        case .input where isSeparator: place = .output
        case .input where text.isBlank: return end()
        case .input: block?.input.append(text)
        case .output where isSeparator: expect([], place: .wide)
        case .output where text.isBlank: return end()
        case .output: expect([text], place: .expected)
        case .expected where text.isBlank: return end()
        case .expected: block?.expected?.append(text)
        case .wide where isSeparator: place = .wideEnd
        case .wide: block?.expected?.append(text)
        case .wideEnd where isSeparator: return end(at: .wideEnded)
        case .wideEnd: expect((block?.expected ?? []) + [Self.separator, text], place: .wide)
        case .wideEnded:
            place = .outside
            guard text.isBlank else {
                throw ScriptFault("expected a blank line behind the two ---- that end an output")
            }
        }
        return nil
    }

    /// The script is over: the last block, if no blank line has ended it.
    package mutating func finish() throws(ScriptFault) -> ScriptBlock? {
        switch place {
        case .outside, .wideEnded: return nil
        case .wide, .wideEnd:
            place = .outside
            throw ScriptFault("the output that begins with two ---- is not ended by two")
        case .command, .input, .output, .expected: return end()
        }
    }

    /// What stands behind the last block.
    package var remainder: [String] { preamble }

    private mutating func begin(_ text: String, _ isSeparator: Bool) throws(ScriptFault) {
        if isSeparator { throw ScriptFault("---- without a command before it") }
        guard !text.isBlank, !text.trimmed.hasPrefix("#") else { return preamble.append(text) }
        block = ScriptBlock(line: line, preamble: preamble, directive: [])
        preamble = []
        goOn(text)
    }

    private mutating func goOn(_ text: String) {
        block?.directive.append(text)
        place = text.trimmed.hasSuffix("\\") ? .command : .input
    }

    private mutating func expect(_ lines: [String], place: Place) {
        block?.expected = lines
        self.place = place
    }

    private mutating func end(at place: Place = .outside) -> ScriptBlock? {
        self.place = place
        defer { block = nil }
        return block
    }
}
