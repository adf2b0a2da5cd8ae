/// A rule that was broken, in true time.
package struct Violation: Hashable, Sendable, CustomStringConvertible {
    /// The invariants, by the words of the paper and of DESIGN.md 3.
    package enum Rule: String, Hashable, Sendable {
        case oneLeaderATerm = "at most one leader a term (Election Safety, §5.2)"
        case exclusivity = "at most one node with the VIP installed"
        case witnessHolds = "a witness never has the VIP"
        case deadPromises = "nothing is promised to a leader that has released"
        case patientChanges = "a membership is committed, and promised for by a quorum, before the next"
        case logMatching = "logs with an equal entry are equal up to it (Log Matching, §5.3)"
        case committedStays = "a committed entry never changes (State Machine Safety, §5.4)"
        case leaderCompleteness = "a leader has all committed entries (Leader Completeness, §5.4)"
        case quorumHasIt = "an entry is committed when a quorum has it on its disks (§5.3)"
        case oneVoteATerm = "one vote a term, over restarts (§5.2)"
        case durableFirst = "no message leaves that depends on a write not yet durable"
        case promiseKept = "no vote inside a promise"
        case promiseRemembered = "a node that starts anew owes as much as it did before"
        case releaseIsTrue = "nothing is held of a term that is called released"
        case leaseHolds = "no lease longer than the promises of a quorum are worth"
        case willFirst = "the last will is with the keeper before the first hold of its term"
        case silentAfterLease = "a leader whose lease has ended sends no more in its term"
        case oneCluster = "all nodes compute the same cluster"
        case misaddressed = "messages go to other members"
        case spinning = "a deadline that has passed is dealt with"
        case storm = "nodes fall silent when they have told each other everything"
        case oneHolder = "after the faults one node holds the VIP, and goes on holding it"

        /// Whether time itself would not pass any more.
        var endsTheRun: Bool { self == .spinning || self == .storm }

        /// Whether it is about what must never be; the others say that something must be at last.
        package var isSafety: Bool { self != .oneHolder && !endsTheRun }
    }

    package let rule: Rule
    package let detail: String
    package let at: Nanoseconds

    package var description: String { "at \(Trace.seconds(at)) broken: \(rule.rawValue): \(detail)" }
}
