import Failover
import Raft
import Time

extension Simulation {
    func perform(_ effect: Effect, of machine: Machine, _ now: Instant) {
        switch effect {
        case .persist(let write): persist(write, on: machine)
        case .send(let message, let receiver): send(message, from: machine, to: receiver, now)
        case .prepareWill(let term):
            checker.wills[machine.index] = term
            ask(.will(term), of: machine)
        case .hold(let term, let until): hold(term, until: until, on: machine, now)
        case .withdraw(let term):
            if plan.sabotage == .hastyHandover { handOverHastily(term, of: machine) }
            withdraw(term, on: machine)
        case .roleChanged(let role):
            trace.note(moment, "\(name(machine)) is \(role)")
            checker.changed(machine, to: role, at: moment, now)
        case .joined(let cluster, let membership):
            trace.note(moment, "\(name(machine)) joined \(membership.summary)")
            checker.joined(machine, cluster, machines, at: moment)
            machine.cluster = cluster
        case .resigned: if machine.agent?.isEnding == true { exit(machine) }
        case .answered(let number, let answer):
            trace.note(moment, "\(name(machine)) answers \(number): \(answer)")
        case .report(let notice): trace.note(moment, "\(name(machine)) reports \(notice.summary)")
        }
    }

    private func persist(_ write: Persistence, on machine: Machine) {
        trace.note(moment, "\(name(machine)) writes \(write.summary)")
        checker.willPersist(write, machine, at: moment)
        machine.disk.accept(write)
        let cost = machine.slowWrite ?? plan.write
        var end = max(moment, machine.lastWriteEnd) + diskDice.span(Usual.write(cost))
        if plan.sabotage == .lyingDisk {
            end += .milliseconds(300)
            agenda.note(.agentHears(machine, run: machine.run, .event(.persisted(write.number))), at: moment + 10_000)
        }
        machine.lastWriteEnd = end
        agenda.note(.writeEnds(machine, run: machine.writesRun), at: end)
    }

    private func send(_ message: Message, from machine: Machine, to receiver: NodeID, _ now: Instant) {
        trace.note(moment, "\(name(machine)) > \(receiver) \(message.summary)")
        checker.willSend(message, machine, to: receiver, at: moment, now)
        if let term = message.claim { checker.claimed(term, machine, machines, at: moment) }
        guard let index = names.firstIndex(of: receiver), index != machine.index else {
            return checker.violate(.misaddressed, "\(name(machine)) sends to \(receiver)", at: moment)
        }
        transmit(.message(message), from: machine, to: index, naming: machine.agent?.sessions.boot(of: index) ?? 0)
    }

    func transmit(_ content: Datagram.Content, from machine: Machine, to receiver: Int, naming boot: UInt128) {
        let datagram = datagram(content, from: machine, to: receiver, naming: boot)
        let (first, second) = network.delays(from: machine.index, to: receiver)
        for delay in [first, second] {
            guard let delay else { continue }
            agenda.note(.arrives(datagram), at: moment + delay)
            if !isHealed, content.renewsPromises { lastOldRenewal = max(lastOldRenewal, moment + delay) }
        }
    }

    func datagram(
        _ content: Datagram.Content,
        from machine: Machine,
        to receiver: Int,
        naming boot: UInt128
    ) -> Datagram {
        Datagram(
            sender: machine.index,
            receiver: receiver,
            storage: machine.disk.storage,
            boot: machine.keeperBoot,
            receiverBoot: boot,
            cluster: machine.cluster,
            content: content
        )
    }
}

extension Simulation {
    private func hold(_ term: Term, until: Instant, on machine: Machine, _ now: Instant) {
        trace.note(
            moment,
            "\(name(machine)) holds t\(term) for \(Deadline.either(until).remaining(at: now).milliseconds)"
        )
        checker.willHold(term, until: until, machine, at: moment, now)
        guard let until = plan.sabotage == nil ? until : falsified(until, of: term, on: machine, now) else { return }
        feed(.leaseRenewed(term, until: until), to: machine)
    }

    private func withdraw(_ term: Term, on machine: Machine) {
        trace.note(moment, "\(name(machine)) withdraws t\(term)")
        feed(.leaseEnded(term), to: machine)
    }

    func ask(_ request: Keeper.Request, of machine: Machine) {
        guard machine.keeper != nil else { return }
        let delay = keeperDice.span(keeperDice.chance(0.01) ? 20_000...5_000_000 : Usual.request)
        machine.lastRequestAt = max(machine.lastRequestAt, moment + delay)
        agenda.note(.keeperHears(machine, run: machine.keeperRun, request), at: machine.lastRequestAt)
    }

    private func exit(_ machine: Machine) {
        trace.note(moment, "\(name(machine)) has resigned")
        checker.resigned(machine, at: moment)
        let pause = machine.restartAfter.take() ?? .milliseconds(500)
        endAgent(of: machine)
        machine.isStarting = true
        agenda.note(.starts(machine), at: moment + (isHealed ? .milliseconds(10) : pause))
    }
}

extension Message {
    /// The term that this message calls released.
    fileprivate var claim: Term? {
        switch self {
        case .released(let term): term
        case .timeoutNow(let handover): handover.term
        case .vote(let request), .preVote(let request): request.released
        case .preVoteReply, .voteReply, .append, .appendReply, .snapshot, .hello: nil
        }
    }
}

extension Persistence {
    var summary: String {
        let state = hardState.map {
            " t\($0.term) vote \($0.vote?.text ?? "-") promised \($0.longestPromise.milliseconds)"
        }
        let start = snapshot.map { " snapshot \($0.index)/t\($0.term)" }
        let log = keep.map { " log after \($0) +\(entries.count)" }
        return "#\(number)\(state ?? "")\(start ?? "")\(log ?? "")"
    }
}

extension Notice {
    var summary: String {
        switch self {
        case .nodesDiffer(let other, _, _): "different nodes than \(other)"
        case .awaitsAdmission(_, let other): "waiting to be taken in, according to \(other)"
        case .membershipChanged(let membership, let reason):
            "\(membership.summary): \(reason)"
        case .timingChanged(let timing): "heartbeats \(timing.heartbeat), promises \(timing.promise) from here on"
        case .ending(let term, let reason): "ending t\(term): \(reason)"
        case .steppedDown(let term, let reason): "stepping down in t\(term): \(reason)"
        case .campaigning(let term, let reason): "campaigning in t\(term): \(reason)"
        }
    }
}

extension Membership {
    var summary: String {
        func names(_ word: String, _ members: [Member]) -> String {
            members.isEmpty ? "" : " \(word) \(members.map(\.id.text))"
        }
        return "voters \(voters.map(\.id.text))\(names("entrants", entrants))\(names("learners", learners))"
    }
}
