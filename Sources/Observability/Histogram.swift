internal import Time

/// How often something took how long, in the buckets of a Prometheus histogram.
package struct Histogram: Hashable, Sendable {
    /// The upper ends of the buckets, which count what took that long or less; ascending.
    package let bounds: [Duration]
    /// Of each bucket alone; the last is for what took longer than all bounds.
    private var counts: [UInt64]
    package private(set) var sum: Duration = .zero

    package init(_ bounds: [Duration]) {
        self.bounds = bounds
        counts = Array(repeating: 0, count: bounds.count + 1)
    }

    package mutating func note(_ duration: Duration) {
        let place = bounds.firstIndex { duration <= $0 } ?? bounds.count
        counts[place] += 1
        sum += duration
    }

    package var count: UInt64 { counts.reduce(0, +) }

    /// For each bound how often it took that long or less.
    package var cumulative: [UInt64] {
        var sum: UInt64 = 0
        return counts.dropLast().map { count in
            sum += count
            return sum
        }
    }

    /// From what another has told; nil where that is none.
    package init?(bounds: [Duration], cumulative: [UInt64], sum: Duration, count: UInt64) {
        self.init(bounds)
        let all = cumulative + [count]
        guard all.count == counts.count, zip(all, all.dropFirst()).allSatisfy({ $0 <= $1 }) else { return nil }
        counts = zip(all, [0] + cumulative).map { $0 - $1 }
        self.sum = sum
    }
}

/// The histograms that an agent keeps.
extension Histogram {
    package static let ofFailovers = Histogram(
        [5, 10, 25, 50, 100, 200, 300, 400, 500, 750, 1000, 2500, 5000, 10_000].map { .milliseconds($0) }
    )
    /// Of a disk that syncs, and of what waits for it.
    package static let ofWrites = Histogram(
        [100, 250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000]
            .map { .microseconds($0) }
    )
    package static let ofRoundTrips = Histogram(
        [50, 100, 250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000]
            .map { .microseconds($0) }
    )
    package static let ofHooks = Histogram(
        [5, 10, 50, 100, 500, 1000, 5000, 10_000, 30_000, 60_000, 120_000, 300_000].map { .milliseconds($0) }
    )
}
