import Raft
import Storage
import Time

extension Simulation {
    /// The program is started: it waits for the old keeper's lock, and cleans up what a dead run left.
    func start(_ machine: Machine) {
        guard machine.agent == nil, machine.isStarting else { return }
        guard machine.keeper == nil, moment >= machine.standsStillUntil else {
            return agenda.note(.starts(machine), at: moment + .milliseconds(5))
        }
        machine.isStarting = false
        machine.run += 1
        machine.keeperRun += 1
        machine.isCleaning = true
        machine.keeper = Keeper(sabotage: plan.sabotage)
        let cleaning = machine.kernel.installed == nil ? 0 : keeperDice.span(0...plan.removal)
        agenda.note(.boots(machine, run: machine.run), at: moment + .milliseconds(2) + cleaning)
    }

    func boot(_ machine: Machine) {
        // First of all the new keeper takes off what a dead run left; the disk may keep the agent waiting.
        remove(machine)
        machine.isCleaning = false
        // An earlier scribe still has the files, or the first synchronization does not end.
        guard !machine.disk.isHung else {
            return agenda.note(.boots(machine, run: machine.run), at: moment + .milliseconds(5))
        }
        let boot = UInt128(coreDice.roll()) << 64 | UInt128(coreDice.roll() | 1)
        machine.keeperBoot = boot
        machine.lastWriteEnd = moment
        guard let stored = open(machine) else { return }
        let raft = RaftNode(
            machine.settings,
            stored: stored,
            seed: coreDice.roll(),
            at: machine.clock.reading(at: moment)
        )
        machine.agent = Agent(raft: raft, sessions: Sessions(boot: boot, nodes: machines.count))
        machine.isAgentKilled = false
        machine.cluster = stored.hardState.cluster
        trace.note(moment, "\(name(machine)) boots, \(stored.summary)")
        checker.booted(machine, at: moment)
        // What a crash had left in the cache was written and synced once more.
        checker.persisted(machine, at: moment)
        arm(machine)
    }

    private func open(_ machine: Machine) -> StoredState? {
        if plan.sabotage != nil { spoilDisk(of: machine) }
        do throws(DurableState<SimulatedFiles>.Failure) {
            var stored = try machine.disk.open()
            if plan.sabotage == .forgottenPromise { stored.hardState.longestPromise = .zero }
            return stored
        } catch {
            refuseToStart(machine, error)
            return nil
        }
    }

    /// The agent says why and ends. A damaged disk is emptied by an operator after a while; the rest mends itself, and
    /// the service is started again and again.
    private func refuseToStart(_ machine: Machine, _ failure: DurableState<SimulatedFiles>.Failure) {
        trace.note(moment, "\(name(machine)) does not start: \(failure)")
        tellKeeperOfEnd(of: machine)
        machine.isStarting = true
        var pause: Nanoseconds = .milliseconds(500)
        switch failure {
        // A turned bit may lie anywhere, also where a file says what it is.
        case .damaged, .foreign, .otherFormat:
            emptyDisk(of: machine)
            pause = .seconds(3)
        case .failed, .illegible, .belongsToCluster, .recovery: break
        }
        agenda.note(.starts(machine), at: moment + (isHealed ? .milliseconds(10) : pause))
    }

    func emptyDisk(of machine: Machine) {
        checker.lostDisks += 1
        let new = StorageID(UInt128(diskDice.roll()) << 64 | UInt128(diskDice.roll()))
        machine.disk.empty(storage: plan.sabotage == .oldIdentity ? machine.disk.storage : new)
    }

    func arrive(_ datagram: Datagram) {
        let machine = machines[datagram.receiver]
        if machine.agent != nil { hand(.datagram(datagram), to: machine) }
    }

    /// Something for the agent: now, or when it goes on.
    func hand(_ input: Agent.Input, to machine: Machine) {
        guard let agent = machine.agent else { return }
        guard moment >= agent.stoppedUntil else {
            if agent.inbox.count < Agent.inboxLimit { agent.inbox.append(input) }
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
        case .terminated, .diskFailed: leaveInOrder(machine)
        }
    }

