import Time

@testable import Keeper

/// The gates as the kernel has them.
struct FakeFence {
    /// When each gate closes by itself; a clock that never slews.
    private(set) var ends: [Int: Instant] = [:]
    /// Whether the rules are there.
    var isStanding = true
    /// What the next commands fail with.
    var failure: String?
    /// How long the keeper is held up on its way to the kernel.
    var delay = Duration.zero
    /// Whether other addresses are refused.
    var refusesRules = false

    func isOpen(_ group: Int, at now: Instant) -> Bool {
        !isStanding || ends[group].map { !Deadline.timer($0).hasPassed(at: now) } ?? false
    }

    mutating func perform(_ command: FenceCommand, at now: Instant) -> KernelAnswer {
        if let failure { return .failed(failure) }
        switch command {
        case .open(let group, let until): return .fenced(open(group, until, now))
        case .renew(let group, let until):
            let isRestored = !isStanding
            guard isOpen(group, at: now + delay) else {
                ends[group] = nil
                return .fenced(.hasClosed)
            }
            let answer = open(group, until, now)
            return .fenced(isRestored ? .done(isRestored: true) : answer)
        case .close(let groups):
            for group in groups { ends[group] = nil }
            return .fenced(.done(isRestored: false))
        case .rebuild(let groups, let heirs):
            if refusesRules { return .failed("no rules") }
            for (heir, donor) in heirs where ends[heir] == nil { ends[heir] = ends[donor] }
            ends = ends.filter { groups.indices.contains($0.key) }
            isStanding = true
            return .fenced(.done(isRestored: false))
        }
    }

    private mutating func open(_ group: Int, _ until: Instant, _ now: Instant) -> FenceAnswer {
        guard let time = FenceTime.milliseconds(until: until, at: now) else { return .tooLate }
        let isRestored = !isStanding
        isStanding = true
        ends[group] = now + delay + .milliseconds(Int64(time))
        return .done(isRestored: isRestored)
    }
}
