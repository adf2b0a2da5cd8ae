import Net
import Raft
import Testing
import Time

/// Thesis §4.1 and §4.2: what may be asked for of a membership, by itself.
@Suite struct `A change of a membership` {
    static let membership = Membership(
        voters: [.numbered(1), .numbered(2), .numbered(3)],
        entrants: [.numbered(4, storage: StorageID.none)],
        learners: [.numbered(5)]
    )
    static let full = Membership(voters: (1...10).map { .numbered($0) })
    static let alone = Membership(voters: [.numbered(1)], learners: [.numbered(2)])

    static let four = NodeID.numbered(4)
    static let five = NodeID.numbered(5)
    static let six = NodeID.numbered(6)

    @Test func `invites a node without a disk, to vote later or to learn only`() throws {
        let voting = try Self.membership.applying(.add(Self.six, .numbered(6), isLearner: false))
        #expect(voting.entrants == [.numbered(4, storage: StorageID.none), .numbered(6, storage: StorageID.none)])
        let learning = try Self.membership.applying(.add(Self.six, .numbered(6), isLearner: true))
        #expect(learning.learners == [.numbered(5), .numbered(6, storage: StorageID.none)])
        #expect(voting.quorum == 2 && learning.quorum == 2, "no vote has changed")
    }

    @Test(arguments: [NodeID.n2, four, five]) func `removes a member of any kind`(id: NodeID) throws {
        let next = try Self.membership.applying(.remove(id))
        #expect(next.member(id) == nil)
        #expect(next.members.count == 4)
    }

    /// A learner may have slept for long: it gets its vote when it has caught up.
    @Test func `promotes a learner to an entrant`() throws {
        let next = try Self.membership.applying(.promote(Self.five))
        #expect(next.entrants.contains(.numbered(5)))
        #expect(next.learners.isEmpty && next.voters == Self.membership.voters)
    }

    @Test func `demotes a voter to a learner`() throws {
        let next = try Self.membership.applying(.demote(.n3))
        #expect(next.voters == [.numbered(1), .numbered(2)])
        #expect(next.learners.contains(.numbered(3)))
    }

    @Test(
        arguments: [
            (membership, .add(.n2, .numbered(9), isLearner: false), .isMember(.n2)),
            (membership, .add(five, .numbered(9), isLearner: false), .isMember(five)),
            (membership, .add(six, .numbered(2), isLearner: false), .hasAddress(.numbered(2), .n2)),
            (full, .add(NodeID.numbered(11), .numbered(11), isLearner: true), .isFull(limit: 10)),
            (membership, .remove(six), .isNoMember(six)),
            (alone, .remove(.n1), .isLastVoter(.n1)),
            (membership, .promote(.n2), .isNoLearner(.n2)),
            (membership, .promote(four), .isNoLearner(four)),
            (membership, .promote(six), .isNoLearner(six)),
            (membership, .demote(five), .isNoVoter(five)),
            (alone, .demote(.n1), .isLastVoter(.n1)),
        ] as [(Membership, MembershipChange, MembershipFault)]
    )
    func `is refused with a reason`(membership: Membership, change: MembershipChange, fault: MembershipFault) {
        #expect(throws: fault) { try membership.applying(change) }
    }
}

/// Requests of an operator to a leader.
@Suite struct `A request` {
    static let six = NodeID.numbered(6)

    @Test func `is refused by who does not lead, with the leader's name where it is known`() {
        var node = Bench()
        #expect(node.ask(.transfer(to: nil)) == .refused(.isNoLeader(leader: nil)))
        _ = node.hearDurably(.heartbeat(1), from: .n3)
        #expect(node.ask(.append([1])) == .refused(.isNoLeader(leader: .n3)))
    }

    @Test func `for a change waits for an entry of the leader's own term`() {
        var node = Bench()
        _ = node.lead()
        #expect(node.ask(.change(.remove(.n3))) == .refused(.isChanging))
    }

