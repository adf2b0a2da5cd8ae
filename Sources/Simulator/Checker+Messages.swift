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
        // Neither binds its sender to anything that a crash could make it forget.
        case .preVote, .preVoteReply, .hello: break
        case .vote(let request):
            let isOwn = durable.hardState.term > request.term || durable.hardState.vote == machine.settings.id
            judge(request.term <= durable.hardState.term && isOwn, message, machine, at: moment)
        case .voteReply(let reply): judge(isDurable(reply, durable, to: receiver), message, machine, at: moment)
        case .append(let append):
            judge(append.term <= durable.hardState.term, message, machine, at: moment)
            send(append, machine, at: moment, now)
        case .appendReply(let reply):
            judge(isDurable(reply, durable), message, machine, at: moment)
            promised(reply, machine, at: moment)
        case .timeoutNow, .released: break
        }
    }

    private mutating func judge(_ isDurable: Bool, _ message: Message, _ machine: Machine, at moment: Nanoseconds) {
        if !isDurable { violate(.durableFirst, "n\(machine.index + 1) sends \(message.summary)", at: moment) }
    }

    private func isDurable(_ reply: VoteReply, _ durable: StoredState, to candidate: NodeID) -> Bool {
        guard reply.isGranted else { return reply.term <= durable.hardState.term }
        if durable.hardState.term > reply.asked { return true }
        return durable.hardState.term == reply.asked && durable.hardState.vote == candidate
    }

    private func isDurable(_ reply: AppendReply, _ durable: StoredState) -> Bool {
        reply.term <= durable.hardState.term && reply.promise <= durable.hardState.longestPromise
            && (!reply.isAccepted || reply.index.number <= durable.entries.count)
    }

    private mutating func send(_ append: Append, _ machine: Machine, at moment: Nanoseconds, _ now: Instant) {
        let book = books[machine.index]
        if leaders[append.term] != machine.index {
            // The role is told behind the first heartbeats of the same step.
            leads(machine, in: append.term, at: moment)
        }
        if book.term != append.term { books[machine.index].open(append.term, at: now) }
        if let membership = machine.agent?.raft.membership { books[machine.index].follow(membership) }
        let lease = plan.timing.lease(ofPromise: append.promise)
        if !books[machine.index].maySpeak(at: now, promise: append.promise) {
            violate(
                .silentAfterLease,
                "n\(machine.index + 1) sends \(append.entries.count) entries in t\(append.term)",
                at: moment
            )
        }
        books[machine.index].note(sent: append.sequence, own: lease, at: now)
        owe(append.promise, in: append.term, from: moment, machine, at: moment)
    }
}
