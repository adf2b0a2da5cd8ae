@testable import Elections
import Net
import Raft
import Samples
import Testing
import Time

@Suite struct `A message` {
    @Test func `comes back from its bytes as it was`() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var samples = Samples(seed: seed)
        for _ in 0..<5000 {
            let message = samples.message()
            let decoded = try Message(decoding: message.encoded())
            #expect(decoded == message, "seed \(seed)")
        }
    }

    @Test func `is refused when it is cut short at any length`() {
        var samples = Samples(seed: 1)
        for _ in 0..<200 {
            let bytes = samples.message().encoded()
            for length in 0..<bytes.count {
                #expect(throws: Malformed.self) { try Message(decoding: Array(bytes[..<length])) }
            }
        }
    }

    @Test func `is refused when bytes follow it`() {
        var samples = Samples(seed: 2)
        for _ in 0..<200 {
            let bytes = samples.message().encoded() + [0]
            #expect(throws: Malformed.trailing(1)) { try Message(decoding: bytes) }
        }
    }

    @Test func `is read or refused whatever the bytes are`() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var samples = Samples(seed: seed)
        for _ in 0..<20000 {
            // Either noise behind a known kind, or a message with some bytes changed.
            var bytes = samples.flag() ? [UInt8(samples.number(0...10))] + samples.bytes(samples.number(0...80)) : []
            if bytes.isEmpty {
                bytes = samples.message().encoded()
                for _ in 0..<samples.number(1...4) {
                    bytes[samples.number(0...(bytes.count - 1))] = UInt8(samples.number(0...255))
                }
            }
            guard let message = try? Message(decoding: bytes) else { continue }
            #expect(try Message(decoding: message.encoded()) == message, "seed \(seed)")
        }
    }

    @Test func `has the layout of version 1`() {
        let reply = AppendReply(
            term: Term(7),
            sequence: 0x0102,
            promise: .milliseconds(250),
            index: LogIndex(3),
            isAccepted: true,
            fitness: Fitness(priority: 100, mayHold: true),
            wish: ClusterTiming(heartbeat: .milliseconds(50), promise: .milliseconds(250))
        )
        let golden: [UInt8] =
            [6]  // kind
            + [0, 0, 0, 0, 0, 0, 0, 7]  // term
            + [0, 0, 0, 0, 0, 0, 1, 2]  // sequence
            + [0, 0, 0, 0, 0x0e, 0xe6, 0xb2, 0x80]  // promise in nanoseconds
            + [0, 0, 0, 0, 0, 0, 0, 3]  // index
            + [1]  // is accepted
            + [0, 100, 1, 0]  // priority, may hold, is impaired
            + [0, 0, 0, 0, 0x02, 0xfa, 0xf0, 0x80, 0, 0, 0, 0, 0x0e, 0xe6, 0xb2, 0x80]  // wish: heartbeat, promise
        #expect(Message.appendReply(reply).encoded() == golden)
    }

    @Test func `spells a name out once`() {
        let member = Member(id: node("db1"), storage: StorageID(9), endpoint: endpoint("192.0.2.1:7946"))
        let hello = Hello(
            nodes: [ConfiguredNode(id: member.id, endpoint: member.endpoint)],
            storage: StorageID(9),
            cluster: KnownCluster(
                id: ClusterID(5),
                snapshot: Snapshot(
                    index: LogIndex(3),
                    term: Term(2),
                    state: ClusterState(
                        membership: Membership(voters: [member]),
                        timing: ClusterTiming(heartbeat: .nanoseconds(6), promise: .nanoseconds(7))
                    )
                ),
                receiver: StorageID(9)
            ),
            wantsReply: true
        )
        let zeros = [UInt8](repeating: 0, count: 15)
        let golden: [UInt8] =
            [9]  // kind
            + [1, 3] + "db1".utf8 + [4, 192, 0, 2, 1, 0x1f, 0x0a]  // one node: name, endpoint
            + zeros + [9]  // storage id
            + zeros + [5]  // the cluster's id
            + zeros.prefix(7) + [3] + zeros.prefix(7) + [2]  // the snapshot: index, term
            + [1, 0x80, 0] + zeros + [9]  // one voter: the first name, its endpoint as before, storage id
            + [0, 0]  // no entrant, no learner
            + [1] + zeros.prefix(7) + [6] + zeros.prefix(7) + [7]  // a timing: heartbeat, promise
            + [1] + zeros + [9]  // the receiver's disk in the membership
            + [1]  // wants a reply
        #expect(Message.hello(hello).encoded() == golden)
    }

    @Test(arguments: [UInt64(1) << 62 + 1, .max]) func `has no number that counting cannot reach`(number: UInt64) {
        let bytes = Message.released(Term(number)).encoded()
        #expect(throws: Malformed.invalid("a number of \(number)")) { try Message(decoding: bytes) }
    }

    @Test func `invites whoever has no disk yet, and gives no vote to none`() throws {
        let members = ["a", "b", "c"].map { Member(id: node($0), storage: .none, endpoint: endpoint("192.0.2.1:1")) }
        func bytes(_ membership: Membership) -> [UInt8] {
            let snapshot = Snapshot(index: LogIndex(1), term: Term(0), state: ClusterState(membership: membership))
            let cluster = KnownCluster(id: ClusterID(1), snapshot: snapshot, receiver: StorageID.none)
            return Message.hello(Hello(nodes: [], storage: StorageID(1), cluster: cluster, wantsReply: false)).encoded()
        }
        _ = try Message(decoding: bytes(Membership(voters: [], entrants: [members[0]], learners: [members[1]])))
        #expect(throws: Malformed.invalid("a voter without a disk")) {
            try Message(decoding: bytes(Membership(voters: [members[2]])))
        }
        #expect(throws: Malformed.invalid("a node that is a member twice")) {
            try Message(decoding: bytes(Membership(voters: [], entrants: [members[0]], learners: [members[0]])))
        }
    }

    @Test func `carries no unreasonable agreement, whatever a node may wish for`() throws {
        let timing = ClusterTiming(heartbeat: .milliseconds(50), promise: .milliseconds(50))
        let snapshot = Snapshot(
            index: LogIndex(1),
            term: Term(0),
            state: ClusterState(membership: .init(voters: []), timing: timing)
        )
        let cluster = KnownCluster(id: ClusterID(1), snapshot: snapshot, receiver: nil)
        let hello = Message.hello(Hello(nodes: [], storage: StorageID(1), cluster: cluster, wantsReply: false))
        #expect(throws: Malformed.invalid("a heartbeat every 0.05 seconds with a promise of 0.05 seconds")) {
            try Message(decoding: hello.encoded())
        }
    }

    @Test func `comes from somebody with a disk`() {
        let hello = Message.hello(Hello(nodes: [], storage: .none, cluster: nil, wantsReply: true))
        #expect(throws: Malformed.invalid("a hello without a disk")) { try Message(decoding: hello.encoded()) }
    }

    @Test func `asks for no promise beyond an hour`() throws {
        let reply = VoteReply(term: Term(1), asked: Term(1), isGranted: false, promiseLeft: .seconds(7200))
        let bytes = Message.voteReply(reply).encoded()
        guard case .voteReply(let decoded) = try Message(decoding: bytes) else { throw Malformed.invalid("kind") }
        #expect(decoded.promiseLeft == .seconds(3600))
        var forged = bytes
        forged[forged.count - 1] += 1
        #expect(throws: Malformed.invalid("a duration of 3600000000001 ns")) { try Message(decoding: forged) }
    }
}

