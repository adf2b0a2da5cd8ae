/// When a node may have the VIP beside another: the documented cases, and nothing else.
///
/// - Somebody else put it there: until the keeper has had `strangers` to take it off.
/// - With `exclusivity: prompt`, **nobody is left to act**: the keeper does not run, and within the kernel's lifetime
///   the agent does not run either, or cannot reach a majority. From the first moment at which both are true until
///   `lifetime` after the keeper was stopped: its last renewal was before that. When a keeper that was merely stopped goes
///   on, `wakeUp` later already.
struct Excuses {
    /// The longest that an address of `kernel_lifetime: 1s` outlives its last renewal.
    static let lifetime: Int64 = 1_300_000_000
    static let wakeUp: Int64 = 100_000_000
    static let strangers: Int64 = 1_000_000_000
    /// How long after an agent runs again its lease may still be lost for want of heartbeats meanwhile.
    static let aftermath: Int64 = 1_000_000_000
    /// The same of the network: a neighbour is asked for its hardware address once a second.
    static let mending: Int64 = 3_000_000_000

    private let nodes: [String]
    private let isPrompt: Bool
    private let losses: [Deeds.Asset: [Deeds.Loss]]

    init(_ deeds: Deeds, nodes: [String], isPrompt: Bool) {
        self.nodes = nodes
        self.isPrompt = isPrompt
        losses = deeds.losses
    }

    /// In order, without overlap.
    func spans(of node: String) -> [Range<Int64>] {
        let strangers = losses[.addresses(node), default: []].map { $0.losing..<sum($0.lost, Self.strangers) }
        guard isPrompt else { return united(strangers) }
        let helpless = losses[.keeper(node), default: []].compactMap { gap(after: $0, on: node) }
        return united(strangers + helpless)
    }

    private func gap(after loss: Deeds.Loss, on node: String) -> Range<Int64>? {
        let windowEnd = sum(loss.lost, Self.lifetime)
        let window = loss.losing..<max(loss.losing, min(windowEnd, loss.end))
        let moments = agentLosses(node) + isolation(of: node)
        guard let first = moments.filter({ $0.overlaps(window) }).map({ max($0.lowerBound, window.lowerBound) }).min()
        else { return nil }
        let end = loss.isSame ? min(windowEnd, sum(loss.end, Self.wakeUp)) : windowEnd
        return first < end ? first..<end : nil
    }

    private func agentLosses(_ node: String) -> [Range<Int64>] { losses(of: .agent(node), Self.aftermath) }

    private func losses(of asset: Deeds.Asset, _ tail: Int64 = mending) -> [Range<Int64>] {
        losses[asset, default: []].map { $0.losing..<sum($0.end, tail) }
    }

    /// When the node could not count on a majority, itself included.
    private func isolation(of node: String) -> [Range<Int64>] {
        let apart = losses(of: .segment) + losses(of: .network(node))
        let peers = nodes.filter { $0 != node }
        let unreachable = peers.map { peer in
            united(losses(of: .network(peer)) + agentLosses(peer) + losses(of: .pair([node, peer])))
        }
        return united(apart + spansWith(atLeast: peers.count - nodes.count / 2 + 1, of: unreachable))
    }

    /// A time that may be `Int64.max`.
    private func sum(_ time: Int64, _ duration: Int64) -> Int64 {
        let (sum, isTooLate) = time.addingReportingOverflow(duration)
        return isTooLate ? .max : sum
    }
}

/// The same moments in order and without overlap.
func united(_ ranges: [Range<Int64>]) -> [Range<Int64>] { spansWith(atLeast: 1, of: ranges.map { [$0] }) }

/// When at least `count` of these are on.
func spansWith(atLeast count: Int, of holders: [[Range<Int64>]]) -> [Range<Int64>] {
    let edges = holders.joined().filter { !$0.isEmpty }.flatMap { [($0.lowerBound, 1), ($0.upperBound, -1)] }
        // An end before a beginning at the same time: they do not overlap.
        .sorted { $0 < $1 }
    var spans: [Range<Int64>] = []
    var (present, start): (Int, Int64?) = (0, nil)
    for (time, change) in edges {
        present += change
        if present >= count, start == nil { start = time }
        if present < count, let from = start.take(), from < time {
            if let last = spans.last, last.upperBound == from {
                spans[spans.count - 1] = last.lowerBound..<time
            } else {
                spans.append(from..<time)
            }
        }
    }
    return spans
}