    /// Row 21, and the rule of DESIGN: not before a quorum has promised for a heartbeat behind the last change's commit.
    @Test func `for a change waits until the last one is settled`() {
        var node = Bench.leading(of: 5)
        let others = [NodeID.n2, .n3, .numbered(4)]
        #expect(node.ask(.change(.remove(.numbered(5)))) == .appended(node.raft.lastIndex))
        #expect(node.ask(.change(.remove(.numbered(4)))) == .refused(.isChanging))
        node.round(with: others)
        #expect(node.raft.commitIndex == node.raft.lastIndex)
        // Committed, and nobody has promised since.
        #expect(node.ask(.change(.remove(.numbered(4)))) == .refused(.isChanging))
        node.round(with: others)
        #expect(node.ask(.change(.remove(.numbered(4)))) == .appended(node.raft.lastIndex))
    }

    @Test func `for a change is refused with the membership's reason`() {
        var node = Bench.leading()
        #expect(node.ask(.change(.remove(Self.six))) == .refused(.membership(.isNoMember(Self.six))))
        #expect(node.ask(.change(.promote(.n2))) == .refused(.membership(.isNoLearner(.n2))))
        var alone = Bench(of: 1)
        _ = alone.passDeadline()
        _ = alone.finishWrites()
        for _ in 0..<3 { _ = alone.beat() }
        #expect(alone.ask(.change(.demote(.n1))) == .refused(.membership(.isLastVoter(.n1))))
        #expect(alone.ask(.change(.remove(.n1))) == .refused(.membership(.isLastVoter(.n1))))
    }

    @Test func `is refused by a leader that hands over already`() {
        var node = Bench.leading()
        #expect(node.ask(.transfer(to: .n2)) == .handingOver(to: .n2))
        for request in [Request.transfer(to: .n3), .change(.remove(.n3)), .append([1])] {
            #expect(node.ask(request) == .refused(.isEnding))
        }
    }

    @Test func `to hand over names who cannot take it`() {
        var node = Bench.leading()
        #expect(node.ask(.transfer(to: .n1)) == .refused(.leadsAlready))
        #expect(node.ask(.transfer(to: Self.six)) == .refused(.isNoVoter(Self.six)))
        #expect(node.raft.role == .leader(Term(1)), "a request that is refused changes nothing")
    }

    @Test func `to hand over is refused for a node that is behind or silent`() {
        var node = Bench.leading()
        _ = node.ask(.append([1]))
        #expect(node.ask(.transfer(to: .n2)) == .refused(.isBehind(.n2)))
        for _ in 0..<6 { node.round(with: [.n2]) }
        #expect(node.ask(.transfer(to: .n3)) == .refused(.isBehind(.n3)))
        #expect(node.ask(.transfer(to: .n2)) == .handingOver(to: .n2))
    }

    @Test func `to hand over is refused for a node that may not hold`() {
        var node = Bench.leading()
        let sequence = Bench.sequence(in: node.beat())
        for voter in [NodeID.n2, .n3] {
            let reply = AppendReply(
                term: Term(1),
                sequence: sequence,
                promise: Bench.timing.promise,
                index: node.raft.lastIndex,
                isAccepted: true,
                fitness: Fitness(priority: 100, mayHold: false),
                wish: Bench.timing.wish
            )
            _ = node.hear(.appendReply(reply), from: voter)
        }
        #expect(node.ask(.transfer(to: .n2)) == .refused(.mayNotHold(.n2)))
        #expect(node.ask(.transfer(to: nil)) == .refused(.hasNoSuccessor))
    }

    @Test func `to note more than fits is refused`() {
        var node = Bench.leading()
        let limit = LogPayload.dataLimit
        #expect(node.ask(.append(Array(repeating: 1, count: limit + 1))) == .refused(.isTooLong(limit + 1)))
        let answer = node.ask(.append(Array(repeating: 1, count: limit)))
        #expect(answer == .appended(node.raft.lastIndex))
    }
}
