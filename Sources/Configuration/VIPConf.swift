import Net

/// `vip.conf`: lines of `KEY=VALUE` as a shell would source them, which we never do.
struct VIPConf {
    var vip: Draft.VIP
    var count: Int?
    var interval: Duration?
    var ledger: Ledger

    static func read(_ file: TextFile, resolving resolve: @escaping (String) -> String?) -> VIPConf {
        let ledger = Ledger(path: file.path, overrides: [:], resolve: resolve)
        var section = Section(path: "", entries: entries(of: file, ledger), ledger: ledger)
        let address = section.field("VIP_ADDRESS")
        let vip = Draft.VIP(
            path: address.path,
            prefix: address.require(.prefix(resolving: resolve)),
            interface: section.field("INTERFACE").require(.interface)
        )
        let count = section.field("ARP_COUNT").read(.number(1...20))
        let delay = section.field("ARP_DELAY_MS").read(.number(10...10000))
        section.finish()
        return VIPConf(vip: vip, count: count, interval: delay.map { .milliseconds($0) }, ledger: ledger)
    }

    private static func entries(of file: TextFile, _ ledger: Ledger) -> [Node.Entry] {
        guard file.bytes.count <= Configuration.largestFile else {
            ledger.error(at: .wholeFile(file.path), "larger than 2 MiB; expected a vip.conf")
            return []
        }
        let lines = file.bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        return lines.enumerated().compactMap { entry(of: $0.element, number: $0.offset + 1, ledger) }
    }

    private static func entry(of bytes: ArraySlice<UInt8>, number: Int, _ ledger: Ledger) -> Node.Entry? {
        var line = ShellLine(text: Array(String(decoding: bytes, as: UTF8.self).unicodeScalars), number: number)
        do {
            return try line.entry()
        } catch {
            ledger.error(at: error.position, error.text)
            // The key is there, so it is not reported as missing on top of that.
            return line.key.map { Node.Entry(key: $0, position: error.position, value: .refused(at: error.position)) }
        }
    }
}

/// One line, read from left to right.
private struct ShellLine {
    struct Mistake: Error {
        var position: Position
        var text: String
    }

    let text: [Unicode.Scalar]
    let number: Int
    /// Once it has been read.
    private(set) var key: String?
    private var index = 0

    private static let words = "KEY=VALUE with a plain or quoted value"

    init(text: [Unicode.Scalar], number: Int) {
        self.text = text
        self.number = number
    }

    /// Nil for a line of nothing but blanks and a comment.
    mutating func entry() throws(Mistake) -> Node.Entry? {
        skipBlanks()
        if isAtEnd { return nil }
        let (name, keyPosition) = try assignedName()
        key = name
        let valuePosition = position
        let value = try value(at: valuePosition)
        skipBlanks()
        guard isAtEnd else {
            throw Mistake(position: position, text: "more text behind the value; expected \(Self.words)")
        }
        let node = Node(position: valuePosition, content: value.isEmpty ? .empty : .scalar(value))
        return Node.Entry(key: name, position: keyPosition, value: node)
    }

    /// The name before the equals sign; an `export` before it means nothing here.
    private mutating func assignedName() throws(Mistake) -> (String, Position) {
        var start = position
        var name = string(takeWhile(isWordScalar))
        if name == "export", let scalar = next, isBlank(scalar) {
            skipBlanks()
            start = position
            name = string(takeWhile(isWordScalar))
        }
        guard !name.isEmpty, next == "=" else {
            throw Mistake(position: start, text: "no assignment; expected \(Self.words), or a comment behind #")
        }
        index += 1
        return (name, start)
    }

    private mutating func value(at start: Position) throws(Mistake) -> String {
        guard let quote = next, quote == "\"" || quote == "'" else {
            return try Self.literal(takeWhile { !isBlank($0) && !["#", "\"", "'"].contains($0) }, at: start)
        }
        index += 1
        let inner = takeWhile { $0 != quote }
        guard next == quote else {
            throw Mistake(position: start, text: "the quote is not closed; expected \(Self.words)")
        }
        index += 1
        return quote == "'" ? string(inner) : try Self.literal(inner, at: start)
    }

    /// What a shell would expand means nothing here: nobody runs this file.
    private static func literal(_ scalars: [Unicode.Scalar], at start: Position) throws(Mistake) -> String {
        if let found = scalars.first(where: { "$`\\;&|<>()".unicodeScalars.contains($0) }) {
            let text = "\(quoted(String(found))) in a value; expected a literal: the file is read, never run"
            throw Mistake(position: start, text: text)
        }
        return string(scalars)
    }

    private var position: Position { Position(line: number, column: index + 1) }
    private var next: Unicode.Scalar? { index < text.count ? text[index] : nil }
    private var isAtEnd: Bool { next == nil || next == "#" }

    private mutating func skipBlanks() { _ = takeWhile(isBlank) }

    private mutating func takeWhile(_ accepts: (Unicode.Scalar) -> Bool) -> [Unicode.Scalar] {
        let start = index
        while let scalar = next, accepts(scalar) { index += 1 }
        return Array(text[start..<index])
    }
}

private func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar == " " || scalar == "\t" || scalar == "\r" }

private func isWordScalar(_ scalar: Unicode.Scalar) -> Bool {
    guard let byte = UInt8(exactly: scalar.value) else { return false }
    return isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: "_")
}

private func string(_ scalars: [Unicode.Scalar]) -> String {
    var string = String.UnicodeScalarView()
    string.append(contentsOf: scalars)
    return String(string)
}
