import Raft
import Time

extension Simulation {
    /// The program is started: it waits for the old keeper's lock, and cleans up what a dead run left.
    func start(_ machine: Machine) {
        guard machine.agent == nil, machine.isStarting else { return }
        guard machine.keeper == nil else { return agenda.note(.starts(machine), at: moment + .milliseconds(5)) }
        machine.isStarting = false
        machine.run += 1
        machine.keeperRun += 1
        machine.keeper = Keeper(sabotage: plan.sabotage)
        let cleaning = machine.kernel.installed == nil ? 0 : keeperDice.span(0...plan.timing.withdrawal.nanoseconds)
        agenda.note(.boots(machine, run: machine.run), at: moment + .milliseconds(2) + cleaning)
    }

    func boot(_ machine: Machine) {
        remove(machine)
        let boot = UInt128(coreDice.roll()) << 64 | UInt128(coreDice.roll() | 1)
        machine.keeperBoot = boot
        machine.lastWriteEnd = moment
        if plan.sabotage == .forgottenPromise { machine.disk.forgetPromise() }
        if plan.sabotage == .staleDisk { machine.disk.growOld() }
        let raft = RaftNode(
            machine.settings,
            stored: machine.disk.durable,
            seed: coreDice.roll(),
            at: machine.clock.reading(at: moment)
        )
        machine.agent = Agent(
            raft: raft,
            sessions: Sessions(boot: boot, nodes: machines.count)
        )
        machine.isAgentKilled = false
        machine.cluster = machine.disk.durable.hardState.cluster
        trace.note(moment, "\(name(machine)) boots, \(machine.disk.durable.summary)")
        checker.booted(machine, at: moment)
        arm(machine)
    }

    func arrive(_ datagram: Datagram) {
        let machine = machines[datagram.receiver]
        if machine.agent != nil { hand(.datagram(datagram), to: machine) }
    }

    /// Something for the agent: now, or when it goes on.
    func hand(_ input: Agent.Input, to machine: Machine) {
        guard let agent = machine.agent else { return }
        guard moment >= agent.stoppedUntil else {
            if agent.inbox.count < Agent.inboxLimit { machine.agent?.inbox.append(input) }
            return
        }
        take(input, by: machine)
    }

    private func take(_ input: Agent.Input, by machine: Machine) {
        switch input {
        case .event(let event): step(machine, event)
        case .datagram(let datagram): open(datagram, at: machine)
        case .released(let term): hearReleased(term, machine)
        case .keeperGone: condemnKeeper(of: machine)
        case .keeperBuried: loseKeeper(of: machine)
        case .terminated: leaveInOrder(machine)
        }
    }

    private func open(_ datagram: Datagram, at machine: Machine) {
        let sender = Sender(id: names[datagram.sender], storage: datagram.storage, boot: datagram.boot)
        if case .will(let term) = datagram.content {
            guard datagram.cluster == machine.cluster else { return }
            return step(machine, .received(.released(term), from: sender))
        }
        switch machine.agent?.sessions.judge(datagram) {
        case .heard:
            guard case .message(let message) = datagram.content, isForUs(datagram, message, machine) else { return }
            trace.note(moment, "\(name(machine)) < \(sender.id) \(message.summary)")
            step(machine, .received(message, from: sender))
        case .introduce: transmit(.introduction, from: machine, to: datagram.sender, naming: datagram.boot)
        case .dropped, nil: break
        }
    }

    private func isForUs(_ datagram: Datagram, _ message: Message, _ machine: Machine) -> Bool {
        if case .hello = message { return true }
        return datagram.cluster == machine.cluster
    }

    /// Steps of the core, one after the other, never one from within the handling of another's effects.
    func step(_ machine: Machine, _ event: Event) {
        machine.agent?.events.append(event)
        guard machine.agent?.isStepping == false else { return }
        machine.agent?.isStepping = true
        while machine.agent?.events.isEmpty == false, let next = machine.agent?.events.removeFirst() {
            stepOnce(machine, next)
        }
        machine.agent?.isStepping = false
        if machine.agent != nil { arm(machine) }
    }