@Suite struct `A datagram's room` {
    let membership = greatestMembership()

    private func append(_ payloads: [LogPayload], _ membership: Membership = greatestMembership()) -> Append {
        Append(
            term: Term(1 << 62),
            sequence: .max,
            promise: .seconds(60),
            previousIndex: LogIndex(1 << 61),
            previousTerm: Term(1 << 62),
            commit: LogIndex(1 << 61),
            entries: payloads.enumerated().map { place, payload in
                LogEntry(index: LogIndex(1 << 61 + UInt64(place) + 1), term: Term(1 << 62), payload: payload)
            },
            successors: membership.voters.map(\.id)
        )
    }

    @Test func `holds the greatest membership with all its successors`() throws {
        let message = Message.append(append([.membership(membership)]))
        #expect(message.encoded().count == 1063)
        #expect(SealedTransport.messageLimit == 1078)
        let bytes = try #require(message.encoded(limit: SealedTransport.messageLimit))
        #expect(try Message(decoding: bytes) == message)
    }

    @Test func `holds the heartbeat of the greatest cluster`() {
        #expect(Message.append(append([])).encoded().count <= SealedTransport.messageLimit)
    }

    private var cluster: KnownCluster {
        let timing = ClusterTiming(heartbeat: .seconds(1), promise: .seconds(60))
        return KnownCluster(
            id: ClusterID(.max),
            snapshot: Snapshot(
                index: LogIndex(1 << 61),
                term: Term(1 << 62),
                state: ClusterState(membership: membership, timing: timing)
            ),
            receiver: StorageID(.max)
        )
    }

