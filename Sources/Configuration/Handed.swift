import Net
import Time

/// A value that one process hands to another of the same program: bytes in its own order of fields, without a version.
///
/// For what a child has parsed: the agent gets the finished value, and no heartbeat waits for the parsing of ten thousand VIPs.
protocol Handed {
    func write(to bytes: inout [UInt8])
    init(from source: inout HandedSource) throws(Malformed)
}

struct HandedSource {
    private let bytes: [UInt8]
    private var offset = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func next<Value: Handed>() throws(Malformed) -> Value { try Value(from: &self) }

    fileprivate mutating func take(_ count: Int) throws(Malformed) -> ArraySlice<UInt8> {
        guard count >= 0, bytes.count - offset >= count else {
            throw .truncated(needed: count, left: bytes.count - offset)
        }
        defer { offset += count }
        return bytes[offset..<offset + count]
    }

    func expectEnd() throws(Malformed) {
        guard offset == bytes.count else { throw .trailing(bytes.count - offset) }
    }
}

extension [UInt8] {
    mutating func hand<each Value: Handed>(_ value: repeat each Value) {
        repeat (each value).write(to: &self)
    }
}

// MARK: - What values are made of

extension Handed where Self: FixedWidthInteger {
    func write(to bytes: inout [UInt8]) { bytes.append(bigEndian: self) }

    init(from source: inout HandedSource) throws(Malformed) {
        self = try source.take(Self.bitWidth / 8).reduce(0) { $0 << 8 | Self(truncatingIfNeeded: $1) }
    }
}

extension UInt8: Handed {}
extension UInt16: Handed {}
extension UInt32: Handed {}
extension Int: Handed {}
extension Int64: Handed {}
extension UInt128: Handed {}

extension Bool: Handed {
    func write(to bytes: inout [UInt8]) { bytes.append(self ? 1 : 0) }

    init(from source: inout HandedSource) throws(Malformed) {
        let number: UInt8 = try source.next()
        guard number <= 1 else { throw .invalid("a flag of \(number)") }
        self = number == 1
    }
}

extension String: Handed {
    func write(to bytes: inout [UInt8]) {
        bytes.hand(UInt32(utf8.count))
        bytes.append(contentsOf: utf8)
    }

    init(from source: inout HandedSource) throws(Malformed) {
        let count: UInt32 = try source.next()
        guard let text = String(validating: try source.take(Int(count)), as: UTF8.self) else {
            throw .invalid("text that is not UTF-8")
        }
        self = text
    }
}

extension Duration: Handed {
    func write(to bytes: inout [UInt8]) { bytes.hand(nanoseconds) }

    init(from source: inout HandedSource) throws(Malformed) { self = .nanoseconds(try source.next() as Int64) }
}

extension Optional: Handed where Wrapped: Handed {
    func write(to bytes: inout [UInt8]) {
        bytes.hand(self != nil)
        if let self { bytes.hand(self) }
    }

    init(from source: inout HandedSource) throws(Malformed) {
        let isThere: Bool = try source.next()
        self = nil
        if isThere { self = .some(try source.next()) }
    }
}

extension Array: Handed where Element: Handed {
    func write(to bytes: inout [UInt8]) {
        bytes.hand(UInt32(count))
        for element in self { bytes.hand(element) }
    }

    /// Nothing is reserved by the count: it may be more than there is.
    init(from source: inout HandedSource) throws(Malformed) {
        self = []
        for _ in 0..<(try source.next() as UInt32) { append(try source.next()) }
    }
}

extension Dictionary: Handed where Key: Handed, Value: Handed {
    func write(to bytes: inout [UInt8]) {
        bytes.hand(UInt32(count))
        for (key, value) in self { bytes.hand(key, value) }
    }

    init(from source: inout HandedSource) throws(Malformed) {
        self = [:]
        for _ in 0..<(try source.next() as UInt32) {
            let (key, value): (Key, Value) = (try source.next(), try source.next())
            self[key] = value
        }
    }
}

/// Words that stand for themselves.
extension Handed where Self: RawRepresentable, Self.RawValue == String {
    func write(to bytes: inout [UInt8]) { bytes.hand(rawValue) }

    init(from source: inout HandedSource) throws(Malformed) {
        let word: String = try source.next()
        guard let value = Self(rawValue: word) else { throw .invalid("no \(Self.self): \(word)") }
        self = value
    }
}

extension IPAddress: Handed {
    func write(to bytes: inout [UInt8]) {
        switch self {
        case .v4(let value): bytes.hand(4 as UInt8, value)
        case .v6(let value): bytes.hand(6 as UInt8, value)
        }
    }

    init(from source: inout HandedSource) throws(Malformed) {
        switch try source.next() as UInt8 {
        case 4: self = .v4(try source.next())
        case 6: self = .v6(try source.next())
        case let family: throw .invalid("an address family of \(family)")
        }
    }
}

extension Prefix: Handed {
    func write(to bytes: inout [UInt8]) { bytes.hand(address, UInt8(length)) }

    init(from source: inout HandedSource) throws(Malformed) {
        let address: IPAddress = try source.next()
        let length: UInt8 = try source.next()
        guard let prefix = Prefix(address: address, length: Int(length)) else {
            throw .invalid("a prefix length of \(length)")
        }
        self = prefix
    }
}

extension Endpoint: Handed {
    func write(to bytes: inout [UInt8]) { bytes.hand(address, port) }

    init(from source: inout HandedSource) throws(Malformed) {
        self.init(address: try source.next(), port: try source.next())
    }
}
