import Net
import Raft
import Time

/// What the agent asks for, believed only as far as the plan allows: a hijacked agent can hold and drop this node's own
/// VIPs, and nothing else.
extension KeeperCore {
    mutating func obey(_ request: KeeperRequest, at now: Instant) {
        switch request {
        case .will(let will): accept(will, at: now)
        case .hold(let group, let term, let until): hold(group, term, until, at: now)
        case .release(.group(let name), let term): release(group: name, term)
        case .release(.all, let term): releaseAll(term)
        case .announce(let group): announceAgain(group, at: now)
        case .stop: stop()
        // The shell's: it reads the files, and brings the plan in an event of its own.
        case .prepare, .adopt, .forget: break
        }
    }

    private mutating func accept(_ will: LastWill, at now: Instant) {
        guard budget.take(at: now) else { return refuse("a last will", "too many operations a second") }
        // The term of a will only grows: an older one would let go of a younger term's holds.
        if let present = self.will, will.term < present.term {
            return refuse("a last will", "its term \(will.term) is older than \(present.term)")
        }
        self.will = will
    }

    /// Replaces any earlier hold of the group, so also one that lasted longer; a refused one replaces nothing.
    private mutating func hold(_ name: String, _ term: Term, _ until: Instant, at now: Instant) {
        guard let index = group(named: name) else {
            return report(.held(group: name, term, failures: "no group \(name) in the keeper's configuration"))
        }
        if let reason = objection(to: term, until, for: groups[index], at: now) {
            return report(.held(group: name, term, failures: reason))
        }
        if groups[index].hold == nil {
            groups[index].enqueueAll()
            groups[index].renewal = renewal(from: now)
            groups[index].heldSince = now
        }
        groups[index].hold = GroupState.Hold(term: term, until: until)
        if groups[index].unanswered.contains(term) {
            // One answer to an earlier one is still to come, and the agent hears meanwhile that the keeper lives.
            report(.assigning(group: name, term, left: UInt32(groups[index].queue.count)))
        } else {
            groups[index].unanswered.append(term)
        }
        renewFence(index, at: now)
        if latestUntil.map({ until.longestElapsed(since: $0) > .zero }) ?? true { latestUntil = until }
    }

    /// Why a hold is refused; nil when it is not.
    private mutating func objection(
        to term: Term,
        _ until: Instant,
        for group: GroupState,
        at now: Instant
    ) -> String? {
        if let releasedTerm, term <= releasedTerm { return "term \(term) has been released" }
        if group.unanswered.count >= Self.unanswered { return "too many holds wait for their answer" }
        if will?.term != term { return "no last will of term \(term) came before" }
        if until.longestElapsed(since: now) > plan.longestLease {
            return "its end is further away than the longest lease, \(plan.longestLease.milliseconds) ms"
        }
        let shortens = group.hold.map { until.longestElapsed(since: $0.until) <= .zero } ?? false
        guard shortens || budget.take(at: now) else { return "too many operations a second" }
        return nil
    }

    private mutating func release(group name: String, _ term: Term) {
        guard let index = group(named: name) else {
            return refuse("a release of \(name)", "no such group in the keeper's configuration")
        }
        endHold(index, because: "released before it was on")
        prove(Proof(scope: .one(index), report: .released(.group(name), term)))
    }

    private mutating func releaseAll(_ term: Term) {
        for index in groups.indices { endHold(index, because: "released before it was on") }
        releasedTerm = max(releasedTerm ?? term, term)
        prove(Proof(scope: .all, report: .released(.all, term)))
    }

    private mutating func announceAgain(_ name: String, at now: Instant) {
        guard let index = group(named: name) else {
            return refuse("an announcement of \(name)", "no such group in the keeper's configuration")
        }
        guard budget.take(at: now) else { return refuse("an announcement of \(name)", "too many operations a second") }
        groups[index].announcesAnew = true
    }

    private mutating func refuse(_ what: String, _ reason: String) {
        notice(.requestRefused, ("request", what), ("reason", reason))
    }
}

// MARK: - Holds

extension KeeperCore {
    /// Whether the group's VIPs may be on at `now`.
    func isActive(_ index: Int, at now: Instant) -> Bool {
        guard phase == .serving, let hold = groups[index].hold else { return false }
        return !Deadline.either(hold.until).hasPassed(at: now) && !proofs.contains { $0.concerns(index) }
    }

    /// Ends the holds whose time is over.
    mutating func endHolds(at now: Instant) {
        for index in groups.indices {
            guard let hold = groups[index].hold, Deadline.either(hold.until).hasPassed(at: now) else { continue }
            let name = groups[index].settings.name
            beginWithdrawal(at: hold.until)
            endHold(index, because: "its time was over before it was on")
            prove(Proof(scope: .one(index), report: .expired(group: name, hold.term)))
        }
    }

    /// From here on whatever is on of the group is taken off.
    mutating func endHold(_ index: Int, because reason: String) {
        for term in groups[index].unanswered {
            report(.held(group: groups[index].settings.name, term, failures: reason))
        }
        if groups[index].fights.fight != nil { report(.contested(group: groups[index].settings.name, nil)) }
        groups[index].endHold()
        kernel.mayHaveStrays = true
    }

    /// Whether nothing of the group waits for the kernel.
    func isDone(_ index: Int) -> Bool {
        guard groups[index].queue.isEmpty else { return false }
        guard case .add(let placements) = kernel.underway, let first = placements.first else { return true }
        return kernel.owners[first.prefix.address]?.group != index
    }

    /// Answers the holds of groups that have nothing left to be put on.
    mutating func answerHolds(at now: Instant) {
        for index in groups.indices where isActive(index, at: now) && isDone(index) && groups[index].fresh.isEmpty {
            let group = groups[index]
            groups[index].unanswered = []
            for term in group.unanswered {
                report(.held(group: group.settings.name, term, failures: group.failureText))
            }
        }
    }

    /// A third of the kernel's lifetime from `now`: two refreshes may fail before an address is lost.
    func renewal(from now: Instant) -> Instant? {
        plan.kernelLifetime == 0 ? nil : now + .milliseconds(plan.kernelLifetime * 1_000 / 3)
    }
}

// MARK: - Proofs

/// A report that waits for a dump without the VIPs it is about.
struct Proof: Hashable, Sendable {
    enum Scope: Hashable, Sendable {
        /// The group of this index.
        case one(Int)
        case all
    }

    var scope: Scope
    var report: KeeperReport

    func concerns(_ group: Int) -> Bool { scope == .all || scope == .one(group) }
}

extension KeeperCore {
    /// Asked twice for the same before it is shown, it answers once.
    mutating func prove(_ proof: Proof) {
        kernel.needsDump = true
        if proofs.count < Self.unanswered, !proofs.contains(proof) { proofs.append(proof) }
    }
}