    @Test func `holds a hello out of the greatest cluster, to the last byte`() throws {
        let message = Message.hello(Hello(nodes: [], storage: StorageID(.max), cluster: cluster, wantsReply: true))
        let bytes = try #require(message.encoded(limit: SealedTransport.messageLimit))
        #expect(bytes.count == SealedTransport.messageLimit)
        #expect(try Message(decoding: bytes) == message)
    }

    @Test func `holds a hello of one that would found the greatest cluster`() {
        let nodes = membership.voters.map { ConfiguredNode(id: $0.id, endpoint: $0.endpoint) }
        let message = Message.hello(Hello(nodes: nodes, storage: StorageID(.max), cluster: nil, wantsReply: true))
        #expect(message.encoded(limit: SealedTransport.messageLimit) != nil)
    }

    @Test func `holds as many facts of a snapshot as go into a piece`() {
        let piece = SnapshotPiece(
            term: Term(1 << 62),
            sequence: .max,
            promise: .seconds(60),
            index: LogIndex(1 << 61),
            indexTerm: Term(1 << 62),
            place: 2,
            count: 3,
            facts: membership.voters.prefix(SnapshotPiece.factLimit).map { .voter($0) }
        )
        #expect(SnapshotPiece.factLimit == 4)
        #expect(Message.snapshot(piece).encoded().count == 444)
    }

    /// With the names of the greatest cluster's successors there is room for one.
    @Test func `holds three of the longest entries`() throws {
        let data = LogPayload.data(Array(repeating: 7, count: LogPayload.dataLimit))
        for (membership, count) in [(greatestMembership(), 1), (Membership(voters: []), 3)] {
            let all = append([data, data, data, data], membership)
            let bytes = try #require(Message.append(all).encoded(limit: SealedTransport.messageLimit))
            guard case .append(let sent) = try Message(decoding: bytes) else { throw Malformed.invalid("kind") }
            #expect(sent.entries == Array(all.entries.prefix(count)))
        }
    }

    @Test func `is kept by leaving out an append's last entries`() throws {
        let all = append([.leadership, .membership(membership), .leadership, .membership(membership)])
        let bytes = try #require(Message.append(all).encoded(limit: SealedTransport.messageLimit))
        guard case .append(let sent) = try Message(decoding: bytes) else { throw Malformed.invalid("kind") }
        // 61 bytes without entries, 9 for the first, 1001 for the second: 7 are left, and the third needs 9.
        #expect(sent.entries == Array(all.entries.prefix(2)))
        #expect(sent.commit == all.commit && sent.successors == all.successors)
    }

    /// Nobody sends one: who belongs to a cluster would found none.
    @Test func `is too small for a hello of two greatest clusters`() {
        let nodes = membership.voters.map { ConfiguredNode(id: $0.id, endpoint: $0.endpoint) }
        let hello = Hello(nodes: nodes, storage: StorageID(1), cluster: cluster, wantsReply: false)
        #expect(Message.hello(hello).encoded(limit: SealedTransport.messageLimit) == nil)
    }
}
