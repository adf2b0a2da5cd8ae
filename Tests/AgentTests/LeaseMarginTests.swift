import Raft
import Testing
import Time

@testable import Agent

@Suite struct `The margin of a lease` {
    private func at(_ milliseconds: Int64) -> Instant {
        Instant(boottime: milliseconds * 1_000_000, raw: milliseconds * 1_000_000)
    }

    @Test func `is the least that was left at a renewal`() {
        var margin = LeaseMargin()
        margin.note(Term(1), until: at(200), at: at(0))
        #expect(margin.smallest == nil)
        margin.note(Term(1), until: at(290), at: at(90))
        margin.note(Term(1), until: at(340), at: at(140))
        #expect(margin.smallest == .milliseconds(110))
    }

    @Test func `is zero after a renewal that came too late`() {
        var margin = LeaseMargin()
        margin.note(Term(1), until: at(200), at: at(0))
        margin.note(Term(1), until: at(500), at: at(300))
        #expect(margin.smallest == .zero)
    }

    @Test func `counts neither another term nor a second group`() {
        var margin = LeaseMargin()
        margin.note(Term(1), until: at(200), at: at(0))
        margin.note(Term(1), until: at(200), at: at(1))
        margin.note(Term(2), until: at(390), at: at(190))
        #expect(margin.smallest == nil)
    }
}
