/// What one run comes to. Durations are in nanoseconds.
struct RunFigures {
    /// The node that was hit had the VIP: otherwise it had moved by itself just before, and the run says nothing.
    var hasHitHolder: Bool
    /// Last answer of the old holder to first answer of the new one: what a client sees. Nil when none took over.
    var outage: Int64?
    /// Fault to first answer of the new holder.
    var takeover: Int64?
    /// The longest time without any answer from the fault on, until the node came back.
    var silence: Int64?
    /// The same from then on to the end.
    var returnGap: Int64?
    /// With the VIP on two nodes that could both be reached on the segment.
    var doubleReachable: Int64
    /// With the VIP on two nodes, reachable or not: what the kernels say.
    var doubleRaw: Int64
    /// With two nodes that both answered on the VIP; nil where the nodes were not asked one by one.
    var doubleAnswering: Int64?
    /// Fault until the node that was hit had the VIP no more; nil where it kept it until it was brought back.
    var gone: Int64?
    /// The node that was hit still had the VIP two seconds later.
    var isLeftBehind: Bool
    /// After the first takeover another node, or the old one, got the VIP.
    var hasMovedAgain: Bool
    /// Start of the agents until one of them had the VIP.
    var held: Int64?

    static let leftBehindAfter: Int64 = 2_000_000_000
    /// Answers of one node that are no further apart belong to one stretch of answering: some probes of every kind.
    static let answeringPause: Int64 = 25_000_000

    init(_ recording: Recording) {
        let nodes = recording.holdings
        let reachable = nodes.map { node, held in held.flatMap { $0.without(recording.cuts(of: node)) } }
        doubleRaw = timeWithTwo(nodes.values.map { $0 })
        doubleReachable = timeWithTwo(reachable)
        doubleAnswering = recording.direct.isEmpty ? nil : timeWithTwo(recording.answering)
        hasHitHolder = false
        isLeftBehind = false
        hasMovedAgain = false
        if let start = recording.moment(of: .start) {
            held = nodes.values.joined().map(\.lowerBound).filter { $0 > start }.min().map { $0 - start }
        }
        guard let fault = recording.fault else { return }
        hasHitHolder = nodes[fault.node, default: []].contains { $0.contains(fault.time) }
        let back = recording.moment(of: .back) ?? recording.end
        silence = recording.longestSilence(in: fault.time..<back)
        if back < recording.end { returnGap = recording.longestSilence(in: back..<recording.end) }
        judge(nodes[fault.node, default: []], until: back, fault.time)
        judgeTakeover(recording, fault)
    }

    /// What the node that was hit did with the VIP.
    private mutating func judge(_ held: [Range<Int64>], until back: Int64, _ fault: Int64) {
        let left = fault + Self.leftBehindAfter
        isLeftBehind = held.contains { $0.lowerBound <= fault && $0.contains(left) }
        if let last = held.first(where: { $0.contains(fault) })?.upperBound, last < back { gone = last - fault }
    }

    private mutating func judgeTakeover(_ recording: Recording, _ fault: (time: Int64, node: String)) {
        let answers = recording.answers
        guard let first = answers.first(where: { $0.time > fault.time && $0.node != fault.node }) else { return }
        takeover = first.time - fault.time
        let last = answers.last { $0.node == fault.node && $0.time < first.time }
        outage = last.map { first.time - $0.time }
        hasMovedAgain = recording.holdings.contains { node, held in
            held.contains { $0.lowerBound > first.time && (node != first.node || held.count > 1) }
        }
    }

    /// For scripts: `outage_ms=12.3 …`, `none` where there is no such thing, as when nobody took over.
    var line: String {
        [
            "outage_ms=\(milliseconds(outage))", "takeover_ms=\(milliseconds(takeover))",
            "silence_ms=\(milliseconds(silence))", "return_gap_ms=\(milliseconds(returnGap))",
            "two_holders_ms=\(milliseconds(doubleReachable))", "two_holders_raw_ms=\(milliseconds(doubleRaw))",
            "two_answering_ms=\(milliseconds(doubleAnswering))", "gone_ms=\(milliseconds(gone))",
            "left_behind=\(isLeftBehind ? "yes" : "no")", "moved_again=\(hasMovedAgain ? "yes" : "no")",
            "held_ms=\(milliseconds(held))", "hit_holder=\(hasHitHolder ? "yes" : "no")",
        ].joined(separator: " ")
    }
}

extension Recording {
    /// The longest time without an answer, an answer from before and the end of the range taken for its borders.
    fileprivate func longestSilence(in range: Range<Int64>) -> Int64? {
        let inside = answers.lazy.map(\.time).filter { range.contains($0) }
        var (last, longest): (Int64, Int64) = (answers.last { $0.time < range.lowerBound }?.time ?? range.lowerBound, 0)
        for time in inside {
            longest = max(longest, time - last)
            last = time
        }
        return max(longest, range.upperBound - last)
    }

    /// When each node was answering, by whoever asked.
    fileprivate var answering: [[Range<Int64>]] {
        holdings.keys.map { node in
            let times = direct[node, default: []] + answers.filter { $0.node == node }.map(\.time)
            return stretches(of: times.filter { $0 < end }.sorted(), pause: RunFigures.answeringPause)
        }
    }
}

/// Joins moments in order that are no further apart than `pause`, each from its first to its last.
func stretches(of times: [Int64], pause: Int64) -> [Range<Int64>] {
    guard var start = times.first else { return [] }
    var (last, stretches): (Int64, [Range<Int64>]) = (start, [])
    for time in times {
        if time - last > pause {
            stretches.append(start..<last)
            start = time
        }
        last = time
    }
    stretches.append(start..<last)
    return stretches
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
