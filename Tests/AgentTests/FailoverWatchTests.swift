import Raft
import Testing
import Time

@testable import Agent

private func at(_ milliseconds: Int64) -> Instant {
    Instant(boottime: milliseconds * 1_000_000, raw: milliseconds * 1_000_000)
}

@Suite struct `A watch over failovers` {
    private let nodes = ["n1", "n2", "n3"].compactMap { NodeID($0) }
    private var n1: NodeID { nodes[0] }
    private var n2: NodeID { nodes[1] }
    private var n3: NodeID { nodes[2] }

    /// Node n2 that has followed n1 in term 6, last heard of at 1000 ms.
    private func following() -> FailoverWatch {
        var watch = FailoverWatch()
        _ = watch.note(.follower(Term(6), leader: n1), of: n2, lastHeard: { _ in nil }, at: at(0))
        return watch
    }

    private func note(_ role: Role, in watch: inout FailoverWatch, at milliseconds: Int64) -> FailoverWatch.Loss? {
        watch.note(role, of: n2, lastHeard: { _ in at(1000) }, at: at(milliseconds))
    }

    @Test func `tells of a leader that fell silent, once`() {
        var watch = following()
        let loss = note(.candidate(Term(6)), in: &watch, at: 1260)
        #expect(loss == FailoverWatch.Loss(leader: n1, term: Term(6), kind: .silence, lastWord: at(1000)))
        #expect(loss?.cause == "n1 fell silent")
        watch.note(.hearsNoLeader)
        #expect(note(.candidate(Term(7)), in: &watch, at: 1261) == nil)
    }

    @Test func `counts a failover from the last word of the former leader`() {
        var watch = following()
        _ = note(.candidate(Term(6)), in: &watch, at: 1260)
        #expect(note(.leader(Term(7)), in: &watch, at: 1290) == nil)
        let failover = watch.noteHeld("web", Term(7), at: at(1312))
        #expect(failover?.from == n1)
        #expect(failover?.electedAfter == .milliseconds(290))
        #expect(failover?.took == .milliseconds(312))
        #expect(failover?.cause == "n1 fell silent")
    }

    @Test func `counts each group once in a term`() {
        var watch = following()
        _ = note(.candidate(Term(6)), in: &watch, at: 1260)
        _ = note(.leader(Term(7)), in: &watch, at: 1290)
        #expect(watch.noteHeld("web", Term(7), at: at(1312)) != nil)
        #expect(watch.noteHeld("mail", Term(7), at: at(1313)) != nil)
        #expect(watch.noteHeld("web", Term(7), at: at(9000)) == nil)
        #expect(watch.noteHeld("web", Term(6), at: at(9000)) == nil)
    }

    @Test func `tells a handover, a release and silence apart`() {
        var handover = following()
        handover.note(.handedOver)
        #expect(note(.candidate(Term(7)), in: &handover, at: 1002)?.kind == .handover)
        var release = following()
        release.note(.released(Term(6)))
        #expect(note(.candidate(Term(7)), in: &release, at: 1002)?.kind == .release)
        var second = following()
        #expect(note(.follower(Term(6), leader: nil), in: &second, at: 1002)?.kind == .release)
        var voter = following()
        #expect(note(.follower(Term(7), leader: nil), in: &voter, at: 1300)?.kind == .replacement)
    }

    @Test func `does not take an earlier campaign's reason for that of a silence`() {
        var watch = following()
        watch.note(.handedOver)
        _ = note(.candidate(Term(7)), in: &watch, at: 1002)
        _ = note(.follower(Term(7), leader: n3), in: &watch, at: 1020)
        #expect(note(.candidate(Term(7)), in: &watch, at: 1300)?.kind == .silence)
    }

    @Test func `knows of no failover where nobody led before`() {
        var watch = FailoverWatch()
        #expect(note(.candidate(Term(0)), in: &watch, at: 10) == nil)
        _ = note(.leader(Term(1)), in: &watch, at: 20)
        #expect(watch.noteHeld("web", Term(1), at: at(40)) == nil)
    }

    @Test func `counts from the end of its own leadership where it comes back to itself`() {
        var watch = FailoverWatch()
        _ = note(.leader(Term(3)), in: &watch, at: 0)
        #expect(note(.follower(Term(3), leader: nil), in: &watch, at: 5000)?.kind == .own)
        _ = note(.candidate(Term(3)), in: &watch, at: 5100)
        _ = note(.leader(Term(4)), in: &watch, at: 5200)
        #expect(watch.noteHeld("web", Term(4), at: at(5210))?.took == .milliseconds(210))
    }

    @Test func `forgets a loss when somebody else leads`() {
        var watch = following()
        _ = note(.candidate(Term(6)), in: &watch, at: 1260)
        _ = note(.follower(Term(7), leader: n3), in: &watch, at: 1300)
        _ = note(.candidate(Term(7)), in: &watch, at: 9000)
        _ = note(.leader(Term(8)), in: &watch, at: 9010)
        #expect(watch.noteHeld("web", Term(8), at: at(9020))?.from == n3)
    }
}
