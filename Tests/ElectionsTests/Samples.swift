import Elections
import Net
import Raft
import Time

/// Values drawn at random from a seed.
struct Samples {
    var random: SeededRandom

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
    mutating func flag() -> Bool { Bool.random(using: &random) }
    mutating func uint64() -> UInt64 { random.next() }
    mutating func uint128() -> UInt128 { UInt128(random.next()) << 64 | UInt128(random.next()) }
    mutating func term() -> Term { Term(random.next() >> UInt64(number(2...63))) }
    mutating func index() -> LogIndex { LogIndex(random.next() >> UInt64(number(2...63))) }
    mutating func duration() -> Duration { .nanoseconds(Int64(number(0...3_600_000_000_000))) }
    mutating func storage() -> StorageID { StorageID(uint128()) }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) } }

    mutating func name(length: ClosedRange<Int> = 1...63) -> NodeID {
        let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_")
        let text = (0..<number(length)).map { _ in letters[number(0...(letters.count - 1))] }
        return NodeID(String(text)) ?? node("impossible")
    }

    mutating func endpoint() -> Endpoint {
        let address: IPAddress = flag() ? .v4(UInt32(truncatingIfNeeded: uint64())) : .v6(uint128())
        return Endpoint(address: address, port: UInt16(number(1...65535)))
    }

    mutating func membership(upTo limit: Int = 4) -> Membership {
        var members: [NodeID: Member] = [:]
        for _ in 0..<number(0...limit) {
            let id = name()
            members[id] = Member(id: id, storage: storage(), endpoint: endpoint())
        }
        let sorted = members.values.sorted { $0.id < $1.id }
        let learners = number(0...sorted.count)
        return Membership(voters: Array(sorted.dropLast(learners)), learners: Array(sorted.suffix(learners)))
    }

    mutating func payload() -> LogPayload { flag() ? .leadership : .membership(membership()) }

    mutating func entries(after index: LogIndex, upTo limit: Int = 3) -> [LogEntry] {
        let first = index.number + 1
        return (0..<UInt64(number(0...limit))).map {
            LogEntry(index: LogIndex(first + $0), term: term(), payload: payload())
        }
    }

    mutating func message() -> Message {
        switch number(0...8) {
        case 0: .preVote(voteRequest())
        case 1: .preVoteReply(voteReply())
        case 2: .vote(voteRequest())
        case 3: .voteReply(voteReply())
        case 4: .append(append())
        case 5: .appendReply(appendReply())
        case 6: .timeoutNow(TimeoutNow(term: term(), lastIndex: index()))
        case 7: .released(term())
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
            fitness: Fitness(priority: UInt16(number(0...65535)), mayHold: flag())
        )
    }

    mutating func hello() -> Hello {
        let cluster =
            flag()
            ? FoundedCluster(id: ClusterID(uint128()), founders: membership(), receiver: flag() ? storage() : nil) : nil
        return Hello(
            nodes: (0..<number(0...4)).map { _ in ConfiguredNode(id: name(), endpoint: endpoint()) },
            storage: storage(),
            cluster: cluster,
            wantsReply: flag()
        )
    }

    mutating func hardState() -> HardState {
        HardState(
            term: term(),
            vote: flag() ? name() : nil,
            longestPromise: duration(),
            cluster: ClusterID(uint128())
        )
    }
}

/// A name that the test knows to be one.
func node(_ text: String) -> NodeID {
    guard let id = NodeID(text) else { preconditionFailure("\(text) is no name") }
    return id
}

func endpoint(_ text: String) -> Endpoint {
    guard let endpoint = Endpoint(text) else { preconditionFailure("\(text) is no endpoint") }
    return endpoint
}

/// The most that a cluster may be: ten nodes with names of 63 letters and IPv6 addresses.
func greatestMembership() -> Membership {
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
