import Raft
import Time

extension Simulation {
    private var withdrawal: Nanoseconds { plan.removal }

    func keeper(of machine: Machine, hears request: Keeper.Request) {
        machine.keeper?.hear(request)
        work(machine)
    }

    /// Lets the keeper do all that it can do now.
    private func work(_ machine: Machine) {
        while let act = machine.keeper?.next(
            machine.kernel,
            at: machine.clock.reading(at: moment),
            moment: moment,
            withdrawal: .nanoseconds(plan.removal)
        ) {
            perform(act, of: machine)
        }
        machine.agent?.watch.settle(holds: machine.keeper?.takeAnsweredHolds() ?? 0, at: moment)
        armKeeper(of: machine)
    }

    private func perform(_ act: Keeper.Act, of machine: Machine) {
        switch act {
        case .begin(let operation):
            fence(operation, on: machine)
            let cost = cost(of: machine.keeper?.operation ?? operation, on: machine)
            agenda.note(.kernelAnswers(machine, run: machine.keeperRun), at: moment + cost)
            if let span = machine.stopsWithin.take() { stopKeeper(machine, for: span, within: operation) }
        case .answerWithdrawn(let term):
            guard plan.sabotage != .withdrawnUnanswered else { return }
            machine.lastAnswerAt = max(machine.lastAnswerAt, moment + keeperDice.span(20_000...300_000))
            agenda.note(.agentHears(machine, run: machine.run, .released(term)), at: machine.lastAnswerAt)
        case .sendWill(let term): sendWill(term, of: machine)
        case .exit: endKeeper(of: machine)
        }
    }

    /// Together with a late awakening less than D, but for sabotage.
    private func cost(of operation: Keeper.Operation, on machine: Machine) -> Nanoseconds {
        switch operation {
        case _ where machine.isKeeperSlow && plan.sabotage != .slowRemoval:
            keeperDice.span((withdrawal * 3 / 10)...(withdrawal * 4 / 10))
        case .adding: keeperDice.span(Usual.adding(withdrawal))
        case .removing where plan.sabotage == .slowRemoval:
            withdrawal + keeperDice.span(.milliseconds(20)...(.milliseconds(100)))
        case .removing: keeperDice.span(30_000...(withdrawal * 4 / 10))
        }
    }

    /// The fence goes first: it is opened before the address comes, and closed before it goes.
    private func fence(_ operation: Keeper.Operation, on machine: Machine) {
        switch operation {
        case .removing: machine.kernel.closeFence(at: moment)
        case .adding:
            guard let until = machine.keeper?.until else { return }
            let left = Deadline.either(until).remaining(at: machine.clock.reading(at: moment)).nanoseconds
            // Nine tenths of what is left, by a clock that may be slewed by a tenth.
            let end = moment + left / 100 * keeperDice.span(81...99)
            if !machine.kernel.openFence(until: end, at: moment) { machine.keeper?.takeOff() }
        }
    }

    func answer(_ machine: Machine) {
        guard moment >= machine.standsStillUntil else {
            return agenda.note(.kernelAnswers(machine, run: machine.keeperRun), at: machine.standsStillUntil)
        }
        guard let keeper = machine.keeper, let operation = keeper.operation else { return }
        if keeper.isStopped, keeperDice.chance(0.5) {
            machine.keeper?.awaitsRequest = true
            return
        }
        machine.keeper?.finishOperation()
        switch operation {
        case .adding(let term): install(term, on: machine)
        case .removing: remove(machine)
        }
        work(machine)
    }

    private func install(_ term: Term, on machine: Machine) {
        if machine.kernel.installed != term { trace.note(moment, "\(name(machine)) HAS the VIP of t\(term)") }
        machine.kernel.install(term, at: moment, lifetime: keeperDice.span(plan.kernelLifetime))
        checker.installed(term, machine, machines, at: moment)
        guard !machine.isExpiryNoted else { return }
        machine.isExpiryNoted = true
        agenda.note(.kernelExpires(machine), at: machine.kernel.lifetimeEnd)
    }

