/// Bytes that libFuzzer made, taken apart from the front: what is missing is zero or empty, so that any bytes mean
/// something.
package struct FuzzInput {
    private var rest: ArraySlice<UInt8>

    /// What libFuzzer hands over.
    package init(_ start: UnsafePointer<UInt8>?, _ count: Int) {
        rest = unsafe Array(UnsafeBufferPointer(start: start, count: count))[...]
    }

    package var isAtEnd: Bool { rest.isEmpty }

    package mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

    package mutating func number() -> Int { Int(byte()) << 8 | Int(byte()) }

    package mutating func uint64() -> UInt64 { (0..<8).reduce(0) { number, _ in number << 8 | UInt64(byte()) } }

    /// The next bytes, behind their count in two bytes.
    package mutating func frame() -> [UInt8] {
        let count = number()
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    package mutating func remaining() -> [UInt8] {
        defer { rest = [] }
        return Array(rest)
    }

    /// Up to the first zero, which is left out.
    package mutating func text() -> [UInt8] {
        let text = rest.prefix { $0 != 0 }
        rest = rest.dropFirst(text.count + 1)
        return Array(text)
    }
}

/// Ends the run where a property does not hold, and says which: a `precondition` would be silent in a release build.
package func require(_ holds: Bool, _ text: @autoclosure () -> String) {
    if !holds { fatalError(text()) }
}
