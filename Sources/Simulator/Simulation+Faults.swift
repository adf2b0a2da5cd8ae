import Raft
import Time

extension Simulation {
    func begin(_ aimed: Fault) {
        let fault = aimed.aimed(at: checker.holder ?? 0)
        // What stands still can neither be killed nor told anything.
        if let node = fault.machine, machines[node].standsStillUntil > moment { return }
        trace.note(moment, "FAULT \(fault)")
        switch fault {
        case .cut(let from, let to, let span): network.cut(from: from, to: to); end(fault, after: span)
        case .isolated(_, _, let span): cutOff(fault); end(fault, after: span)
        case .partitioned(_, _, let span): cutOff(fault); end(fault, after: span)
        case .lagging(_, _, let delay, let span): lag(fault, by: delay); end(fault, after: span)
        case .badWeather(let weather, let span): network.weather = weather; end(fault, after: span)
        case .agentKilled(let node, let pause): kill(machines[node], restartAfter: pause)
        case .othersKilled(let node, let pause):
            for machine in machines where machine.index != node { kill(machine, restartAfter: pause) }
        case .agentStopped(let node, let span): stop(machines[node], for: span)
        case .agentTerminated(let node, let pause): terminate(machines[node], restartAfter: pause)
        case .powerLost(let node, let pause): losePower(machines[node], restartAfter: pause)
        case .diskLost(let node, let pause):
            losePower(machines[node], restartAfter: pause)
            emptyDisk(of: machines[node])
        case .bitTurned(let node, let file, let bit, let pause):
            losePower(machines[node], restartAfter: pause)
            machines[node].disk.turnBit(bit, of: file)
        case .slowDisk(let node, let write, let span): machines[node].slowWrite = write; end(fault, after: span)
        case .diskHung(let node, let span): machines[node].disk.hang(true); end(fault, after: span)
        case .diskFull(let node, let span): machines[node].disk.fill(true); end(fault, after: span)
        case .syncFailing(let node, let span): machines[node].disk.failToSynchronize(true); end(fault, after: span)
        case .clocksChanged(let node, let boottime, let raw):
            change(machines[node], to: NodeClock.Rates(boottime: boottime, raw: raw))
        case .everythingKilled(let node, let pause): killEverything(of: machines[node], restartAfter: pause)
        case .everythingStopped(let node, let span):
            stop(machines[node], for: span)
            stopKeeper(machines[node], for: span)
        case .keeperStopped(let node, let span):
            // Where it hurts: between its look at the clock and its request to the kernel.
            if processDice.chance(0.5) {
                machines[node].stopsWithin = span
            } else {
                stopKeeper(machines[node], for: span)
            }
        case .keeperKilled(let node): killKeeper(of: machines[node])
        case .slowKeeper(let node, let span): machines[node].isKeeperSlow = true; end(fault, after: span)
        case .suspended(let node, let span): standStill(machines[node], for: span, stopsBoottime: false)
        case .frozen(let node, let span): standStill(machines[node], for: span, stopsBoottime: true)
        case .asked(let wish): ask(wish)
        case .retimed(let node, let timing): retime(machines[node], to: timing)
        }
    }

    private func end(_ fault: Fault, after span: Nanoseconds) {
        agenda.note(.faultEnds(fault), at: moment + span)
    }

    func end(_ fault: Fault) {
        switch fault {
        case .cut(let from, let to, _): network.mend(from: from, to: to)
        case .isolated, .partitioned: for link in links(of: fault) { network.mend(from: link.from, to: link.to) }
        case .lagging: lag(fault, by: 0)
        case .badWeather: network.weather = plan.weather
        case .slowDisk(let node, _, _): machines[node].slowWrite = nil
        case .slowKeeper(let node, _): machines[node].isKeeperSlow = false
        case .diskHung(let node, _):
            machines[node].disk.hang(false)
            resumeWrites(of: machines[node])
        case .diskFull(let node, _): machines[node].disk.fill(false)
        case .syncFailing(let node, _): machines[node].disk.failToSynchronize(false)
        default: break
        }
    }

    private func cutOff(_ fault: Fault) {
        for link in links(of: fault) { network.cut(from: link.from, to: link.to) }
    }

    private func lag(_ fault: Fault, by delay: Nanoseconds) {
        for link in links(of: fault) { network.lag(from: link.from, to: link.to, by: delay) }
    }

    private func links(of fault: Fault) -> [(from: Int, to: Int)] {
        switch fault {
        case .partitioned(let side, let isSymmetric, _): network.links(out: side, isSymmetric: isSymmetric)
        case .isolated(let node, let direction, _): network.links(of: node, direction)
        case .lagging(let node, let direction, _, _): network.links(of: node, direction)
        default: []
        }
    }

    private func kill(_ machine: Machine, restartAfter pause: Nanoseconds) {
        guard machine.agent != nil else { return }
        machine.isAgentKilled = true
        endAgent(of: machine)
        restart(machine, after: pause)
    }

    private func restart(_ machine: Machine, after pause: Nanoseconds) {
        machine.restartAfter = nil
        machine.isStarting = true
        agenda.note(.starts(machine), at: moment + pause)
    }

    func stop(_ machine: Machine, for span: Nanoseconds) {
        guard let agent = machine.agent else { return }
        let end = max(agent.stoppedUntil, moment + span)
        agent.stoppedUntil = end
        agenda.note(.agentResumes(machine, run: machine.run), at: end)
    }

