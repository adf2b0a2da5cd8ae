import Time

/// What the kernel takes for so many VIPs, of a table for two busy cores: three times what was measured on two quiet ones
/// for taking them off, and what was measured for refreshing them.
///
/// It walks lists of the interface's addresses for each of them, so that the cost grows with the square of their number.
/// For IPv6 there are more such lists, and a walk through all IPv6 routes of the machine for each address that goes.
package struct AddressCosts: Hashable, Sendable {
    let v4: Int
    let v6: Int

    package init(v4: Int, v6: Int) {
        (self.v4, self.v6) = (v4, v6)
    }

    /// D(n): from the end of the lease until all are really gone.
    ///
    /// The wake-up and the first fifty take 10 ms. 1,000 and 10,000 of IPv4 were off after 13 and 800 ms, 1,000 and 4,000 of
    /// IPv6 after 60 and 1,300 ms.
    package var withdrawal: Duration {
        let many = max(0, v4 - 50)
        let manyV6 = max(0, v6 - max(0, 50 - v4))
        return .milliseconds(10) + Self.cost(many, each: 40_000, pair: 20) + Self.cost(manyV6, each: 100_000, pair: 200)
    }

    /// Once for every third of `kernel_lifetime`: 1,000 and 10,000 of IPv4 take 7 and 280 ms, of IPv6 300 ms and 54 s.
    var refresh: Duration {
        Self.cost(v4, each: 5_000, pair: 3) + Self.cost(v6, each: 20_000, pair: 550)
    }

    /// The shortest lifetime in whole seconds with which the refresh stays below that part of a core.
    func shortestLifetime(share: Share) -> Int {
        let exact = refresh * (3 * share.reciprocal)
        return Int((exact.nanoseconds + 999_999_999) / 1_000_000_000)
    }

    /// What of a core the refresh may take.
    enum Share {
        /// Two in a hundred: at rest nobody is to notice.
        case unnoticed
        /// A fifth, where a longer lifetime would be paid for with a longer promise.
        case tight

        var reciprocal: Int { self == .unnoticed ? 50 : 5 }
    }

    /// Nanoseconds for each address, and for each pair of them.
    private static func cost(_ count: Int, each: Int, pair: Int) -> Duration {
        .nanoseconds(Int64(count * each + count * count * pair))
    }
}
