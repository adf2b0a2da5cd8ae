import Simulator
import Testing

/// Random runs. In a debug build there are few of them; `vip-switch-simulate --seeds A..B` runs as many as one likes.
@Suite struct `Random faults` {
    #if DEBUG
        static let count: UInt64 = 30
    #else
        static let count: UInt64 = 1000
    #endif

    /// Runs a share of the seeds, and says of each that fails which it is and how to see it again.
    static func run(share: UInt64, _ swarm: Swarm, sourceLocation: SourceLocation = #_sourceLocation) {
        var survey = Survey(swarm)
        for seed in share * count + 1...(share + 1) * count {
            if let failure = survey.run(seed) { Issue.record("\(failure)", sourceLocation: sourceLocation) }
            if survey.failures > 2 { return }
        }
    }

    @Test(arguments: 0..<4 as Range<UInt64>) func `never break a rule, and never keep the VIP away`(share: UInt64) {
        Self.run(share: share, Swarm(nodes: 3...5, seconds: 20))
    }

    @Test(arguments: 0..<1 as Range<UInt64>) func `never break a rule in the smallest clusters`(share: UInt64) {
        Self.run(share: share, Swarm(nodes: 1...2, seconds: 20))
    }

    @Test(arguments: 0..<1 as Range<UInt64>) func `give two holders only where nobody is left to act`(share: UInt64) {
        Self.run(share: share, Swarm(nodes: 3...5, seconds: 20, exclusivity: .prompt))
    }
}

@Suite struct `A simulation` {
    @Test(arguments: 1...4 as ClosedRange<UInt64>) func `tells the same story for the same seed`(seed: UInt64) {
        let plan = Plan.random(seed: seed, Swarm(seconds: 5))
        let story = Simulation(plan, isTraced: true).run().trace
        #expect(story.count > 100)
        #expect(Simulation(plan, isTraced: true).run().trace == story)
    }

    @Test func `tells another story for another seed`() {
        let stories = Set(
            (1...4 as ClosedRange<UInt64>).map { Simulation(.random(seed: $0), isTraced: true).run().trace }
        )
        #expect(stories.count == 4)
    }

    @Test func `does not depend on whether anybody reads its story`() {
        let plan = Plan.random(seed: 7, Swarm(seconds: 5))
        let read = Simulation(plan, isTraced: true).run()
        let unread = Simulation(plan).run()
        #expect(read.occurrences == unread.occurrences)
        #expect(read.holdings == unread.holdings)
    }
}
