import Configuration
import Control
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
    /// When it is over, whatever the hooks do.
    let end: Instant
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
            end: Clock.now() + patience,
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

    /// Answers an order to hand over once: with what came of it, or with what it waits for as long as whoever gave it listens.
    func inTime(_ completion: @escaping Completion) -> Completion {
        var due: Completion? = completion
        let answer = { (answer: ControlAnswer) in
            let completion = due
            due = nil
            completion?(answer)
        }
        loop.schedule(after: Self.answerPatience) { [unowned self] in answer(.refused(underway)) }
        return answer
    }

    /// Less than a node waits that has passed the order on.
    private static let answerPatience: Duration = orderPatience - .seconds(1)

    private var underway: String {
        let node = configuration.node.id
        guard let preparation else { return "\(node) is at it, and it is not done yet; look at `status`" }
        let left = max(0, Deadline.timer(preparation.end).remaining(at: Clock.now()).nanoseconds / 1_000_000_000) + 1
        let groups = preparation.groups.joined(separator: ", ")
        return "not done yet: \(node) waits for BeforeSlave of \(groups), \(left) s more at most, and hands over by "
            + "itself then; look at `status`"
    }

    private func beforeSlave(of name: String) -> Hook? {
        configuration.hook(for: .beforeSlave, in: configuration.groups.first { $0.name == name })
    }
}
