import Raft
import Time

extension Checker {
    /// Whatever leaves must be true even if the node crashes now: it is measured by the disk, not by the core.
    mutating func willSend(
        _ message: Message,
        _ machine: Machine,
        to receiver: NodeID,
        at moment: Nanoseconds,
        _ now: Instant
    ) {
        let durable = machine.disk.durable
        switch message {
        // None binds its sender to anything that a crash could make it forget: a candidate that forgets its term has not
        // led in it.
        case .preVote, .preVoteReply, .vote, .hello: break
        case .voteReply(let reply): judge(isDurable(reply, durable, to: receiver), message, machine, at: moment)
        case .append(let append):
            judge(mayLead(in: append.term, machine, durable), message, machine, at: moment)
            send(LeaderWord(append), machine, at: moment, now)
        case .appendReply(let reply):
            judge(isDurable(reply, durable, machine, at: moment), message, machine, at: moment)
            promised(reply, machine, at: moment)
        case .snapshot(let piece):
            judge(mayLead(in: piece.term, machine, durable), message, machine, at: moment)
            send(LeaderWord(piece), machine, at: moment, now)
        case .timeoutNow, .released: break
        }
    }

    private mutating func judge(_ isDurable: Bool, _ message: Message, _ machine: Machine, at moment: Nanoseconds) {
        if !isDurable { violate(.durableFirst, "n\(machine.index + 1) sends \(message.summary)", at: moment) }
    }

    /// A leader that could forget its own vote could give it to another of that term.
    private func mayLead(in term: Term, _ machine: Machine, _ durable: StoredState) -> Bool {
        let hardState = durable.hardState
        return hardState.term > term || hardState.term == term && hardState.vote == machine.settings.id
    }

    private func isDurable(_ reply: VoteReply, _ durable: StoredState, to candidate: NodeID) -> Bool {
        guard reply.isGranted else { return reply.term <= durable.hardState.term }
        if durable.hardState.term > reply.asked { return true }
        return durable.hardState.term == reply.asked && durable.hardState.vote == candidate
    }

    private func isDurable(
        _ reply: AppendReply,
        _ durable: StoredState,
        _ machine: Machine,
        at moment: Nanoseconds
    ) -> Bool {
        let isKept = reply.promise <= durable.hardState.longestPromise || isOver(reply, machine, at: moment)
        return reply.term <= durable.hardState.term && isKept
            && (!reply.isAccepted || reply.index <= durable.log.lastIndex)
    }

    /// The answer has waited for the disk for longer than it promises, so nobody has to remember that any more; by the
    /// slowest clock of all.
    private func isOver(_ reply: AppendReply, _ machine: Machine, at moment: Nanoseconds) -> Bool {
        guard let arrival = receipts[machine.index].arrival(of: reply.term, reply.sequence) else { return false }
        return arrival + reply.promise.nanoseconds / 999 * 1000 <= moment
    }

    private mutating func send(_ append: LeaderWord, _ machine: Machine, at moment: Nanoseconds, _ now: Instant) {
        if books[machine.index].term != append.term {
            // The role is told behind the first heartbeats of the same step.
            if leaders[append.term] != machine.index { leads(machine, in: append.term, at: moment) }
            books[machine.index].open(append.term, by: machine, at: now)
        }
        if let agent = machine.agent { books[machine.index].follow(agent.raft.membership) }
        let lease = plan.timing.lease(ofPromise: append.promise)
        if !books[machine.index].maySpeak(at: now, promise: append.promise) {
            violate(
                .silentAfterLease,
                "n\(machine.index + 1) sends #\(append.sequence) in t\(append.term)",
                at: moment
            )
        }
        books[machine.index].note(sent: append.sequence, promise: append.promise, own: lease, at: now)
        owe(append.promise, in: append.term, from: moment, machine, at: moment)
    }
}

/// What every message of a leader has.
struct LeaderWord {
    let term: Term
    let sequence: UInt64
    let promise: Duration

    init(_ append: Append) { (term, sequence, promise) = (append.term, append.sequence, append.promise) }
    init(_ piece: SnapshotPiece) { (term, sequence, promise) = (piece.term, piece.sequence, piece.promise) }
}
