import Time

/// How many addresses go into one command, so that the kernel has answered within a few milliseconds.
///
/// Its cost for an address grows with their number on the interface, from 10 µs to 10 ms (IPv6). Between two commands the
/// keeper looks at its clocks and hears the agent, and others get the kernel's RTNL lock. On a busy machine it comes back
/// late: 10,000 addresses in batches of 20 took a fifth longer than in batches of 256.
struct BatchPace: Hashable, Sendable {
    /// Where nothing hangs on the whole.
    static let shortest = Duration.milliseconds(5)
    /// What one datagram to the kernel holds.
    static let most = 256

    let target: Duration
    private(set) var size = KeeperCore.batch

    /// - Parameter whole: How long all together may take; a batch takes a hundredth.
    init(whole: Duration = .zero) { target = max(Self.shortest, whole / 100) }

    /// The next is as large as the target lets it be, but at most twice as large as the last.
    mutating func note(_ count: Int, took time: Duration) {
        let affordable = Int(Int64(count) * target.nanoseconds / max(1, time.nanoseconds))
        if affordable < size {
            // The last few of many say nothing of what a full batch takes.
            if time > target || count >= size { size = max(1, affordable) }
        } else if count >= size {
            size = min(size * 2, affordable, Self.most)
        }
    }
}
