/// Cuts a stream of bytes into lines of bounded length.
package struct LineSplitter: Hashable, Sendable {
    /// A longer line is handed on in pieces.
    package static let longestLine = 4096

    private var rest: [UInt8] = []

    package init() {}

    /// The lines that `bytes` completes.
    package mutating func add(_ bytes: [UInt8]) -> [String] {
        var lines: [String] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                lines.append(take())
            } else {
                rest.append(byte)
                if rest.count == Self.longestLine { lines.append(take()) }
            }
        }
        return lines
    }

    /// What came after the last newline, at the end of the stream.
    package mutating func finish() -> [String] {
        rest.isEmpty ? [] : [take()]
    }

    private mutating func take() -> String {
        if rest.last == UInt8(ascii: "\r") { rest.removeLast() }
        defer { rest = [] }
        return String(decoding: rest, as: UTF8.self)
    }
}