    private func stepOnce(_ machine: Machine, _ event: Event) {
        let now = machine.clock.reading(at: moment)
        checker.willStep(machine, event, at: moment, now)
        guard let effects = machine.agent?.raft.step(event, at: now) else { return }
        for effect in effects { perform(effect, of: machine, now) }
        let committed = checker.committed.count
        checker.stepped(machine, at: moment)
        if checker.committed.count > committed {
            checker.judgeCommits(machines, of: machine, from: committed, at: moment)
        }
    }

    func name(_ machine: Machine) -> NodeID { names[machine.index] }
}

extension Simulation {
    /// Arms the one timer to the core's next deadline; an alarm that comes too early looks again.
    func arm(_ machine: Machine) {
        guard let agent = machine.agent else { return }
        guard let deadline = agent.raft.nextDeadline else {
            machine.agent?.dueAt = .max
            return
        }
        let due = machine.clock.moment(of: deadline)
        machine.agent?.dueAt = due
        let at = max(moment, due) + lateness()
        if let armed = agent.wakesAt, armed <= at { return }
        machine.agent?.wakesAt = at
        agenda.note(.agentWakes(machine, run: machine.run, at: at), at: at)
    }

    /// Machines are noisy: a wait of some microseconds takes 85 ms now and then.
    private func lateness() -> Nanoseconds {
        let usual = processDice.span(10_000...200_000)
        if isHealed { return usual }
        return processDice.chance(0.002) ? processDice.tail(.milliseconds(2), most: .milliseconds(85)) : usual
    }

    func wake(_ machine: Machine, armedFor at: Nanoseconds) {
        guard let agent = machine.agent, agent.wakesAt == at, moment >= agent.stoppedUntil else { return }
        machine.agent?.wakesAt = nil
        guard agent.raft.nextDeadline?.hasPassed(at: machine.clock.reading(at: moment)) == true else {
            return arm(machine)
        }
        let before = agent.raft.nextDeadline
        step(machine, .timeElapsed)
        let isIdle = machine.agent?.raft.nextDeadline == before
        machine.agent?.idleWakes = isIdle ? agent.idleWakes + 1 : 0
        if agent.idleWakes > 100 {
            checker.violate(
                .spinning,
                "\(name(machine)) asks for \(String(describing: before)) again and again",
                at: moment
            )
        }
    }

    /// After SIGCONT all that has queued up is handled in one go; the timer may be read before it, or after.
    func resume(_ machine: Machine) {
        guard let agent = machine.agent, moment >= agent.stoppedUntil else { return }
        trace.note(moment, "\(name(machine)) goes on")
        machine.agent?.inbox = []
        machine.agent?.wakesAt = nil
        if processDice.chance(0.5) { step(machine, .timeElapsed) }
        let run = machine.run
        for input in agent.inbox where machine.run == run && machine.agent != nil { take(input, by: machine) }
        if machine.agent != nil, machine.run == run { arm(machine) }
    }

    /// The agent process ends. What it had asked the disk for becomes durable, or not.
    func endAgent(of machine: Machine) {
        guard machine.agent != nil else { return }
        machine.agent = nil
        machine.run += 1
        machine.disk.crash(&diskDice)
        machine.writesRun += 1
        checker.persisted(machine, at: moment)
        checker.ended(machine)
        guard machine.keeper != nil else { return }
        machine.lastRequestAt = max(
            machine.lastRequestAt,
            moment + keeperDice.tail(.milliseconds(0.3), most: .milliseconds(14))
        )
        agenda.note(.keeperHears(machine, run: machine.keeperRun, .endOfFile), at: machine.lastRequestAt)
    }

    func endWrite(of machine: Machine) {
        guard let number = machine.disk.complete() else { return }
        checker.persisted(machine, at: moment)
        if plan.sabotage != .lyingDisk { hand(.event(.persisted(number)), to: machine) }
    }
}

extension StoredState {
    var summary: String {
        "t\(hardState.term) vote \(hardState.vote?.text ?? "-") promised \(hardState.longestPromise.milliseconds) "
            + "log \(entries.count)/t\(entries.last?.term ?? Term(0))\(hardState.cluster == .none ? " no cluster" : "")"
    }
}
