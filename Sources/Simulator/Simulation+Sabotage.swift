import Raft
import Time

/// What the planting of a mistake has to remember.
struct Mischief {
    var dice: Dice
    /// Of each node: the end of its promise before the present step.
    var promiseEnds: [Instant?]
    /// Of each node: the promise in force, and the longest that a shorter one has taken the place of.
    var promises: [Duration?]
    var formerPromises: [Duration?]
    /// When each node will hear that its leader is dead.
    var hints: [Nanoseconds?]
    /// What each node owed when it heard so, until it has told a candidate.
    var owed: [Nanoseconds]
    /// How long the leader of a term waits for what its voters owed.
    var waits: [Term: Nanoseconds] = [:]

    init(_ plan: Plan) {
        dice = Dice(seed: plan.seed, stream: .sabotage)
        let nodes = plan.starts
        promiseEnds = nodes.map { _ in nil }
        promises = nodes.map { _ in nil }
        formerPromises = nodes.map { _ in nil }
        hints = nodes.map { _ in nil }
        owed = nodes.map { _ in 0 }
    }

    mutating func forget(_ node: Int) {
        promises[node] = nil
        formerPromises[node] = nil
        hints[node] = nil
        owed[node] = 0
    }
}

/// Where a planned mistake reaches into a run. Nothing here is called in a run without one.
extension Simulation {
    /// Before a step: the core's memory loses something, or what has happened reaches it as something else.
    func beguile(_ machine: Machine, _ agent: Agent, _ event: Event, _ now: Instant) -> Event {
        mischief.promiseEnds[machine.index] = agent.raft.promiseEnd
        switch (plan.sabotage, event) {
        case (.heedlessVoter, .received(.vote, _)), (.heedlessVoter, .received(.preVote, _)):
            agent.raft.plant(.forgottenPromise)
        case (.lateHeartbeats, _): agent.raft.plant(.longerLeadership(agent.raft.timing.heartbeat, at: now))
        case (.forgottenReleases, .received(.append, _)): agent.raft.plant(.forgottenReleases)
        case (.mixedTimings, .received(.appendReply(let reply), let sender)):
            return .received(.appendReply(falsified(reply, agent.raft.timing.promise, agent)), from: sender)
        case (.lateShrinking, .received(.appendReply(let reply), let sender)):
            guard let former = mischief.formerPromises[machine.index] else { break }
            return .received(.appendReply(falsified(reply, former, agent)), from: sender)
        case (.secondBootstrap, .received(.hello(let hello), let sender)) where agent.raft.role == .waiting:
            return .received(.hello(emptied(hello, machine)), from: sender)
        case (.differentFounders, .received(.hello(let hello), let sender)) where agent.raft.role == .waiting:
            return machine.index.isMultiple(of: 2) ? event : misknown(hello, sender)
        case (.deathHint, _): hint(machine, agent, now)
        default: break
        }
        return event
    }

    /// After a step: the core's memory is changed, or it is told what nobody has said.
    func tamper(_ machine: Machine, _ agent: Agent, behind event: Event, _ now: Instant) {
        switch (plan.sabotage, event) {
        case (.selflessLeader, _): if case .leader = agent.raft.role { agent.raft.plant(.forgottenPromise) }
        case (.hastyShrinking, _): agent.raft.plant(.hastyShrinking)
        case (.emptyPromise, .received(.append(let append), _)) where !append.entries.isEmpty:
            if let end = mischief.promiseEnds[machine.index] { agent.raft.plant(.promiseTakenBack(to: end)) }
        case (.lateShrinking, _): notePromise(of: machine, agent)
        case (.hastyMembership, _), (.quickMembership, _): settleMembership(agent)
        case (.halfQuorum, _): forgeVoter(of: machine, agent, now)
        case (.deathHint, _): noteWait(machine, agent, event)
        default: break
        }
    }
}

// MARK: Leases

extension Simulation {
    /// Another end of the lease for the keeper; nil: it is told nothing.
    func falsified(_ until: Instant, of term: Term, on machine: Machine, _ now: Instant) -> Instant? {
        let promise = machine.agent?.raft.timing.promise ?? .zero
        switch plan.sabotage {
        case .leaseFromReceipt:
            machine.pretendedLease = now + checker.lease(ofPromise: promise)
            return machine.pretendedLease
        case .longLease:
            machine.pretendedLease = until + (promise - checker.lease(ofPromise: promise))
            return machine.pretendedLease
        case .deathHint: return moment < mischief.waits[term] ?? 0 ? nil : until
        default: return until
        }
    }

    /// Takes an acknowledgement, and all heartbeats, for others than they were.
    private func falsified(_ reply: AppendReply, _ promise: Duration, _ agent: Agent) -> AppendReply {
        guard reply.promise > .zero else { return reply }
        agent.raft.plant(.promisesTaken(for: promise))
        return AppendReply(
            term: reply.term,
            sequence: reply.sequence,
            promise: promise,
            index: reply.index,
            isAccepted: reply.isAccepted,
            fitness: reply.fitness,
            wish: reply.wish
        )
    }

    private func notePromise(of machine: Machine, _ agent: Agent) {
        let present = agent.raft.timing.promise
        defer { mischief.promises[machine.index] = present }
        guard let known = mischief.promises[machine.index], present < known else { return }
        mischief.formerPromises[machine.index] = max(known, mischief.formerPromises[machine.index] ?? .zero)
    }
}

// MARK: Votes, memberships and clusters

