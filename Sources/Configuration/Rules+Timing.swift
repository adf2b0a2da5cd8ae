import Time

extension Rules {
    func checkTiming() {
        guard let timing = draft.timing else { return }
        let waitsForKernel = draft.exclusivity == .strict && draft.fence == .none
        if waitsForKernel, draft.kernelLifetime == 0 {
            ledger.error(
                at: "kernel_lifetime",
                "kernel_lifetime is 0 with exclusivity: strict, which needs the kernel to take the address off; "
                    + "expected 1s, or fence: nftables"
            )
            return
        }
        let lease = timing.lease(reserving: draft.reserve(kernelLifetime: lifetime(timing)))
        guard lease < timing.shortestLease(heartbeats: draft.heartbeats) else { return }
        let setting = waitsForKernel ? "cluster.exclusivity" : "cluster.timing"
        ledger.error(at: setting, complaint(timing, lease))
    }

    private func complaint(_ timing: TimingSettings, _ lease: Duration) -> String {
        let reserve = draft.reserve(kernelLifetime: lifetimeThatWouldDo(timing))
        let promise = timing.shortestPromise(heartbeats: draft.heartbeats, reserving: reserve)
        let waitsForKernel = draft.exclusivity == .strict && draft.fence == .none
        let strict = waitsForKernel ? ", or fence: nftables, or exclusivity: prompt" : ""
        let lost = text(of: draft.reserve(kernelLifetime: lifetime(timing)))
        return "a promise of \(text(of: timing.promise)) less \(lost) to take the address off leaves a lease of "
            + "\(milliseconds(lease)), and \(draft.heartbeats) heartbeats of \(text(of: timing.heartbeat)) with half of one to spare take "
            + "\(milliseconds(timing.shortestLease(heartbeats: draft.heartbeats))); "
            + "expected a promise of at least \(text(of: promise))\(strict)"
    }

    private func lifetime(_ timing: TimingSettings) -> Int { draft.kernelLifetime ?? draft.defaultKernelLifetime }

    /// The default lifetime is above the lease, so a longer lease asks for a longer one.
    private func lifetimeThatWouldDo(_ timing: TimingSettings) -> Int {
        let lease = timing.shortestLease(heartbeats: draft.heartbeats)
        let least = draft.addressCosts.shortestLifetime(share: draft.refreshShare)
        return draft.kernelLifetime ?? max(Int(lease.components.seconds) + 1, least)
    }

    private func milliseconds(_ duration: Duration) -> String {
        let tenths = duration.nanoseconds / 100_000
        return duration < .zero ? "nothing" : "\(tenths / 10)" + (tenths % 10 == 0 ? "" : ".\(tenths % 10)") + "ms"
    }
}