    private func terminate(_ machine: Machine, restartAfter pause: Nanoseconds) {
        guard machine.agent != nil, machine.restartAfter == nil else { return }
        machine.restartAfter = pause
        hand(.terminated, to: machine)
    }

    private func losePower(_ machine: Machine, restartAfter pause: Nanoseconds) {
        guard machine.agent != nil || machine.keeper != nil else { return }
        endKeeper(of: machine)
        endAgent(of: machine)
        machine.disk.losePower()
        machine.run += 1
        machine.slowWrite = nil
        remove(machine)
        let start = Instant(boottime: clockDice.span(0...(.seconds(5))), raw: clockDice.span(0...(.seconds(5))))
        machine.clock = NodeClock(startedAt: moment, showing: start, rates: machine.clock.rates)
        restart(machine, after: pause)
    }

    private func change(_ machine: Machine, to rates: NodeClock.Rates) {
        // What it will not have counted was reckoned at the present rates.
        guard !machine.isStandingStill else { return }
        machine.clock.change(to: rates, at: moment)
        guard let agent = machine.agent, moment >= agent.stoppedUntil else { return }
        agent.wakesAt = nil
        arm(machine)
        machine.keeperWakesAt = nil
        if let keeper = machine.keeper, let deadline = keeper.deadline, !keeper.isStopped {
            let at = max(moment, machine.clock.moment(of: deadline))
            machine.keeperWakesAt = at
            agenda.note(.keeperWakes(machine, run: machine.keeperRun, at: at), at: at)
        }
    }

    private func killEverything(of machine: Machine, restartAfter pause: Nanoseconds) {
        guard machine.agent != nil else { return }
        machine.isAgentKilled = true
        endKeeper(of: machine)
        endAgent(of: machine)
        restart(machine, after: pause)
    }

    func stopKeeper(_ machine: Machine, for span: Nanoseconds, within operation: Keeper.Operation? = nil) {
        if case .adding = operation { checker.neglects[machine.index].renew() }
        stopKeeper(of: machine)
        agenda.note(.keeperResumes(machine, run: machine.keeperRun), at: moment + span)
    }
}

extension Simulation {
    /// The faults are over: links whole, disks fast, everybody up who was ever to be up.
    func heal() {
        trace.note(moment, "HEALED")
        isHealed = true
        network.mendAll()
        network.weather = plan.weather
        network.weather.loss = 0
        network.weather.tail = min(plan.weather.tail, plan.timing.heartbeat.nanoseconds / 4)
        // A fence is open for four fifths of a lease at the least, and no longer without a renewal.
        network.longestTail = plan.timing.heartbeat.nanoseconds
        checker.heal(lastOldRenewal: lastOldRenewal)
        let lost = plan.losesMinority ? minority() : []
        for machine in machines {
            if lost.contains(machine.index) { loseForGood(machine) } else { heal(machine) }
        }
    }

    /// Nodes without which the membership still has a quorum, and somebody who may hold. None while a change of it is under
    /// way anywhere, for after that change they may be missed.
    private func minority() -> Set<Int> {
        let stored = machines.map(\.disk.durable)
        // A founding is unanimous: it takes them all.
        guard stored.allSatisfy({ $0.hardState.cluster != .none }), !machines.contains(where: isToBeAsked) else {
            return []
        }
        // What is on a disk and was never called durable, the next run finds all the same.
        let found = machines.compactMap { machine in
            var disk = machine.disk
            return try? disk.open()
        }
        guard found.count == machines.count else { return [] }
        let logs = (stored + found).map(\.log.state.membership)
        let present = Set(machines.compactMap { $0.agent?.raft.membership } + logs)
        guard let membership = present.first, present.count == 1, membership.entrants.isEmpty else { return [] }
        var lost: Set<Int> = []
        for node in processDice.shuffle(Array(machines.indices)) where canDo(membership, without: lost.union([node])) {
            lost.insert(node)
        }
        return lost
    }

    /// A request, or a change of members, that waits for a node to go on.
    private func isToBeAsked(_ machine: Machine) -> Bool {
        machine.agent?.inbox.contains { input in
            switch input {
            case .event(.requested): return true
            case .datagram(let datagram):
                guard case .message(.append(let append)) = datagram.content else { return false }
                return append.entries.contains { if case .membership = $0.payload { true } else { false } }
            default: return false
            }
        } ?? false
    }

    private func canDo(_ membership: Membership, without lost: Set<Int>) -> Bool {
        let left = machines.filter { machine in
            !lost.contains(machine.index) && membership.voter(machine.settings.id)?.storage == machine.disk.storage
        }
        return left.count >= membership.quorum && left.contains(where: \.settings.fitness.mayHold)
    }

    private func loseForGood(_ machine: Machine) {
        trace.note(moment, "\(name(machine)) is lost for good")
        endKeeper(of: machine)
        endAgent(of: machine)
        machine.run += 1
        machine.isStarting = false
        remove(machine)
    }

    private func heal(_ machine: Machine) {
        machine.slowWrite = nil
        machine.isKeeperSlow = false
        machine.stopsWithin = nil
        machine.disk.mend()
        resumeWrites(of: machine)
        if machine.keeper?.isStopped == true { resumeKeeper(of: machine) }
        if let agent = machine.agent, agent.stoppedUntil > moment {
            agent.stoppedUntil = moment
            resume(machine)
        }
        if machine.isStarting, plan.starts[machine.index] != nil { agenda.note(.starts(machine), at: moment) }
    }
}
