import Raft
import Time

extension World {
    /// Lets a core take a step and does what it asks for.
    mutating func step(_ node: Int, _ event: Event) {
        guard hosts[node].value.raft != nil else { return }
        let mark = hosts[node].value.logMark
        var effects: [Effect] = []
        change(node) { [moment] host, setting in
            host.learn(of: event, at: moment)
            effects = host.raft?.step(event, at: setting.clocks[node].reading(at: moment)) ?? []
        }
        judgeLog(of: node, since: mark)
        for effect in effects { perform(effect, of: node) }
        if hosts[node].value.disk.pendingCount == 0, !hosts[node].value.receipts.isEmpty {
            change(node) { host, _ in host.receipts = [] }
        }
    }

    private mutating func judgeLog(of node: Int, since mark: Host.LogMark) {
        guard hosts[node].value.logMark != mark, let raft = hosts[node].value.raft else { return }
        judge(ledger.match(raft.log, of: node))
        judge(ledger.commit(raft, of: node, before: mark.commit))
    }

    private mutating func perform(_ effect: Effect, of node: Int) {
        switch effect {
        case .persist(let write): persist(write, of: node)
        case .send(let message, let receiver): send(message, from: node, to: receiver)
        case .prepareWill(let term): change(node) { host, _ in host.will = term }
        case .hold(let term, let until): hold(term, until: until, at: node)
        case .withdraw(let term): withdraw(term, at: node)
        case .roleChanged(.leader(let term)): lead(term, at: node)
        case .roleChanged, .joined, .answered, .report: break
        case .resigned:
            guard hosts[node].value.installed != nil else { break }
            violate(.releaseIsTrue, "n\(node + 1) has resigned with the VIP on")
        }
    }

    private mutating func persist(_ write: Persistence, of node: Int) {
        if let state = write.hardState, let vote = state.vote {
            decide(Host.Ballot(term: state.term, vote: vote), of: node)
        }
        change(node) { host, _ in host.disk.accept(write) }
        if setting.slip == .lyingDisk { return step(node, .persisted(write.number)) }
        if !setting.mortals.contains(node) { endWrite(of: node) }
    }

    private mutating func decide(_ ballot: Host.Ballot, of node: Int) {
        guard hosts[node].value.decided != ballot else { return }
        change(node) { host, _ in host.decided = ballot }
        let released = hosts[node].value.released
        if let promise = hosts[node].value.owed.first(where: { $0.end > moment && $0.term > released }) {
            violate(.promiseKept, "n\(node + 1) votes for \(ballot.vote) in t\(ballot.term) and owes t\(promise.term)")
        }
    }

    /// A vote counts when it is on the disk: before, a crash undoes it, and nobody has heard of it.
    mutating func noteVote(of node: Int) {
        let durable = hosts[node].value.disk.durable
        judge(ledger.persisted(durable.hardState, on: durable.storage, of: node))
    }

    private mutating func lead(_ term: Term, at node: Int) {
        if let raft = hosts[node].value.raft { judge(ledger.leads(node, raft, in: term)) }
    }

    private mutating func hold(_ term: Term, until: Instant, at node: Int) {
        var end = setting.clocks[node].moment(of: .either(until))
        if setting.slip == .longLease { end += setting.timing.promise.nanoseconds }
        let offBy = end + setting.timing.withdrawal.nanoseconds
        change(node) { host, _ in host.installed = Host.Installation(term: term, offBy: offBy) }
        for other in hosts.indices where other != node && hosts[other].value.installed != nil {
            violate(.exclusivity, "n\(node + 1) has it of t\(term), n\(other + 1) still")
        }
        if term <= ledger.claimed {
            violate(.releaseIsTrue, "n\(node + 1) installs t\(term), t\(ledger.claimed) is released")
        }
    }

    private mutating func withdraw(_ term: Term, at node: Int) {
        guard setting.slip == .withdrawnUnanswered else {
            return change(node) { host, _ in host.asked = max(host.asked ?? term, term) }
        }
        step(node, .withdrawn(term))
    }

    /// Somebody says that nothing of this term is held, nor will be.
    mutating func claim(_ term: Term) {
        if term > ledger.claimed { ledger.claimed = term }
        for (node, host) in hosts.enumerated() {
            if let held = host.value.installed, held.term <= term {
                violate(.releaseIsTrue, "n\(node + 1) has the VIP of t\(held.term), t\(term) is called released")
            }
        }
    }
}

extension World {
    private mutating func send(_ message: Message, from node: Int, to receiver: NodeID) {
        guard let other = setting.settings.firstIndex(where: { $0.id == receiver }) else { return }
        judge(message, of: node, to: receiver)
        post(message, from: node, to: other)
    }

    mutating func post(_ message: Message, from node: Int, to other: Int) {
        guard hosts[other].value.raft != nil else { return }
        let sender = Sender(
            id: setting.settings[node].id,
            storage: setting.storages[node],
            boot: UInt128(node + 1) << 64 | UInt128(hosts[node].value.run)
        )
        underWay.append(Kept(Letter(sender: sender, from: node, to: other, message: message)))
    }

    /// Whatever leaves must be true even if the node crashes now, and some of it binds.
    private mutating func judge(_ message: Message, of node: Int, to receiver: NodeID) {
        let durable = hosts[node].value.disk.durable.hardState
        var isDurable = true
        switch message {
        case .voteReply(let reply) where reply.isGranted:
            isDurable = durable.term > reply.asked || durable.term == reply.asked && durable.vote == receiver
        case .append(let append):
            let isOwn = durable.vote == setting.settings[node].id
            isDurable = durable.term > append.term || durable.term == append.term && isOwn
            // The role is told behind the first heartbeats of the same step.
            if ledger.leaders[append.term] != node { lead(append.term, at: node) }
            owe(append.promise, in: append.term, from: moment, node)
        case .appendReply(let reply):
            isDurable = reply.term <= durable.term && reply.promise <= durable.longestPromise
            let receipt = hosts[node].value.receipts.first { $0.term == reply.term && $0.sequence == reply.sequence }
            owe(reply.promise, in: reply.term, from: receipt?.at ?? moment, node)
        case .released(let term): claim(term)
        default: break
        }
        if !isDurable, setting.slip != .lyingDisk { violate(.durableFirst, "n\(node + 1) sends \(message.summary)") }
    }

    private mutating func owe(_ promise: Duration, in term: Term, from start: Nanoseconds, _ node: Int) {
        // The fastest clock of all runs 0.1 % fast.
        let end = start + promise.nanoseconds / 1001 * 1000
        guard end > moment else { return }
        change(node) { host, _ in
            host.owed.removeAll { $0.term <= term && $0.end <= end }
            host.owed.append(Checker.Owed(term: term, end: end))
        }
    }
}

extension Host {
    /// What the node itself can know behind this event: releases, and when heartbeats came.
    mutating func learn(of event: Event, at moment: Nanoseconds) {
        switch event {
        case .withdrawn(let term), .received(.released(let term), _): released = max(released, term)
        case .received(.timeoutNow(let handover), _): released = max(released, handover.term)
        case .received(.vote(let request), _), .received(.preVote(let request), _):
            released = max(released, request.released)
        case .received(.append(let append), _):
            let isKnown = receipts.contains { $0.term == append.term && $0.sequence == append.sequence }
            if !isKnown { receipts.append(Receipt(term: append.term, sequence: append.sequence, at: moment)) }
        default: break
        }
    }
}
