package import Net
package import Raft
internal import Time

/// Values drawn at random from a seed.
package struct Samples {
    package var random: SeededRandom

    package init(seed: UInt64) { random = SeededRandom(seed: seed) }

    package mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
    package mutating func flag() -> Bool { Bool.random(using: &random) }
    package mutating func uint64() -> UInt64 { random.next() }
    package mutating func uint128() -> UInt128 { UInt128(random.next()) << 64 | UInt128(random.next()) }
    package mutating func term() -> Term { Term(random.next() >> UInt64(number(2...63))) }
    package mutating func index() -> LogIndex { LogIndex(random.next() >> UInt64(number(2...63))) }
    package mutating func duration() -> Duration { .nanoseconds(Int64(number(0...3_600_000_000_000))) }
    package mutating func storage() -> StorageID { StorageID(uint128()) }

    package mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    package mutating func name(length: ClosedRange<Int> = 1...63) -> NodeID {
        let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_")
        let text = (0..<number(length)).map { _ in letters[number(0...(letters.count - 1))] }
        return NodeID(String(text)) ?? node("impossible")
    }

    package mutating func endpoint() -> Endpoint {
        let address: IPAddress = flag() ? .v4(UInt32(truncatingIfNeeded: uint64())) : .v6(uint128())
        return Endpoint(address: address, port: UInt16(number(1...65535)))
    }

    package mutating func member(isVoter: Bool) -> Member {
        Member(id: name(), storage: isVoter || flag() ? storage() : .none, endpoint: endpoint())
    }

    package mutating func membership(upTo limit: Int = 5) -> Membership {
        var names: Set<NodeID> = []
        var lists: [[Member]] = [[], [], []]
        for _ in 0..<number(0...limit) {
            let list = number(0...2)
            let member = member(isVoter: list == 0)
            if names.insert(member.id).inserted { lists[list].append(member) }
        }
        return Membership(voters: lists[0], entrants: lists[1], learners: lists[2])
    }

    package mutating func wish() -> ClusterTiming { ClusterTiming(heartbeat: duration(), promise: duration()) }

    /// One that is reasonable.
    package mutating func timing() -> ClusterTiming {
        let heartbeat = number(1...1_000_000_000)
        return ClusterTiming(
            heartbeat: .nanoseconds(Int64(heartbeat)),
            promise: .nanoseconds(Int64(number(heartbeat + 1...60_000_000_000)))
        )
    }

    package mutating func snapshot() -> Snapshot {
        let members = membership()
        let state = ClusterState(
            membership: members,
            timing: flag() ? timing() : nil,
            appointments: flag()
                ? [:] : Dictionary(uniqueKeysWithValues: members.members.map { ($0.id, appointment()) })
        )
        return Snapshot(index: index(), term: term(), state: state)
    }

    /// One that says something.
    package mutating func appointment() -> Appointment {
        flag()
            ? Appointment(priority: UInt16(number(0...65535)), isWitness: flag()) : Appointment(isWitness: true)
    }

    package mutating func payload() -> LogPayload {
        switch number(0...4) {
        case 0: .leadership
        case 1: .membership(membership())
        case 2: .timing(timing())
        case 3: .appointment(name(), appointment())
        default: .data(bytes(number(0...LogPayload.dataLimit)))
        }
    }

    package mutating func entries(after index: LogIndex, upTo limit: Int = 3) -> [LogEntry] {
        let first = index.number + 1
        return (0..<UInt64(number(0...limit))).map {
            LogEntry(index: LogIndex(first + $0), term: term(), payload: payload())
        }
    }

    package mutating func message() -> Message {
        switch number(0...9) {
        case 0: .preVote(voteRequest())
        case 1: .preVoteReply(voteReply())
        case 2: .vote(voteRequest())
        case 3: .voteReply(voteReply())
        case 4: .append(append())
        case 5: .appendReply(appendReply())
        case 6: .timeoutNow(TimeoutNow(term: term(), lastIndex: index()))
        case 7: .released(term())
        case 8: .snapshot(snapshotPiece())
        default: .hello(hello())
        }
    }

    private mutating func voteRequest() -> VoteRequest {
        VoteRequest(term: term(), lastIndex: index(), lastTerm: term(), released: term())
    }

    private mutating func voteReply() -> VoteReply {
        VoteReply(term: term(), asked: term(), isGranted: flag(), promiseLeft: duration())
    }

    private mutating func append() -> Append {
        let previous = index()
        return Append(
            term: term(),
            sequence: uint64(),
            promise: duration(),
            previousIndex: previous,
            previousTerm: term(),
            commit: index(),
            entries: entries(after: previous),
            successors: (0..<number(0...10)).map { _ in name() }
        )
    }

    private mutating func appendReply() -> AppendReply {
        AppendReply(
            term: term(),
            sequence: uint64(),
            promise: duration(),
            index: index(),
            isAccepted: flag(),
            fitness: Fitness(priority: UInt16(number(0...65535)), mayHold: flag(), isImpaired: flag()),
            wish: wish()
        )
    }

    private mutating func snapshotPiece() -> SnapshotPiece {
        let count = number(1...11)
        return SnapshotPiece(
            term: term(),
            sequence: uint64(),
            promise: duration(),
            index: index(),
            indexTerm: term(),
            place: UInt8(number(0...count - 1)),
            count: UInt8(count),
            facts: (0..<number(0...SnapshotPiece.factLimit)).map { _ in fact() }
        )
    }

    private mutating func fact() -> SnapshotPiece.Fact {
        switch number(0...3) {
        case 0: .voter(member(isVoter: true))
        case 1: .entrant(member(isVoter: false))
        case 2: .learner(member(isVoter: false))
        default: .timing(timing())
        }
    }

    package mutating func hello() -> Hello {
        let cluster =
            flag()
            ? KnownCluster(id: ClusterID(uint128()), snapshot: snapshot(), receiver: flag() ? storage() : nil) : nil
        return Hello(
            nodes: (0..<number(0...4)).map { _ in ConfiguredNode(id: name(), endpoint: endpoint()) },
            storage: storage(),
            cluster: cluster,
            wantsReply: flag()
        )
    }

    package mutating func hardState() -> HardState {
        HardState(
            term: term(),
            vote: flag() ? name() : nil,
            longestPromise: duration(),
            cluster: ClusterID(uint128())
        )
    }
}

/// A name that the test knows to be one.
package func node(_ text: String) -> NodeID {
    guard let id = NodeID(text) else { preconditionFailure("\(text) is no name") }
    return id
}

package func endpoint(_ text: String) -> Endpoint {
    guard let endpoint = Endpoint(text) else { preconditionFailure("\(text) is no endpoint") }
    return endpoint
}

/// The most that a cluster may be: ten nodes with names of 63 letters and IPv6 addresses.
package func greatestMembership() -> Membership {
    Membership(
        voters: (0..<Membership.limit).map { number in
            Member(
                id: node(String(repeating: "x", count: 62) + "\(number)"),
                storage: StorageID(.max),
                endpoint: endpoint("[ffff:ffff:ffff:ffff:ffff:ffff:ffff:fff\(number)]:65535")
            )
        }
    )
}
