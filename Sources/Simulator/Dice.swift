import Time

/// A moment of true time, or a span of it. True time starts at 0, and no node of the simulation can read it.
package typealias Nanoseconds = Int64

extension Nanoseconds {
    package static func milliseconds(_ count: Double) -> Nanoseconds { Nanoseconds(count * 1e6) }
    package static func seconds(_ count: Double) -> Nanoseconds { Nanoseconds(count * 1e9) }
}

/// What a stream of chance is used for.
///
/// Each has its own stream, so that taking the faults of the network out of a run leaves those of the disks as they
/// were.
package enum Stream: UInt64 {
    case plan = 1
    case network, disk, clock, processes, keeper, core, sabotage
}

/// A seeded stream of chance: SplitMix64, which needs no more than one word of state.
package struct Dice: Sendable {
    private var state: UInt64

    private static let step: UInt64 = 0x9e37_79b9_7f4a_7c15

    /// The seed is mixed first: from its mere multiples neighbouring seeds would draw the same numbers, one roll apart.
    package init(seed: UInt64, stream: Stream, number: Int = 0) {
        let start = Self.mixed(seed &* Self.step) ^ stream.rawValue << 56 ^ UInt64(number) << 40
        state = Self.mixed(start)
    }

    package mutating func roll() -> UInt64 {
        state &+= Self.step
        return Self.mixed(state)
    }

    private static func mixed(_ bits: UInt64) -> UInt64 {
        var bits = bits
        bits = (bits ^ bits >> 30) &* 0xbf58_476d_1ce4_e5b9
        bits = (bits ^ bits >> 27) &* 0x94d0_49bb_1331_11eb
        return bits ^ bits >> 31
    }

    /// Evenly spread from 0 up to 1, which is never reached.
    package mutating func fraction() -> Double { Double(roll() >> 11) * 0x1p-53 }

    package mutating func chance(_ probability: Double) -> Bool {
        probability > 0 && fraction() < probability
    }

    package mutating func span(_ range: ClosedRange<Nanoseconds>) -> Nanoseconds {
        range.lowerBound + Nanoseconds(Double(range.upperBound - range.lowerBound) * fraction())
    }

    package mutating func index(below count: Int) -> Int {
        Int(roll().multipliedFullWidth(by: UInt64(count)).high)
    }

    package mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[index(below: elements.count)]
    }

    /// A heavy tail: mostly near `scale`, now and then a multiple of it, never above `most` (Pareto, shape 1).
    package mutating func tail(_ scale: Nanoseconds, most: Nanoseconds) -> Nanoseconds {
        min(most, Nanoseconds(Double(scale) / max(1 - fraction(), 1e-9)))
    }

    package mutating func shuffle<Element>(_ elements: [Element]) -> [Element] {
        var elements = elements
        for last in stride(from: elements.count - 1, to: 0, by: -1) {
            elements.swapAt(last, index(below: last + 1))
        }
        return elements
    }
}
