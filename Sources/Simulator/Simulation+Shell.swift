import Failover
import Raft
import Time

/// What `Sources/Agent` does between the election, the groups and the keeper; the names are the same there.
extension Simulation {
    /// How often the kernel is asked for its addresses when there is no keeper to ask.
    private static let addressPoll: Nanoseconds = .milliseconds(20)

    func feed(_ event: FailoverEvent, to machine: Machine) {
        let now = machine.clock.reading(at: moment)
        for effect in machine.agent?.failover.step(event, at: now) ?? [] { perform(effect, of: machine) }
    }

    private func perform(_ effect: FailoverEffect, of machine: Machine) {
        switch effect {
        case .assign(_, let term, let until):
            let lease = until.longestElapsed(since: machine.clock.reading(at: moment))
            if let agent = machine.agent { agent.longestLease = max(agent.longestLease, lease) }
            send(.hold(term, until: until), expecting: .hold, from: machine)
        case .withdraw(let term): release(term, on: machine)
        case .reportWithdrawn(let term): step(machine, .withdrawn(term))
        case .run, .rank, .yield, .note: break
        }
    }

    private func release(_ term: Term, on machine: Machine) {
        switch (plan.sabotage, machine.pretendedLease) {
        case (.withdrawnUnanswered, _):
            agenda.note(.agentHears(machine, run: machine.run, .released(term)), at: moment + 20_000)
        case (.leaseFromReceipt, let until?), (.longLease, let until?):
            // Whoever reckons like that does not step down before.
            let end = max(moment, machine.clock.moment(of: .either(until)))
            return agenda.note(.keeperHears(machine, run: machine.keeperRun, .release(term)), at: end)
        default: break
        }
        send(.release(term), expecting: .release, from: machine)
        if machine.agent?.areVIPsGone == true { feed(.withdrawn(term), to: machine) }
    }

    /// SIGTERM: leadership and VIPs first, then the process.
    func leaveInOrder(_ machine: Machine) {
        guard machine.agent?.isEnding == false else { return }
        machine.agent?.isEnding = true
        step(machine, .resign)
        if plan.sabotage == .hastyResignation, let term = machine.agent?.raft.term { step(machine, .withdrawn(term)) }
    }
}

/// The keeper, as the agent sees it.
extension Simulation {
    private func send(_ request: Keeper.Request, expecting question: KeeperWatch.Question, from machine: Machine) {
        guard let agent = machine.agent, !agent.watch.isCondemned else { return }
        ask(request, of: machine)
        agent.watch.expect(question, at: moment)
        guard !agent.watch.isAlarmed else { return }
        agent.watch.isAlarmed = true
        agenda.note(.keeperMissed(machine, run: machine.run), at: moment + KeeperWatch.patience)
    }

    func hearReleased(_ term: Term, _ machine: Machine) {
        guard machine.agent?.watch.isCondemned == false else { return }
        machine.agent?.watch.settleReleases()
        feed(.withdrawn(term), to: machine)
    }

    /// One alarm for all questions: one that was answered in the meantime is no reason, and it is set anew.
    func missKeeper(of machine: Machine) {
        guard let agent = machine.agent else { return }
        agent.watch.isAlarmed = false
        guard let deadline = agent.watch.deadline else { return }
        // Whoever was stopped gives the keeper, which may have been stopped as well, its time.
        let due = max(deadline, agent.stoppedUntil + KeeperWatch.grace)
        guard moment < due else { return condemnKeeper(of: machine) }
        agent.watch.isAlarmed = true
        // A stop may end before its time.
        let next = moment < agent.stoppedUntil ? min(due, moment + Self.addressPoll) : due
        agenda.note(.keeperMissed(machine, run: machine.run), at: next)
    }

    /// Kills the keeper and waits for its end; heartbeats go on meanwhile.
    func condemnKeeper(of machine: Machine) {
        guard machine.agent?.watch.isCondemned == false else { return }
        machine.agent?.watch.condemn()
        trace.note(moment, "\(name(machine)) gives its keeper up")
        if plan.sabotage != .silentKeeper { killKeeper(of: machine) }
        let buried = moment + keeperDice.span(50_000...(.milliseconds(2)))
        agenda.note(.agentHears(machine, run: machine.run, .keeperBuried), at: buried)
    }

    func loseKeeper(of machine: Machine) {
        machine.agent?.watch.isLost = true
        if plan.exclusivity == .fenced, let agent = machine.agent {
            agent.fenceEnd = .both(machine.clock.reading(at: moment) + agent.longestLease)
        }
        if plan.sabotage == .hastyResignation { leaveInOrder(machine) }
        lookForVIPs(on: machine)
    }

    /// Goes on leading without a keeper until the kernel shows no VIP, or the fence has closed before it: no other node may
    /// have it before.
    func lookForVIPs(on machine: Machine) {
        guard let agent = machine.agent else { return }
        let isFenceClosed = agent.fenceEnd?.hasPassed(at: machine.clock.reading(at: moment)) ?? false
        guard moment >= agent.stoppedUntil, machine.kernel.installed == nil || isFenceClosed else {
            return agenda.note(.agentLooks(machine, run: machine.run), at: moment + Self.addressPoll)
        }
        agent.areVIPsGone = true
        leaveInOrder(machine)
        if let term = machine.agent?.raft.term { feed(.withdrawn(term), to: machine) }
    }
}
