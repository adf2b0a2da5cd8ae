import Time

/// Whether the disk still takes writes. A leader that is idle writes nothing for hours, and would be the last to learn
/// that it cannot: so every node tries its disk now and then.
///
/// Nothing here delays a heartbeat or a lease: a node whose disk hangs goes on keeping its promises, and a leader hands
/// over in good order.
extension RaftNode {
    static let diskTrialInterval: Duration = .seconds(2)
    /// A write that takes longer makes a node no successor.
    static let diskPatience: Duration = .seconds(1)
    /// A leader waits longer before it hands over: by then the others have tried their disks as well, and where all are as
    /// slow, as on one storage behind all of them, the VIPs stay where they are.
    static let leaderDiskPatience = diskTrialInterval + diskPatience

    var isDiskSlow: Bool { writes.lastTook >= Self.diskPatience || isDiskSilent(for: Self.diskPatience) }

    var isDiskStuck: Bool { isDiskSilent(for: Self.leaderDiskPatience) }

    func isDiskSilent(for span: Duration) -> Bool {
        guard let begun = writes.oldestBegun else { return false }
        return now.longestElapsed(since: begun) >= span
    }

    /// When to try the disk, or to call a write stuck; nil when that has been done.
    var diskDeadline: Deadline? {
        guard let begun = writes.oldestBegun else { return .timer(nextDiskTrial) }
        return isDiskStuck ? nil : .either(begun + Self.leaderDiskPatience)
    }

    mutating func tryDiskIfDue() {
        guard writes.oldestBegun == nil, Deadline.timer(nextDiskTrial).hasPassed(at: now) else { return }
        nextDiskTrial = now + Self.diskTrialInterval
        persist(Persistence(number: writes.lastNumber + 1))
    }
}
