/// A mistake planted into the simulated world around the core: a simulator that does not catch it is too kind.
///
/// The core itself has no switch for any of them. What it is told, what it remembers between two steps, what its disk
/// gives back and what its keeper does is changed in `Simulation+Sabotage.swift`, and in the simulated keeper and disk.
package enum Sabotage: String, CaseIterable, Sendable {
    // The leader's lease.
    case leaseFromReceipt, longLease, mixedTimings, lateShrinking, lateHeartbeats, selflessLeader

    // The voters' promises.
    case forgottenPromise, hastyShrinking, heedlessVoter, emptyPromise, deathHint, forgottenReleases

    // Votes, memberships and clusters.
    case lyingDisk, olderSlot, staleDisk, oldIdentity, halfQuorum, hastyMembership, quickMembership
    case secondBootstrap, differentFounders

    // Giving up.
    case withdrawnUnanswered, hastyHandover, hastyResignation, hastyWill, willByNode

    // The keeper, the kernel and the clocks.
    case keeperWithoutDeadline, queuedHold, silentKeeper, slowRemoval, wildClocks
}

extension Sabotage {
    /// Which faults it takes to see it: mistakes about keepers show only where keepers fail.
    package var exclusivity: Exclusivity {
        switch self {
        case .hastyResignation: .prompt
        case .silentKeeper: .strict
        default: .spared
        }
    }

    /// The mistake, in words.
    package var summary: String {
        switch self {
        case .leaseFromReceipt:
            "The keeper is told a lease that counts from the receipt of the acknowledgement, not from the "
                + "heartbeat's sending"
        case .longLease:
            "The keeper is told a lease as long as the promise: nothing is left for the drift of clocks or for D"
        case .mixedTimings:
            "A leader reckons each acknowledgement with the promise that it asks for now, whatever was promised"
        case .lateShrinking: "A leader goes on by the longer promise when the cluster has agreed on a shorter one"
        case .lateHeartbeats: "A leader whose lease has ended goes on sending heartbeats until it hears of another one"
        case .selflessLeader: "A leader promises itself nothing"
        case .forgottenPromise: "A restarted voter does not know that it owes a promise"
        case .hastyShrinking:
            "A longer promise of the past is not owed any more after a restart, as soon as a shorter one is asked for"
        case .heedlessVoter: "A voter inside a promise hears requests for its vote as if it owed nothing"
        case .emptyPromise: "What comes with entries is acknowledged, and not promised for"
        case .deathHint:
            "A hint that the leader is dead (true, false, late or missing) ends the promises of those who "
                + "hear it; whoever is elected so waits for as long as its voters still owed"
        case .forgottenReleases: "A heartbeat of a term that is known to be released is promised for"
        case .lyingDisk: "A write is called durable long before it is"
        case .olderSlot: "A restarted node reads the slot of its state that was written last but one"
        case .staleDisk: "A restarted voter finds the copy of its files that was made before its last vote"
        case .oldIdentity: "An emptied disk comes back under its old identity"
        case .halfQuorum: "A candidate and a leader count one voter that nobody has asked"
        case .hastyMembership: "A leader changes the membership before an entry of its own term is committed"
        case .quickMembership:
            "A leader changes the membership again as soon as the last change is committed, within one promise"
        case .secondBootstrap:
            "A node with an empty disk takes all others for empty, too, and founds a cluster beside the living one"
        case .differentFounders: "Every second founder knows the disks of the others by other identities"
        case .withdrawnUnanswered:
            "The addresses are called off when the keeper is asked, not when it has answered"
        case .hastyHandover: "The heir is told to campaign when the addresses are to go, not when they are gone"
        case .hastyResignation:
            "An agent that is told to stop, or whose keeper is lost, gives leadership up before the addresses are off"
        case .hastyWill: "The last will is sent as soon as the agent is gone"
        case .willByNode: "A last will counts for whatever term its sender leads by now"
        case .keeperWithoutDeadline: "The keeper leaves the end of the lease to the agent"
        case .queuedHold: "The keeper obeys what was in its queue when its agent died"
        case .silentKeeper: "A silent keeper is given up, and not killed"
        case .slowRemoval: "The keeper takes longer than D to take the addresses off"
        case .wildClocks: "Clocks run up to 4 % fast or slow"
        }
    }
}
