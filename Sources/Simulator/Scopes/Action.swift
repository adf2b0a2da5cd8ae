/// What may happen next in a small world. Numbers are small, for millions of them are remembered.
package enum Action: Hashable, Sendable {
    /// To the next moment at which something becomes due. Whoever is due need not act: a process may be late, never early.
    case timePasses
    /// A node whose deadline has passed gets to see it.
    case wakes(UInt8)
    /// The oldest write of a node becomes durable.
    case writeEnds(UInt8)
    /// The VIP is off, and the keeper says so.
    case keeperAnswers(UInt8)
    /// The keeper has seen its agent's end: it takes the VIP off and sends the last will.
    case keeperCleans(UInt8)
    /// The agent's process ends; what was not written is lost, what was held is left to the keeper.
    case crashes(UInt8)
    case restarts(UInt8)
    /// Somebody wants the node to give leadership up.
    case resigns(UInt8)
    /// The datagram at this place of those under way arrives.
    case arrives(UInt8)
    /// The same, and a copy of it stays under way.
    case arrivesTwice(UInt8)
}

/// How often what costs much may happen in one story.
package struct Allowance: Hashable, Sendable {
    var crashes = 0
    var restarts = 0
    var duplicates = 0
    var resignations = 0
}

/// A mistake planted into the small world: an explorer that does not find it explores nothing.
package enum Slip: String, CaseIterable, Sendable {
    /// A restarted voter does not know that it owes a promise.
    case forgottenPromise
    /// "The VIP is off" is said when the keeper is asked, not when it has answered.
    case withdrawnUnanswered
    /// A write is called durable when it begins.
    case lyingDisk
    /// The last state that was called durable is gone after a crash.
    case lostState
    /// The keeper leaves the end of the lease to the agent.
    case keeperWithoutDeadline
    /// Every lease lasts a promise longer than it may.
    case longLease
    /// The last will leaves before the VIP is off.
    case hastyWill
}
