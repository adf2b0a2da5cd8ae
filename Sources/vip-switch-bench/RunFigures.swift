/// What one run comes to. Durations are in nanoseconds.
struct RunFigures {
    /// Last answer of the old holder to first answer of the new one: what a client sees. Nil when none took over.
    var outage: Int64?
    /// Fault to first answer of the new holder.
    var takeover: Int64?
    /// With the VIP on two nodes that could both be reached on the segment.
    var doubleReachable: Int64
    /// With the VIP on two nodes, reachable or not: what the kernels say.
    var doubleRaw: Int64
    /// The node that was hit still had the VIP two seconds later.
    var isLeftBehind: Bool
    /// After the first takeover another node, or the old one, got the VIP.
    var hasMovedAgain: Bool

    static let leftBehindAfter: Int64 = 2_000_000_000

    init(_ recording: Recording) {
        let nodes = recording.holdings
        let reachable = nodes.map { node, held in held.flatMap { $0.without(recording.cuts(of: node)) } }
        doubleRaw = timeWithTwo(nodes.values.map { $0 })
        doubleReachable = timeWithTwo(reachable)
        isLeftBehind = false
        hasMovedAgain = false
        guard let fault = recording.fault else { return }

        let moment = fault.time + Self.leftBehindAfter
        isLeftBehind = nodes[fault.node, default: []].contains { $0.lowerBound <= fault.time && $0.contains(moment) }
        guard let first = recording.answers.first(where: { $0.time > fault.time && $0.node != fault.node }) else {
            return
        }
        takeover = first.time - fault.time
        let last = recording.answers.last { $0.node == fault.node && $0.time < first.time }
        outage = last.map { first.time - $0.time }
        hasMovedAgain = nodes.contains { node, held in
            held.contains { $0.lowerBound > first.time && (node != first.node || held.count > 1) }
        }
    }

    /// For scripts: `outage_ms=12.3 …`, `none` where nobody took over.
    var line: String {
        [
            "outage_ms=\(milliseconds(outage))", "takeover_ms=\(milliseconds(takeover))",
            "two_holders_ms=\(milliseconds(doubleReachable))", "two_holders_raw_ms=\(milliseconds(doubleRaw))",
            "left_behind=\(isLeftBehind ? "yes" : "no")", "moved_again=\(hasMovedAgain ? "yes" : "no")",
        ].joined(separator: " ")
    }
}

/// The time during which at least two of the holders had the VIP.
func timeWithTwo(_ holders: [[Range<Int64>]]) -> Int64 {
    let edges = holders.joined().flatMap { [($0.lowerBound, 1), ($0.upperBound, -1)] }
        .sorted { $0 < $1 }
    var (total, count, since): (Int64, Int, Int64) = (0, 0, 0)
    for (time, change) in edges {
        if count >= 2 { total += time - since }
        count += change
        since = time
    }
    return total
}

extension Range<Int64> {
    /// The parts of this range outside of the given ones, which are in order.
    func without(_ others: [Range<Int64>]) -> [Range<Int64>] {
        var parts: [Range<Int64>] = []
        var start = lowerBound
        for other in others where other.overlaps(self) {
            if other.lowerBound > start { parts.append(start..<other.lowerBound) }
            start = Swift.max(start, other.upperBound)
        }
        if start < upperBound { parts.append(start..<upperBound) }
        return parts
    }
}
