/// A mistake planted into the simulated world around the core: a simulator that does not catch it is too kind.
package enum Sabotage: String, CaseIterable, Sendable {
    /// The keeper is told a lease that counts from the receipt of the acknowledgement, not from the heartbeat's sending.
    case leaseFromReceipt
    /// A restarted voter does not know that it owes a promise.
    case forgottenPromise
    /// A restarted voter finds the version of its state before the last one.
    case staleDisk
    /// "The addresses are off" is said when the keeper is asked, not when it has answered.
    case withdrawnUnanswered
    /// A write is called durable long before it is.
    case lyingDisk
    /// Clocks run up to 4 % fast or slow.
    case wildClocks
    /// The keeper leaves the end of the lease to the agent.
    case keeperWithoutDeadline
    /// The keeper takes longer than D to take the addresses off.
    case slowRemoval
    /// The last will is sent as soon as the agent is gone.
    case hastyWill
    /// Every lease is a quarter of a promise longer than the promises allow.
    case longLease
    /// An agent that is told to stop, or whose keeper is lost, gives leadership up before the addresses are off.
    case hastyResignation
}
