/// Which of a sender's latest counters have come already: each is heard once, in whatever order they come.
///
/// What lies further back than the window counts as heard: a datagram that was overtaken by so many is lost.
struct ReplayWindow: Hashable, Sendable {
    static let width = 1024

    private(set) var highest: UInt64 = 0
    /// Bit `counter % width`; meaningful for the counters in (highest - width)...highest.
    private var heard = [UInt64](repeating: 0, count: width / 64)

    /// Notes a counter; false when it came before or is too old to tell.
    mutating func insert(_ counter: UInt64) -> Bool {
        guard !hasHeard(counter) else { return false }
        if counter > highest {
            forget(from: highest, to: counter)
            highest = counter
        }
        heard[Self.word(counter)] |= Self.bit(counter)
        return true
    }

    /// Whether `insert` would refuse it.
    func hasHeard(_ counter: UInt64) -> Bool {
        guard counter > 0 else { return true }
        return counter <= highest && (highest - counter >= UInt64(Self.width) || contains(counter))
    }

    private func contains(_ counter: UInt64) -> Bool { heard[Self.word(counter)] & Self.bit(counter) != 0 }

    /// Clears the places that the counters behind `old` and up to `new` take over.
    private mutating func forget(from old: UInt64, to new: UInt64) {
        guard new - old < UInt64(Self.width) else {
            heard = Array(repeating: 0, count: heard.count)
            return
        }
        for counter in old + 1...new { heard[Self.word(counter)] &= ~Self.bit(counter) }
    }

    private static func word(_ counter: UInt64) -> Int { Int(counter % UInt64(width)) / 64 }
    private static func bit(_ counter: UInt64) -> UInt64 { 1 << (counter % 64) }
}
