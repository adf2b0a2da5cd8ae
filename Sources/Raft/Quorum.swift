/// What a number of voters decide by majority: any two majorities meet in a voter, and on that rest elections (§5.2),
/// commits (§5.3) and leases.
package struct Quorum: Hashable, Sendable {
    package let voters: Int

    package init(of voters: Int) { self.voters = voters }

    /// How many voters make one: more than half.
    package var size: Int { voters / 2 + 1 }

    /// The furthest point that a whole quorum has reached, of the points of the voters that are known; nil while those
    /// are too few.
    package func reached<Point>(_ points: [Point], by value: (Point) -> some Comparable) -> Point? {
        points.ranked(size, by: value)
    }

    /// The last entry that a whole quorum has; a voter of whom nothing is known has none.
    package func committed(_ matches: [LogIndex]) -> LogIndex { reached(matches, by: \.self) ?? LogIndex(0) }

    package func outcome(granted: Int, refused: Int) -> VoteOutcome {
        if granted >= size { return .won }
        return voters - refused >= size ? .pending : .lost
    }
}

package enum VoteOutcome: Hashable, Sendable {
    case won
    /// The missing voters decide.
    case pending
    /// Whatever the missing voters say.
    case lost
}

extension Membership {
    /// How those decide who have a vote.
    package var majority: Quorum { Quorum(of: voters.count) }
}
