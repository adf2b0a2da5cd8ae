package import Net

/// A key file while its key is being changed, line by line, so that comments stay where they are.
///
/// The key is changed in three steps, each of them on every node before the next one begins: `add` (the new key opens),
/// `first` (it seals, and the old one still opens), `drop` (the old one is gone). Two nodes that are one step apart
/// understand each other; so nothing is lost while the step is made on one node after the other.
package struct KeyFile: Hashable, Sendable {
    package enum Step: String, Hashable, Sendable, CaseIterable {
        case add, first, drop
    }

    /// Why the step cannot be made.
    package enum Fault: Error, Hashable, Sendable {
        case malformed(Malformed)
        case hasTwo
        case hasOne
        case hasMore(Int)
    }

    private var lines: [String]
    package private(set) var secrets: [ClusterSecret]

    package init(parsing text: String) throws(Malformed) {
        secrets = try ClusterSecret.parse(text)
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last == "" { lines.removeLast() }
    }

    package var text: String { lines.map { $0 + "\n" }.joined() }

    package mutating func take(_ step: Step, newKey: () -> ClusterSecret = ClusterSecret.generate) throws(Fault) {
        let places = lines.indices.filter { ClusterSecret.isKey(line: lines[$0]) }
        guard secrets.count <= 2 else { throw .hasMore(secrets.count) }
        switch step {
        case .add:
            guard secrets.count == 1 else { throw .hasTwo }
            let key = newKey()
            lines.append(key.text)
            secrets.append(key)
        case .first:
            guard secrets.count == 2 else { throw .hasOne }
            lines.swapAt(places[0], places[1])
            secrets.swapAt(0, 1)
        case .drop:
            guard secrets.count == 2 else { throw .hasOne }
            lines.remove(at: places[1])
            secrets.removeLast()
        }
    }
}

extension ClusterSecret {
    static func isKey(line: String) -> Bool {
        let text = line.filter { !$0.isWhitespace }
        return !text.isEmpty && !text.hasPrefix("#")
    }

    /// `3f2a09c1`: what tells it from others, and says nothing about it.
    package var name: String {
        let digits = String(keyID, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    /// Why somebody might guess it; nil for one that looks like chance, as `keygen` makes them.
    package var weakness: String? {
        let values = text.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
        let bytes = stride(from: 0, to: values.count - 1, by: 2).map { values[$0] << 4 | values[$0 + 1] }
        if self == .insecure { return "it is the one that everybody knows" }
        let steps = Set(zip(bytes, bytes.dropFirst()).map { ($1 - $0) & 0xff })
        if steps.count == 1, steps != [0] { return "its bytes are a row" }
        // That is so by chance once in 10^13 keys.
        if bytes.allSatisfy({ (0x20...0x7e).contains($0) }) { return "it is a text in hexadecimal digits" }
        // Of 32 random bytes some 30 differ; fewer than 16 do not come by chance.
        if Set(bytes).count < 16 { return "its bytes repeat" }
        return nil
    }
}
