import Raft
import Testing

/// The arithmetic of majorities (§5.2, §5.3).
@Suite struct `A quorum` {
    @Test func `is more than half of the voters, so that any two meet`() {
        for voters in 1...10 {
            let size = Quorum(of: voters).size
            #expect(2 * size > voters)
            #expect(2 * (size - 1) <= voters)
        }
    }

    @Test(
        arguments: [
            ([12], 12), ([12, 5], 5), ([100, 101, 0], 100), ([12, 5, 6], 6), ([101, 104, 103, 103, 0], 103),
            ([101, 102, 103, 103, 0], 102), ([7, 7, 7, 7], 7), ([9, 8, 7, 6], 7),
        ] as [([UInt64], UInt64)]
    )
    func `has what its slowest member has`(matches: [UInt64], committed: UInt64) {
        #expect(Quorum(of: matches.count).committed(matches.map(LogIndex.init)) == LogIndex(committed))
    }

    @Test func `has nothing while too few are known`() {
        #expect(Quorum(of: 3).committed([LogIndex(12)]) == LogIndex(0))
        #expect(Quorum(of: 3).reached([12], by: \.self) == nil)
        #expect(Quorum(of: 0).committed([]) == LogIndex(0))
    }

    @Test(
        arguments: [
            (1, 1, 0, .won), (1, 0, 0, .pending), (1, 0, 1, .lost), (2, 1, 0, .pending), (2, 1, 1, .lost),
            (2, 2, 0, .won),
            (3, 2, 1, .won), (3, 1, 1, .pending), (3, 1, 2, .lost), (7, 3, 3, .pending), (7, 3, 4, .lost),
            (4, 2, 2, .lost),
        ] as [(Int, Int, Int, VoteOutcome)]
    )
    func `elects by more than half`(voters: Int, granted: Int, refused: Int, outcome: VoteOutcome) {
        #expect(Quorum(of: voters).outcome(granted: granted, refused: refused) == outcome)
    }
}
