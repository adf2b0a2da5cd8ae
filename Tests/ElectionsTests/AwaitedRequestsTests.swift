import Raft
import Testing

@testable import Elections

@Suite struct `A request that stands in the log` {
    private let term = Term(3)
    private let index = LogIndex(7)

    /// What it comes to when the node is so, and nil while it waits.
    private func outcome(role: Role, committed: UInt64, termAt: Term?) -> RequestOutcome? {
        var awaited = AwaitedRequests()
        var outcome: RequestOutcome?
        let number = awaited.add { outcome = $0 }
        awaited.note(number, .appended(index), in: term)
        for settled in awaited.settle(role: role, commitIndex: LogIndex(committed), termAt: { _ in termAt }) {
            settled.completion(settled.outcome)
        }
        // Once and no more.
        #expect(
            outcome == nil
                || awaited.settle(role: role, commitIndex: LogIndex(committed), termAt: { _ in termAt }).isEmpty
        )
        return outcome
    }

    @Test func `waits as long as its leader leads`() {
        #expect(outcome(role: .leader(term), committed: 6, termAt: term) == nil)
    }

    @Test func `is done when it is committed`() {
        #expect(outcome(role: .leader(term), committed: 7, termAt: term) == .committed)
        #expect(outcome(role: .follower(Term(4), leader: nil), committed: 7, termAt: term) == .committed)
        #expect(outcome(role: .leader(term), committed: 300, termAt: nil) == .committed)
    }

    @Test func `is left open when the leadership ends before`() {
        #expect(outcome(role: .follower(term, leader: nil), committed: 6, termAt: term) == .open)
        #expect(outcome(role: .leader(Term(5)), committed: 6, termAt: term) == .open)
        #expect(outcome(role: .follower(Term(4), leader: nil), committed: 7, termAt: Term(4)) == .open)
    }

    @Test func `is answered at once when it is refused`() {
        var awaited = AwaitedRequests()
        var outcomes: [RequestOutcome] = []
        let number = awaited.add { outcomes.append($0) }
        awaited.note(number, .refused(.isEnding), in: term)
        awaited.note(number, .refused(.isChanging), in: term)
        for settled in awaited.settle(role: .leader(term), commitIndex: index, termAt: { _ in nil }) {
            settled.completion(settled.outcome)
        }
        #expect(outcomes == [.refused(.isEnding)])
    }
}