    func remove(_ machine: Machine) {
        guard machine.kernel.installed != nil else { return }
        trace.note(moment, "\(name(machine)) has no VIP")
        machine.kernel.remove()
        checker.lost(machine, at: moment)
    }

    func expire(_ machine: Machine) {
        machine.isExpiryNoted = false
        guard machine.kernel.installed != nil else { return }
        if moment >= machine.kernel.lifetimeEnd { return remove(machine) }
        machine.isExpiryNoted = true
        agenda.note(.kernelExpires(machine), at: machine.kernel.lifetimeEnd)
    }

    private func armKeeper(of machine: Machine) {
        guard let keeper = machine.keeper, !keeper.isStopped, keeper.operation == nil, machine.kernel.installed != nil,
            let deadline = keeper.deadline
        else { return }
        let late = isHealed ? 100_000 : keeperDice.span(20_000...(withdrawal * 4 / 10))
        let renewal = machine.kernel.refreshed + Kernel.renewalInterval
        let at = max(moment, min(machine.clock.moment(of: deadline), renewal)) + late
        if let armed = machine.keeperWakesAt, armed <= at, armed >= moment { return }
        machine.keeperWakesAt = at
        agenda.note(.keeperWakes(machine, run: machine.keeperRun, at: at), at: at)
    }

    func wakeKeeper(of machine: Machine, armedFor at: Nanoseconds) {
        guard machine.keeperWakesAt == at else { return }
        machine.keeperWakesAt = nil
        work(machine)
    }

    func endKeeper(of machine: Machine) {
        machine.keeper = nil
        machine.isCleaning = false
        machine.stopsWithin = nil
        machine.keeperRun += 1
        machine.keeperWakesAt = nil
    }

    private func sendWill(_ term: Term, of machine: Machine) {
        trace.note(moment, "\(name(machine)) leaves the will of t\(term)")
        checker.claimed(term, machine, machines, at: moment)
        for peer in machines where peer !== machine {
            for _ in 0..<3 { transmit(.will(term), from: machine, to: peer.index, naming: 0) }
            // What it says stays true for ever, so no window refuses it: somebody who has recorded it may send it again.
            guard keeperDice.chance(0.3) else { continue }
            let replay = datagram(.will(term), from: machine, to: peer.index, naming: 0)
            agenda.note(.arrives(replay), at: moment + keeperDice.span(0...(.seconds(5))))
        }
    }
}

/// What happens only outside `strict`: the keeper is killed, or stopped for longer than D.
extension Simulation {
    func stopKeeper(of machine: Machine) { machine.keeper?.isStopped = true }

    func resumeKeeper(of machine: Machine) {
        guard machine.keeper?.isStopped == true else { return }
        machine.keeper?.isStopped = false
        if machine.keeper?.awaitsRequest == true, let operation = machine.keeper?.operation {
            machine.keeper?.awaitsRequest = false
            // What no process can prevent, and a fence does: the kernel takes a renewal for an addition where the address has
            // gone, and the next look at the clock comes behind it. One that an agent gave up would be dead.
            if plan.exclusivity == .strict, plan.sabotage != .silentKeeper {
                machine.excusedUntil = max(machine.excusedUntil, moment + 2 * plan.removal)
            }
            agenda.note(.kernelAnswers(machine, run: machine.keeperRun), at: moment + cost(of: operation, on: machine))
        }
        work(machine)
    }

    /// The kernel may be in the middle of its request, and ends it before the process is gone.
    func killKeeper(of machine: Machine) {
        guard let keeper = machine.keeper else { return }
        trace.note(moment, "the keeper of \(name(machine)) is dead")
        endKeeper(of: machine)
        if let operation = keeper.operation, !keeper.awaitsRequest, keeperDice.chance(0.5) {
            switch operation {
            case .adding(let term): install(term, on: machine)
            case .removing: remove(machine)
            }
        }
        let heard = max(machine.lastAnswerAt, moment + keeperDice.tail(.milliseconds(0.2), most: .milliseconds(14)))
        agenda.note(.agentHears(machine, run: machine.run, .keeperGone), at: heard)
    }
}
