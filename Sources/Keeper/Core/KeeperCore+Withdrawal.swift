import Time

/// D, measured: from the end of a hold, or the first removal, until a list shows nothing that is not held.
extension KeeperCore {
    /// A hold that ended at `end` has to be off D later.
    mutating func beginWithdrawal(at end: Instant) {
        if kernel.placed.isEmpty { return }
        guard let begin = withdrawalBegin else { return withdrawalBegin = end }
        if begin.longestElapsed(since: end) > .zero { withdrawalBegin = end }
    }

    /// Called with each list. Later than D, the time in which another node may have had the VIPs as well has begun.
    mutating func endWithdrawal(_ standing: [StandingAddress], at now: Instant) {
        guard let begin = withdrawalBegin, standing.allSatisfy({ isWanted($0.placement, at: now) }) else { return }
        withdrawalBegin = nil
        let time = now.longestElapsed(since: begin)
        // Behind a fence nobody is answered any more.
        if fence == nil, time > plan.withdrawal { report(.overran(time, allowed: plan.withdrawal)) }
    }
}
