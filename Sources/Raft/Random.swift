import Time

/// SplitMix64: small, seeded, the same everywhere. For jitter, never for secrets.
package struct SeededRandom: RandomNumberGenerator, Hashable, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// A duration in 0..<`bound`.
    mutating func duration(below bound: Duration) -> Duration {
        .nanoseconds(Int64.random(in: 0..<max(1, bound.nanoseconds), using: &self))
    }
}
