/// The name that the configuration gives a node: 1 to 63 letters, digits, `.`, `_` or `-`.
package struct NodeID: Hashable, Sendable {
    /// The first eight bytes, big-endian: they tell most names apart without a look at the text.
    private let head: UInt64
    package let text: String

    /// Nil when the text is no name.
    package init?(_ text: String) {
        guard (1...63).contains(text.utf8.count), text.utf8.allSatisfy(Self.isAllowed) else { return nil }
        self.text = text
        head = text.utf8.prefix(8).enumerated().reduce(0) { $0 | UInt64($1.element) << (56 - 8 * $1.offset) }
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

extension NodeID: Comparable, CustomStringConvertible {
    package static func == (a: NodeID, b: NodeID) -> Bool { a.head == b.head && a.text == b.text }
    package static func < (a: NodeID, b: NodeID) -> Bool {
        a.head == b.head ? a.text < b.text : a.head < b.head
    }
    package var description: String { text }
}

/// A term of Raft (§5.1): at most one leader each, counted up from 0.
package struct Term: Hashable, Sendable {
    package let number: UInt64
    package init(_ number: UInt64) { self.number = number }
    package var next: Term { Term(number + 1) }
}

extension Term: Comparable, CustomStringConvertible {
    package static func < (a: Term, b: Term) -> Bool { a.number < b.number }
    package var description: String { String(number) }
}

/// A position in the log, counted from 1; 0 is before the first entry.
package struct LogIndex: Hashable, Sendable {
    package let number: UInt64
    package init(_ number: UInt64) { self.number = number }
    package var next: LogIndex { LogIndex(number + 1) }
}

extension LogIndex: Comparable, CustomStringConvertible {
    package static func < (a: LogIndex, b: LogIndex) -> Bool { a.number < b.number }
    package var description: String { String(number) }
}

/// 128 random bits that a data directory gets when it is made. A voter is (id, storage id): an emptied disk is
/// somebody new, who has not forgotten a vote but never gave one (KIP-853).
package struct StorageID: Hashable, Sendable {
    package let bits: UInt128
    package init(_ bits: UInt128) { self.bits = bits }
    /// No disk has this one.
    package static let none = StorageID(0)
}

/// A hash over the first members' ids and storage ids; 0 while there is no cluster yet.
package struct ClusterID: Hashable, Sendable {
    package let bits: UInt128
    package init(_ bits: UInt128) { self.bits = bits }
    package static let none = ClusterID(0)
}

extension StorageID: CustomStringConvertible {
    package var description: String { hexadecimal(bits) }
}

extension ClusterID: CustomStringConvertible {
    package var description: String { hexadecimal(bits) }
}

private func hexadecimal(_ bits: UInt128) -> String {
    let digits = String(bits, radix: 16)
    return String(repeating: "0", count: 32 - digits.utf8.count) + digits
}
