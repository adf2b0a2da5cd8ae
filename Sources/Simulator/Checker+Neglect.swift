import Raft
import Time

/// What excuses a node whose address stays while another has it: outside `strict` only that nobody was left to act.
///
/// That is so while its keeper is dead or stopped and so is its agent, or its agent reaches no quorum; then the kernel's
/// own lifetime, counted from the keeper's last moment, is the bound. An agent that has a quorum goes on leading until the
/// kernel has let go, and a keeper takes the address off without its agent: neither is ever an excuse alone.
struct Neglect {
    /// The lease ran out although the agent tried to renew it, and it has led no term since.
    var isCutOff = false
    /// Since when the keeper has been dead or stopped.
    var keeperDownSince: Nanoseconds?
    var isUnattended = false
    private(set) var excusedUntil: Nanoseconds = -1

    /// A request to the kernel that was under way may still refresh the address.
    static let bound = Kernel.lifetime.upperBound + .milliseconds(20)

    /// - Parameter removal: How long a keeper that goes on may take.
    mutating func look(isKeeperDown: Bool, isAgentDown: Bool, at moment: Nanoseconds, removal: Nanoseconds) {
        keeperDownSince = isKeeperDown ? keeperDownSince ?? moment : nil
        let wasUnattended = isUnattended
        isUnattended = isKeeperDown && (isAgentDown || isCutOff)
        if isUnattended, let since = keeperDownSince {
            excusedUntil = since + Self.bound
        } else if wasUnattended {
            // The agent that has its lease back holds the others off by itself.
            excusedUntil = isKeeperDown ? moment : moment + removal
        }
    }

    /// The keeper is about to be stopped within its request for the address. It runs, then, even where it was stopped before and
    /// nobody has looked in between: the kernel's lifetime counts from here.
    mutating func renew() { keeperDownSince = nil }

    func isExcused(at moment: Nanoseconds) -> Bool { moment <= excusedUntil }
}

extension Checker {
    /// After each occurrence, outside `strict`.
    mutating func look(at machines: [Machine], at moment: Nanoseconds) {
        for machine in machines {
            neglects[machine.index].look(
                isKeeperDown: machine.isCleaning || machine.keeper?.isStopped ?? true,
                isAgentDown: machine.agent.map { $0.isFrozen(at: moment) } ?? machine.isAgentKilled,
                at: moment,
                removal: 2 * plan.removal
            )
        }
        guard machines.count(where: { $0.kernel.installed != nil }) > 1 else { return }
        judgeHolders(machines, at: moment)
    }

    /// Before each step of a leader: whether its lease has run out.
    mutating func noteSilence(_ machine: Machine, at moment: Nanoseconds, _ now: Instant) {
        guard books[machine.index].term != nil else { return }
        let promise = machine.agent?.raft.timing.promise ?? .zero
        let isUnanswered = books[machine.index].isUnanswered(
            at: now,
            own: lease(ofPromise: promise),
            promise: promise,
            wasFrozen: machine.agent?.isFrozen(at: moment) ?? false
        )
        if isUnanswered { neglects[machine.index].isCutOff = true }
    }
}
