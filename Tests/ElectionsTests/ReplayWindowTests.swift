@testable import Elections
import Raft
import Samples
import Testing
import Time

@Suite struct `A replay window` {
    private func heard(_ counters: [UInt64]) -> [UInt64] {
        var window = ReplayWindow()
        return counters.filter { window.insert($0) }
    }

    @Test func `hears each counter once, in whatever order`() {
        #expect(heard([3, 1, 2, 900, 4, 3, 1, 2, 900, 4]) == [3, 1, 2, 900, 4])
    }

    @Test func `hears nothing that lies further back than it is wide`() {
        #expect(heard([5000, 5000 - 1023, 5000 - 1024]) == [5000, 5000 - 1023])
    }

    @Test func `never hears counter 0`() {
        #expect(heard([0, 1, 0]) == [1])
    }

    @Test func `survives the greatest counter`() {
        #expect(heard([.max, .max, .max - 1]) == [.max, .max - 1])
    }

    @Test func `agrees with a set of all that was heard`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var samples = Samples(seed: seed)
        var window = ReplayWindow()
        var heard: Set<Int> = []
        var highest = 0
        for _ in 0..<20000 {
            let counter = max(1, highest + samples.number(samples.number(0...50) == 0 ? 0...3000 : -1500...40))
            highest = max(highest, counter)
            let wasHeard = window.hasHeard(UInt64(counter))
            let isNew = highest - counter < 1024 && heard.insert(counter).inserted
            let accepted = window.insert(UInt64(counter))
            #expect(wasHeard == !isNew, "counter \(counter), highest \(highest), seed \(seed)")
            #expect(accepted == isNew, "counter \(counter), highest \(highest), seed \(seed)")
        }
    }
}

@Suite struct `An allowance` {
    @Test func `bounds a burst and refills with time`() {
        var allowance = Allowance(perSecond: 10)
        let start = Instant(boottime: 0, raw: 0)
        let burst = (0..<50).filter { _ in allowance.take(at: start) }
        #expect(burst.count == 10)
        let later = (0..<50).filter { _ in allowance.take(at: start + .milliseconds(500)) }
        #expect(later.count == 5)
        let muchLater = (0..<50).filter { _ in allowance.take(at: start + .seconds(1_000_000)) }
        #expect(muchLater.count == 10)
    }
}
