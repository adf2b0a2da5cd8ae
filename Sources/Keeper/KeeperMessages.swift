package import Net
package import Raft
package import Time

/// What the agent asks of the keeper. Messages keep their order; each `hold` is answered by one `held` or
/// `assigning`, each `release` by one `released`.
package enum KeeperRequest: Hashable, Sendable {
    /// What to send when the agent is gone. Comes before the first hold of its term.
    case will(LastWill)
    /// The group's VIPs may be on until then, by whichever clock gets there first. Replaces any earlier hold of the
    /// group, even where it shortens it.
    case hold(group: String, Term, until: Instant)
    /// Take the VIPs off. After `.all` no hold of this term or an older one is obeyed any more.
    case release(KeeperScope, Term)
    /// Tell the neighbours again.
    case announce(group: String)
    /// Read the configuration, and say whether it can be followed: `prepared` or `unprepared`. Nothing changes yet.
    case prepare(PlanDigest, PlanNumber)
    /// Follow what was prepared, answered by `adopted`; of another number nothing happens.
    case adopt(PlanNumber)
    /// What was prepared is not wanted.
    case forget
    /// Take everything off, say so with `allOff` and exit.
    case stop
}

/// Names the texts that a plan was made from, so that agent and keeper follow the same.
package struct PlanDigest: Hashable, Sendable {
    package var bits: UInt128

    package init(bits: UInt128) { self.bits = bits }
}

/// Counts what was prepared, from 1: the same files may be read again within seconds, and an answer to the earlier reading
/// that comes late is none to the later one.
package struct PlanNumber: Hashable, Sendable {
    package var count: UInt64

    package init(_ count: UInt64) { self.count = count }

    /// The plan that the keeper has from its start.
    package static let first = PlanNumber(0)
}

/// What the keeper says.
package enum KeeperReport: Hashable, Sendable {
    /// The lock is held, nothing is left over, holds are welcome.
    case ready
    /// The keeper could not start and ends; the line is for the operator and says what to do.
    case refused(String)
    /// The answer to one hold. Without failures all VIPs of the group are on and announced.
    case held(group: String, Term, failures: String?)
    /// The answer to a hold while an earlier one of its term still waits for `held`: it counts from now on, and so many
    /// VIPs have yet to be put on or refreshed.
    case assigning(group: String, Term, left: UInt32)
    /// The kernel's list of addresses shows none of the VIPs, under any prefix on any interface.
    case released(KeeperScope, Term)
    /// The hold ended without a later one: the VIPs are off, as after `released`.
    case expired(group: String, Term)
    /// Why the links of the group are not good for holding it; nil when they are, as they are taken to be at first.
    case link(group: String, fault: String?)
    /// Somebody takes a VIP of the group off again and again: what an operator should know of it; nil when that is over.
    case contested(group: String, String?)
    /// The VIPs were off so long after the end of a hold, or of the first of them: later than D allows.
    case overran(Duration, allowed: Duration)
    /// A line for the log.
    case notice(KeeperNotice)
    /// The group's counters, where they have changed: at most once in `KeeperCore.tallyInterval`.
    case tallied(group: String, AnnouncementTally)
    /// The keeper was woken for a deadline so much too late: more than ever before.
    case late(Duration)
    /// The answer to `prepare`: the keeper's own reading has these texts, and `adopt` cannot fail any more.
    case prepared(PlanDigest, PlanNumber)
    /// The answer to `prepare`: why it cannot be followed, a line for each reason.
    case unprepared([String], PlanNumber)
    /// The answer to `adopt`: holds go by the new plan from now on.
    case adopted(PlanNumber)
    /// What the last plan had and the present one has not is off; before, what is new was put on as far as it could be.
    case settled
    /// The answer to `stop`: every VIP of every group is off.
    case allOff
}

package enum KeeperScope: Hashable, Sendable {
    case group(String)
    case all
}

/// "Released everything of this term", sealed by the agent for each peer in advance. It stays true for ever, so it
/// may leave when the agent cannot speak any more.
package struct LastWill: Hashable, Sendable {
    package struct Datagram: Hashable, Sendable {
        package var recipient: Endpoint
        package var bytes: [UInt8]

        package init(recipient: Endpoint, bytes: [UInt8]) {
            self.recipient = recipient
            self.bytes = bytes
        }
    }

    package enum Limit {
        package static let datagrams = 16
        /// Bytes in a datagram.
        package static let bytes = 1_400
    }

    package var term: Term
    package var datagrams: [Datagram]

    package init(term: Term, datagrams: [Datagram]) {
        self.term = term
        self.datagrams = datagrams
    }
}

/// Something to be logged, with its facts in fields; what it says of it in words is the log's matter.
package struct KeeperNotice: Hashable, Sendable {
    package enum Event: UInt8, Hashable, Sendable, CaseIterable {
        case requestRefused = 1
        case leftoverRemoved, strangerRemoved
        case putBack, contested, calm, putOnAnew
        case notRemoved, notListed
        case rivalClaims, claimsUnheard, notAnnounced
        case fenceRestored, fenceClosedEarly, fenceNotRenewed, fenceNotClosed
        case fenceNotChanged
    }

    package struct Field: Hashable, Sendable {
        package var name: String
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package var event: Event
    package var fields: [Field]

    package init(_ event: Event, _ fields: [Field] = []) {
        self.event = event
        self.fields = fields
    }
}
