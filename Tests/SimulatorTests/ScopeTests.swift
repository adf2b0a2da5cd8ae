import Testing

@testable import Simulator

@Suite struct `A small scope` {
    /// Deep enough to be worth something in a debug build of a few seconds; the executable goes on for minutes.
    @Test(arguments: Scope.allCases) func `has no violation in any order of a few actions`(scope: Scope) {
        var explorer = Explorer(scope)
        explorer.explore(depth: 4, stateLimit: 100_000) { true }
        #expect(explorer.finding.violation == nil, "\(explorer.finding.story.joined(separator: "\n"))")
        #expect(explorer.finding.depth == 4)
        #expect(explorer.finding.states > 50)
    }

    @Test func `is the same whichever of two actions of different nodes comes first`() throws {
        let world = Scope.candidates.world()
        let one = try #require(world.after(.wakes(1))?.after(.wakes(2)))
        let other = try #require(world.after(.wakes(2))?.after(.wakes(1)))
        #expect(one.digest == other.digest)
        #expect(one.digest != world.digest)
    }

    @Test func `ends where its limits are`() {
        var byStates = Explorer(.fresh)
        byStates.explore(depth: 100, stateLimit: 1_000) { true }
        #expect((1_000..<10_000).contains(byStates.finding.states))
        var byTime = Explorer(.fresh)
        byTime.explore(depth: 100, stateLimit: .max) { false }
        #expect(byTime.finding.depth == 0)
        #expect(!byTime.finding.isExhausted)
    }

    /// Each with the scope that shows it, the rule that it breaks and the number of actions that it takes; without the
    /// mistake the same search finds nothing.
    @Test(arguments: [
        (Slip.forgottenPromise, Scope.restart, Violation.Rule.promiseKept, 6),
        (.lostState, .ballot, .oneVoteATerm, 8),
        (.lyingDisk, .ballot, .oneLeaderATerm, 8),
        (.withdrawnUnanswered, .handover, .releaseIsTrue, 1),
        (.withdrawnUnanswered, .handover, .exclusivity, 6),
        (.hastyWill, .will, .releaseIsTrue, 1),
        (.hastyWill, .will, .exclusivity, 6),
        (.longLease, .expiry, .exclusivity, 7),
        (.keeperWithoutDeadline, .expiry, .exclusivity, 7),
    ])
    func `shows a planted mistake`(slip: Slip, scope: Scope, rule: Violation.Rule, depth: Int) {
        var explorer = Explorer(scope, slip: slip, rules: [rule])
        explorer.explore(depth: depth, stateLimit: 1_000_000) { true }
        #expect(explorer.finding.violation?.rule == rule)
        #expect(explorer.finding.story.count == depth)
    }
}
