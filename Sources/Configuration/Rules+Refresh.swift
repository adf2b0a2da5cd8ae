extension Rules {
    /// Addresses carry a lifetime that is renewed at a third of it: for thousands that is a load, and more than the kernel
    /// can do where the lifetime is short.
    func checkRefresh() {
        guard let lifetime = draft.kernelLifetime, lifetime > 0 else { return }
        let costs = draft.addressCosts
        let least = costs.shortestLifetime(share: .tight)
        guard lifetime < least else { return }
        ledger.warn(
            at: "kernel_lifetime",
            "kernel_lifetime is \(lifetime)s, and to refresh \(costs.v4 + costs.v6) VIPs every third of it takes more than a "
                + "fifth of a core; expected at least \(least)s"
        )
    }
}