extension Simulation {
    func spoilDisk(of machine: Machine) {
        mischief.forget(machine.index)
        switch plan.sabotage {
        case .staleDisk: machine.disk.growOld()
        case .olderSlot: machine.disk.takeOlderSlot()
        default: break
        }
    }

    /// Which term `node` leads as this machine knows it.
    func termLed(by node: NodeID, accordingTo machine: Machine) -> Term? {
        guard case .follower(let term, leader: node)? = machine.agent?.raft.role else { return nil }
        return term
    }

    private func settleMembership(_ agent: Agent) {
        guard case .leader(let term) = agent.raft.role else { return }
        let isOwnCommitted = agent.raft.log.term(at: agent.raft.commitIndex) == term
        switch plan.sabotage {
        case .hastyMembership: if !isOwnCommitted { agent.raft.plant(.settledMembership) }
        default: if isOwnCommitted { agent.raft.plant(.hastyMembership) }
        }
    }

    /// One voter that is out of reach, or else the last one, agrees to everything.
    private func forgeVoter(of machine: Machine, _ agent: Agent, _ now: Instant) {
        let others = agent.raft.membership.voters.filter { $0.id != agent.raft.id }
        guard let voter = others.first(where: { isOutOfReach($0.id, of: machine) }) ?? others.last,
            let message = consent(to: agent)
        else { return }
        let sender = Sender(id: voter.id, storage: voter.storage, boot: 0)
        for effect in agent.raft.step(.received(message, from: sender), at: now) { perform(effect, of: machine, now) }
    }

    private func isOutOfReach(_ node: NodeID, of machine: Machine) -> Bool {
        guard let index = names.firstIndex(of: node) else { return true }
        return machines[index].agent == nil || network.isCut(from: machine.index, to: index)
            || network.isCut(from: index, to: machine.index)
    }

    private func consent(to agent: Agent) -> Message? {
        switch agent.raft.role {
        case .candidate(let term):
            let asked = agent.raft.isAskingFirst ? term.next : term
            let reply = VoteReply(term: term, asked: asked, isGranted: true, promiseLeft: .zero)
            return agent.raft.isAskingFirst ? .preVoteReply(reply) : .voteReply(reply)
        case .leader(let term):
            guard let sent = agent.raft.newestHeartbeat else { return nil }
            let reply = AppendReply(
                term: term,
                sequence: sent.sequence,
                promise: sent.promise,
                index: agent.raft.lastIndex,
                isAccepted: true,
                fitness: Fitness(priority: 0, mayHold: false),
                wish: agent.raft.timing.wish
            )
            return .appendReply(reply)
        case .waiting, .follower: return nil
        }
    }

    private func emptied(_ hello: Hello, _ machine: Machine) -> Hello {
        let nodes = machine.settings.nodes.sorted { $0.id < $1.id }
        return Hello(nodes: nodes, storage: hello.storage, cluster: nil, wantsReply: hello.wantsReply)
    }

    private func misknown(_ hello: Hello, _ sender: Sender) -> Event {
        let storage = StorageID(~hello.storage.bits)
        let other = Hello(nodes: hello.nodes, storage: storage, cluster: hello.cluster, wantsReply: hello.wantsReply)
        return .received(.hello(other), from: Sender(id: sender.id, storage: storage, boot: sender.boot))
    }
}

// MARK: Giving up

extension Simulation {
    /// In the leader's name, past its own core.
    func handOverHastily(_ term: Term, of machine: Machine) {
        guard let agent = machine.agent, let heir = agent.raft.heir, let index = names.firstIndex(of: heir) else {
            return
        }
        let message = Message.timeoutNow(TimeoutNow(term: term, lastIndex: agent.raft.lastIndex))
        transmit(.message(message), from: machine, to: index, naming: agent.sessions.boot(of: index))
    }
}

// MARK: Hints

extension Simulation {
    /// Somebody says that the leader is dead, and some of the others hear it, some late.
    private func hint(_ machine: Machine, _ agent: Agent, _ now: Instant) {
        guard case .follower(_, leader: .some(let leader)) = agent.raft.role else { return }
        if mischief.dice.chance(0.002) {
            for other in machines where names[other.index] != leader && mischief.dice.chance(0.7) {
                mischief.hints[other.index] = moment + mischief.dice.span(0...plan.timing.promise.nanoseconds / 4)
            }
        }
        guard let due = mischief.hints[machine.index], due <= moment else { return }
        mischief.hints[machine.index] = nil
        let left = Deadline.both(agent.raft.promiseEnd).remaining(at: now).nanoseconds
        mischief.owed[machine.index] = max(mischief.owed[machine.index], moment + left)
        agent.raft.plant(.deadLeader(at: now))
    }

    /// What a voter owed it tells whom it votes for, and owes it no more.
    private func noteWait(_ machine: Machine, _ agent: Agent, _ event: Event) {
        guard mischief.owed[machine.index] > moment, hasVoted(agent, event) else { return }
        let term = agent.raft.term
        mischief.waits[term] = max(mischief.waits[term] ?? 0, mischief.owed[machine.index])
        mischief.owed[machine.index] = 0
    }

    private func hasVoted(_ agent: Agent, _ event: Event) -> Bool {
        let vote = agent.raft.hardState.vote
        if case .received(.vote(let request), let sender) = event {
            return request.term == agent.raft.term && sender.id == vote
        }
        return vote == agent.raft.id && !agent.raft.isAskingFirst && agent.raft.role == .candidate(agent.raft.term)
    }
}
