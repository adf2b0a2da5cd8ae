import Configuration
import Failover
import Hooks
import Linux
import Observability
import Time

/// What is done as soon as BeforeSlave has ended everywhere, or has taken too long.
struct HandoverPreparation {
    /// The numbers of the requests that have not ended.
    var open: Set<UInt64>
    let groups: [String]
    let deadline: EventLoop.TimerID
    var actions: [() -> Void]
}

extension Agent {
    /// Runs BeforeSlave of the groups that are held here and then does what gives them up: for whoever gives leadership up by
    /// intent (TERM, an operator's order, a failed hook). The lease goes on meanwhile, and the VIPs answer.
    ///
    /// A lease that ends by itself waits for nothing: then `act` is done at once. Where it has been done and the VIPs are
    /// still here, since nobody took them, ToMaster is run again.
    func prepareHandover(_ act: @escaping () -> Void) {
        guard preparation == nil else {
            preparation?.actions.append(act)
            return
        }
        let groups = failover.groups.map(\.name).filter { isHeld($0) && beforeSlave(of: $0) != nil }
        let patience = groups.compactMap { beforeSlave(of: $0)?.timeout }.max()
        let requests = groups.compactMap { run(.beforeSlave, group: $0) }
        guard let patience, !requests.isEmpty else { return act() }
        preparation = HandoverPreparation(
            open: Set(requests.map(\.number)),
            groups: groups,
            deadline: loop.schedule(after: patience) { [unowned self] in outwaitPreparation() },
            actions: [act]
        )
    }

    /// Hears that a hook has ended.
    func notePrepared(_ request: HookRequest) {
        preparation?.open.remove(request.number)
        if preparation?.open.isEmpty == true { finishPreparation() }
    }

    func finishPreparation() {
        guard let finished = preparation else { return }
        preparation = nil
        loop.cancel(finished.deadline)
        for act in finished.actions { act() }
        guard ending == nil else { return }
        // Whoever prepared itself to lose them has not.
        for group in finished.groups where isHeld(group) { run(.toMaster, group: group) }
    }

    /// The lease is over: nothing is planned about that.
    func abandonPreparation() {
        guard preparation != nil else { return }
        // Not at once: the election is in the middle of telling what happened.
        loop.schedule(after: .zero) { [unowned self] in finishPreparation() }
    }

    private func outwaitPreparation() {
        log.write(.beforeSlaveLate)
        finishPreparation()
    }

    private func beforeSlave(of name: String) -> Hook? {
        configuration.hook(for: .beforeSlave, in: configuration.groups.first { $0.name == name })
    }
}
