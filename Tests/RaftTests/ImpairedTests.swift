import Raft
import Testing
import Time

private let impaired = Fitness(priority: 100, mayHold: true, isImpaired: true)
private let sound = Fitness(priority: 100, mayHold: true)

extension Bench {
    /// A heartbeat that the others acknowledge, each with its fitness; what the leader did meanwhile.
    fileprivate mutating func beat(_ others: [(id: NodeID, fitness: Fitness)]) -> [Effect] {
        var effects = beat()
        let sequence = Bench.sequence(in: effects)
        for other in others {
            let reply = AppendReply(
                term: raft.term,
                sequence: sequence,
                promise: Bench.timing.promise,
                index: raft.lastIndex,
                isAccepted: true,
                fitness: other.fitness,
                wish: Bench.timing.wish
            )
            effects += hear(.appendReply(reply), from: other.id)
        }
        return effects + finishWrites()
    }
}

/// A node whose link has no carrier, say: it may hold the VIPs, and had better not.
@Suite struct `A node that is impaired` {
    @Test func `hands over to a sound one at once`() {
        var node = Bench.leading()
        _ = node.beat([(.n2, sound), (.n3, sound)])
        #expect(node.step(.fitnessChanged(impaired)).contains(.withdraw(Term(1))))
    }

    @Test func `hands over to the sound one of two, whatever the priorities`() {
        var node = Bench.leading()
        _ = node.beat([(.n2, Fitness(priority: 200, mayHold: true, isImpaired: true)), (.n3, sound)])
        _ = node.step(.fitnessChanged(impaired))
        let effects = node.step(.withdrawn(Term(1)))
        let isTold = { (id: NodeID) in
            effects.sent(to: id).contains { if case .timeoutNow = $0 { true } else { false } }
        }
        #expect(isTold(.n3))
        #expect(!isTold(.n2))
    }

    @Test func `goes on holding where the others are impaired as well, until one is sound`() {
        var node = Bench.leading()
        _ = node.beat([(.n2, impaired), (.n3, impaired)])
        #expect(!node.step(.fitnessChanged(impaired)).contains(.withdraw(Term(1))))
        for _ in 0..<10 { #expect(!node.beat([(.n2, impaired), (.n3, impaired)]).holds.isEmpty) }
        #expect(node.beat([(.n2, impaired), (.n3, sound)]).contains(.withdraw(Term(1))))
    }

    @Test func `goes on holding where the sound one is not heard`() {
        var node = Bench.leading()
        _ = node.beat([(.n2, impaired), (.n3, sound)])
        for _ in 0..<6 { _ = node.beat([(.n2, impaired)]) }
        #expect(!node.step(.fitnessChanged(impaired)).contains(.withdraw(Term(1))))
        #expect(!node.beat([(.n2, impaired)]).holds.isEmpty)
    }

    @Test func `puts nothing on when it is elected and a sound one answers, but hands over`() {
        var node = Bench()
        _ = node.step(.fitnessChanged(impaired))
        var effects = node.lead() + node.finishWrites()
        for _ in 0..<4 where !effects.contains(.withdraw(Term(1))) {
            effects += node.beat([(.n2, impaired), (.n3, sound)])
        }
        #expect(effects.holds.isEmpty)
        #expect(effects.contains(.withdraw(Term(1))))
    }

    @Test func `holds after a promise's time where no sound one answers`() {
        var node = Bench()
        _ = node.step(.fitnessChanged(impaired))
        _ = node.lead() + node.finishWrites()
        let began = node.now
        var effects: [Effect] = []
        while effects.holds.isEmpty, node.now.longestElapsed(since: began) < .seconds(5) {
            effects = node.beat([(.n2, impaired)])
        }
        let waited = node.now.longestElapsed(since: began)
        #expect(waited >= Bench.timing.promise - Bench.timing.heartbeat)
        #expect(waited <= Bench.timing.promise + Bench.timing.heartbeat)
    }

    @Test func `holds at once where it is alone`() {
        var node = Bench(of: 1)
        _ = node.step(.fitnessChanged(impaired))
        var effects: [Effect] = []
        for _ in 0..<10 where effects.holds.isEmpty { effects += node.passDeadline() + node.finishWrites() }
        #expect(!effects.holds.isEmpty)
        #expect(node.now.longestElapsed(since: Bench.start) < .milliseconds(250))
    }

    @Test func `is preferred to one that may never hold`() {
        var node = Bench.leading()
        let witness = Fitness(priority: 100, mayHold: false)
        _ = node.beat([(.n2, impaired), (.n3, witness)])
        #expect(node.step(.fitnessChanged(witness)).contains(.withdraw(Term(1))))
    }
}
