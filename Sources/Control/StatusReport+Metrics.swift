package import Observability
import Time

extension StatusReport {
    /// What has been counted and timed since the agent started.
    package struct Metrics: Hashable, Sendable {
        /// From the former leader's last word to VIPs that are on and announced here.
        package var failover = Histogram.ofFailovers
        /// What the disk of the election took to sync.
        package var fsync = Histogram.ofWrites
        /// The same from the agent's request to the answer.
        package var persist = Histogram.ofWrites
        /// To each peer, a sample a second, while this node leads.
        package var roundTrip = Histogram.ofRoundTrips
        /// From a hook's start to its end, further tries included.
        package var hook = Histogram.ofHooks
        /// Log lines that found no room.
        package var droppedLines = 0
        /// Entries of the history that could not be written to the disk.
        package var lostHistory = 0
        /// How often this node began to lead.
        package var leaderships = 0

        package init() {}
    }
}

extension StatusReport.Metrics {
    var value: JSONValue {
        .object([
            .init("failover_seconds", failover.value),
            .init("fsync_seconds", fsync.value),
            .init("persist_seconds", persist.value),
            .init("round_trip_seconds", roundTrip.value),
            .init("hook_seconds", hook.value),
            .init("log_lines_dropped", .integer(Int64(droppedLines))),
            .init("history_lost", .integer(Int64(lostHistory))),
            .init("leaderships", .integer(Int64(leaderships))),
        ])
    }

    /// What is not there counts as nothing: an agent before this one had none.
    init(_ value: JSONValue?) {
        let count = { (name: String) in value?[name]?.integer.map(Int.init(clamping:)) ?? 0 }
        failover = value?["failover_seconds"].flatMap(Histogram.init) ?? .ofFailovers
        fsync = value?["fsync_seconds"].flatMap(Histogram.init) ?? .ofWrites
        persist = value?["persist_seconds"].flatMap(Histogram.init) ?? .ofWrites
        roundTrip = value?["round_trip_seconds"].flatMap(Histogram.init) ?? .ofRoundTrips
        hook = value?["hook_seconds"].flatMap(Histogram.init) ?? .ofHooks
        droppedLines = count("log_lines_dropped")
        lostHistory = count("history_lost")
        leaderships = count("leaderships")
    }
}

extension Histogram {
    /// Cumulative, without the bucket of everything, which is `count`.
    fileprivate var value: JSONValue {
        let buckets = zip(bounds, cumulative).map { bound, count in
            JSONValue.object([.init("le", seconds(bound)), .init("count", .integer(Int64(clamping: count)))])
        }
        return .object([
            .init("buckets", .array(buckets)), .init("sum", seconds(sum)),
            .init("count", .integer(Int64(clamping: count))),
        ])
    }

    fileprivate init?(_ value: JSONValue) {
        guard let buckets = value["buckets"]?.array, buckets.count <= 64, let sum = value["sum"]?.seconds,
            let count = value["count"]?.integer.flatMap(UInt64.init(exactly:))
        else { return nil }
        let bounds = buckets.compactMap { $0["le"]?.seconds }
        let counts = buckets.compactMap { $0["count"]?.integer.flatMap(UInt64.init(exactly:)) }
        self.init(bounds: bounds, cumulative: counts, sum: sum, count: count)
    }
}

/// To the microsecond.
private func seconds(_ duration: Duration) -> JSONValue {
    .number(Double(duration.nanoseconds / 1000) / 1_000_000)
}

extension JSONValue {
    fileprivate var seconds: Duration? {
        guard let number, abs(number) < 1e9 else { return nil }
        return .microseconds(Int64((number * 1_000_000).rounded()))
    }
}
