import Net
import Testing
import Time

@testable import Raft

/// What an operator says of a member through the log.
@Suite struct `An appointment` {
    private let preferred = Appointment(priority: 300)

    @Test func `goes before the node's own configuration, in whose place it stands again when it is taken back`() {
        var node = Bench.leading()
        let configured = node.raft.status.fitness.priority
        #expect(node.ask(.appoint(.n1, preferred)) == .appended(node.raft.lastIndex))
        #expect(node.raft.status.fitness.priority == 300)
        #expect(node.ask(.appoint(.n1, Appointment())) == .appended(node.raft.lastIndex))
        #expect(node.raft.status.fitness.priority == configured)
        #expect(node.raft.status.appointments.isEmpty)
    }

    @Test func `does not keep a node that has failed before the others`() {
        var node = Bench.leading()
        _ = node.ask(.appoint(.n1, preferred))
        var fitness = Fitness(priority: 100, mayHold: true)
        fitness.isLast = true
        _ = node.step(.fitnessChanged(fitness))
        #expect(node.raft.status.fitness.priority == 0)
    }

    @Test func `as witness takes the VIPs off a leader`() {
        var node = Bench.leading()
        let asked = node.ask(.appoint(.n1, Appointment(isWitness: true)))
        #expect(asked == .appended(node.raft.lastIndex))
        let effects = node.round(with: [.n2, .n3]) + node.round(with: [.n2, .n3])
        #expect(effects.contains(.withdraw(Term(1))))
        #expect(!node.raft.status.fitness.mayHold)
    }

    @Test func `of a stranger is refused, and of a member forgotten when that is removed`() {
        var node = Bench.leading()
        let stranger = NodeID.numbered(9)
        #expect(node.ask(.appoint(stranger, preferred)) == .refused(.membership(.isNoMember(stranger))))
        _ = node.ask(.appoint(.n3, preferred))
        #expect(node.raft.status.appointments == [.n3: preferred])
        for _ in 0..<3 { node.round(with: [.n2, .n3]) }
        #expect(node.ask(.change(.remove(.n3))) == .appended(node.raft.lastIndex))
        #expect(node.raft.status.appointments.isEmpty)
    }

    @Test func `outlives the entries that a snapshot stands for`() {
        var node = Bench.leading(compaction: 8)
        _ = node.ask(.appoint(.n2, preferred))
        for byte in 0..<UInt8(20) {
            _ = node.ask(.append([byte]))
            node.round(with: [.n2, .n3])
        }
        #expect(node.raft.log.snapshot.state.appointments == [.n2: preferred])
        #expect(node.raft.status.appointments == [.n2: preferred])
    }

    @Test func `is refused where the names are too long to be told together with it`() {
        let names = (1...10).compactMap { NodeID(String(repeating: "x", count: 61) + ($0 < 10 ? "0\($0)" : "\($0)")) }
        let membership = Membership(
            voters: names.enumerated().map {
                Member(id: $1, storage: StorageID(UInt128($0) + 1), endpoint: .numbered($0))
            }
        )
        #expect(names.count == 10)
        #expect(ClusterState(membership: membership).isTellable)
        #expect(!ClusterState(membership: membership, appointments: [names[0]: preferred]).isTellable)
    }
}