    private func open(_ datagram: Datagram, at machine: Machine) {
        let sender = Sender(id: names[datagram.sender], storage: datagram.storage, boot: datagram.boot)
        if case .will(let term) = datagram.content {
            guard datagram.cluster == machine.cluster else { return }
            let claim = plan.sabotage == .willByNode ? termLed(by: sender.id, accordingTo: machine) ?? term : term
            return step(machine, .received(.released(claim), from: sender))
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
        guard let agent = machine.agent else { return }
        guard !agent.isStepping else { return agent.events.append(event) }
        agent.isStepping = true
        stepOnce(machine, agent, event)
        while machine.agent === agent, !agent.events.isEmpty { stepOnce(machine, agent, agent.events.removeFirst()) }
        agent.isStepping = false
        if machine.agent === agent { arm(machine) }
    }

    private func stepOnce(_ machine: Machine, _ agent: Agent, _ event: Event) {
        let now = machine.clock.reading(at: moment)
        checker.willStep(machine, agent, event, at: moment, now)
        let heard = plan.sabotage == nil ? event : beguile(machine, agent, event, now)
        for effect in agent.raft.step(heard, at: now) { perform(effect, of: machine, now) }
        if plan.sabotage != nil { tamper(machine, agent, behind: event, now) }
        let committed = checker.chronicle.committed.count
        checker.stepped(machine, at: moment)
        if checker.chronicle.committed.count > committed {
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
            agent.dueAt = .max
            return
        }
        let due = machine.clock.moment(of: deadline)
        agent.dueAt = due
        let at = max(moment, due) + lateness()
        if let armed = agent.wakesAt, armed <= at { return }
        agent.wakesAt = at
        agenda.note(.agentWakes(machine, run: machine.run, at: at), at: at)
    }

    /// Machines are noisy: a wait of some microseconds takes 85 ms now and then.
    private func lateness() -> Nanoseconds {
        let usual = processDice.span(Usual.lateness)
        if isHealed { return usual }
        return processDice.chance(0.002) ? processDice.tail(.milliseconds(2), most: .milliseconds(85)) : usual
    }

    func wake(_ machine: Machine, armedFor at: Nanoseconds) {
        guard let agent = machine.agent, agent.wakesAt == at, moment >= agent.stoppedUntil else { return }
        agent.wakesAt = nil
        let before = agent.raft.nextDeadline
        guard before?.hasPassed(at: machine.clock.reading(at: moment)) == true else { return arm(machine) }
        step(machine, .timeElapsed)
        let isIdle = machine.agent?.raft.nextDeadline == before
        if agent.idleWakes > 100 {
            checker.violate(
                .spinning,
                "\(name(machine)) asks for \(String(describing: before)) again and again",
                at: moment
            )
        }
        agent.idleWakes = isIdle ? agent.idleWakes + 1 : 0
    }

    /// After SIGCONT all that has queued up is handled in one go; the timer may be read before it, or after.
    func resume(_ machine: Machine) {
        guard let agent = machine.agent, moment >= agent.stoppedUntil else { return }
        trace.note(moment, "\(name(machine)) goes on")
        let inbox = agent.inbox
        agent.inbox = []
        agent.wakesAt = nil
        if processDice.chance(0.5) { step(machine, .timeElapsed) }
        let run = machine.run
        for input in inbox where machine.run == run && machine.agent != nil { take(input, by: machine) }
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
        tellKeeperOfEnd(of: machine)
    }

    private func tellKeeperOfEnd(of machine: Machine) {
        guard machine.keeper != nil else { return }
        machine.lastRequestAt = max(
            machine.lastRequestAt,
            moment + keeperDice.tail(.milliseconds(0.3), most: .milliseconds(14))
        )
        agenda.note(.keeperHears(machine, run: machine.keeperRun, .endOfFile), at: machine.lastRequestAt)
    }

    func endWrite(of machine: Machine) {
        guard moment >= machine.standsStillUntil else {
            return agenda.note(.writeEnds(machine, run: machine.writesRun), at: machine.standsStillUntil)
        }
        switch machine.disk.complete() {
        case .durable(let number):
            checker.persisted(machine, at: moment)
            if plan.sabotage != .lyingDisk { hand(.event(.persisted(number)), to: machine) }
        case .failed:
            trace.note(moment, "\(name(machine)) cannot write any more")
            hand(.diskFailed, to: machine)
        // It hangs, or nothing is left to do.
        case nil: break
        }
    }

    /// Of the writes that are under way the first ends soon, and the others after it.
    func resumeWrites(of machine: Machine) {
        machine.writesRun += 1
        for number in 0..<machine.disk.pendingCount {
            machine.lastWriteEnd = moment + plan.write * Nanoseconds(number + 1)
            agenda.note(.writeEnds(machine, run: machine.writesRun), at: machine.lastWriteEnd)
        }
    }
}

extension StoredState {
    var summary: String {
        "t\(hardState.term) vote \(hardState.vote?.text ?? "-") promised \(hardState.longestPromise.milliseconds) "
            + "log \(log.lastIndex)/t\(log.lastTerm)\(hardState.cluster == .none ? " no cluster" : "")"
    }
}
