import Testing
import Time

@testable import Keeper

@Suite struct `The lateness of a keeper` {
    private func at(_ milliseconds: Int64) -> Instant {
        Instant(boottime: milliseconds * 1_000_000, raw: milliseconds * 1_000_000)
    }

    @Test func `is told where it is larger than ever`() {
        var lateness = Lateness()
        #expect(lateness.note(.timer(at(100)), armed: at(0), at: at(103)) == .milliseconds(3))
        #expect(lateness.note(.either(at(200)), armed: at(110), at: at(202)) == nil)
        #expect(lateness.note(.either(at(300)), armed: at(210), at: at(304)) == .milliseconds(4))
        #expect(lateness.largest == .milliseconds(4))
    }

    @Test func `does not count what had passed when it was set`() {
        var lateness = Lateness()
        #expect(lateness.note(.timer(at(100)), armed: at(150), at: at(151)) == .milliseconds(1))
        #expect(lateness.note(.timer(at(100)), armed: at(99), at: at(99)) == nil)
    }
}
