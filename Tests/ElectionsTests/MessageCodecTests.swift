@testable import Elections
import Net
import Raft
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
            fitness: Fitness(priority: 100, mayHold: true)
        )
        let golden: [UInt8] =
            [6]  // kind
            + [0, 0, 0, 0, 0, 0, 0, 7]  // term
            + [0, 0, 0, 0, 0, 0, 1, 2]  // sequence
            + [0, 0, 0, 0, 0x0e, 0xe6, 0xb2, 0x80]  // promise in nanoseconds
            + [0, 0, 0, 0, 0, 0, 0, 3]  // index
            + [1]  // is accepted
            + [0, 100, 1]  // priority, may hold
        #expect(Message.appendReply(reply).encoded() == golden)
    }

    @Test func `spells a name out once`() {
        let member = Member(id: node("db1"), storage: StorageID(9), endpoint: endpoint("192.0.2.1:7946"))
        let hello = Hello(
            nodes: [ConfiguredNode(id: member.id, endpoint: member.endpoint)],
            storage: StorageID(9),
            cluster: FoundedCluster(id: ClusterID(5), founders: Membership(voters: [member]), receiver: StorageID(9)),
            wantsReply: true
        )
        let zeros = [UInt8](repeating: 0, count: 15)
        let golden: [UInt8] =
            [9]  // kind
            + [1, 3] + "db1".utf8 + [4, 192, 0, 2, 1, 0x1f, 0x0a]  // one node: name, endpoint
            + zeros + [9]  // storage id
            + [1] + zeros + [5]  // there is a cluster: its id
            + [1, 0x80, 0] + zeros + [9]  // one founder: the first name, its endpoint as before, storage id
            + [0]  // no learner
            + [1] + zeros + [9]  // the receiver's disk in the membership
            + [1]  // wants a reply
        #expect(Message.hello(hello).encoded() == golden)
    }

    @Test(arguments: [UInt64(1) << 62 + 1, .max]) func `has no number that counting cannot reach`(number: UInt64) {
        let bytes = Message.released(Term(number)).encoded()
        #expect(throws: Malformed.invalid("a number of \(number)")) { try Message(decoding: bytes) }
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

    private func append(_ payloads: [LogPayload]) -> Append {
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
        #expect(message.encoded().count == 1062)
        #expect(SealedTransport.messageLimit == 1078)
        let bytes = try #require(message.encoded(limit: SealedTransport.messageLimit))
        #expect(try Message(decoding: bytes) == message)
    }

    @Test func `holds the heartbeat of the greatest cluster`() {
        #expect(Message.append(append([])).encoded().count <= SealedTransport.messageLimit)
    }

    @Test func `holds a hello of the greatest cluster`() {
        let hello = Hello(
            nodes: membership.voters.map { ConfiguredNode(id: $0.id, endpoint: $0.endpoint) },
            storage: StorageID(.max),
            cluster: FoundedCluster(id: ClusterID(.max), founders: membership, receiver: StorageID(.max)),
            wantsReply: true
        )
        #expect(Message.hello(hello).encoded(limit: SealedTransport.messageLimit) != nil)
    }

    @Test func `is kept by leaving out an append's last entries`() throws {
        let all = append([.leadership, .membership(membership), .leadership, .membership(membership)])
        let bytes = try #require(Message.append(all).encoded(limit: SealedTransport.messageLimit))
        guard case .append(let sent) = try Message(decoding: bytes) else { throw Malformed.invalid("kind") }
        // 61 bytes without entries, 9 for the first, 1000 for the second: 8 are left, and the third needs 9.
        #expect(sent.entries == Array(all.entries.prefix(2)))
        #expect(sent.commit == all.commit && sent.successors == all.successors)
    }

    @Test func `is too small for a hello of two disjoint greatest clusters`() {
        let others = (0..<10).map { node(String(repeating: "y", count: 62) + "\($0)") }
        let hello = Hello(
            nodes: others.map { ConfiguredNode(id: $0, endpoint: endpoint("[2001:db8::1]:1")) },
            storage: StorageID(1),
            cluster: FoundedCluster(id: ClusterID(1), founders: membership, receiver: StorageID(.max)),
            wantsReply: false
        )
        #expect(Message.hello(hello).encoded(limit: SealedTransport.messageLimit) == nil)
    }
}

@Suite struct `A write on its way to the scribe` {
    @Test func `comes back from its bytes as it was`() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var samples = Samples(seed: seed)
        for _ in 0..<2000 {
            let write = Persistence(
                number: samples.uint64(),
                hardState: samples.flag() ? samples.hardState() : nil,
                keep: samples.flag() ? samples.index() : nil,
                entries: samples.entries(after: samples.index())
            )
            #expect(try Persistence(decoding: write.encoded()) == write, "seed \(seed)")
        }
    }

    @Test func `is refused when it is cut short at any length`() {
        var samples = Samples(seed: 3)
        let write = Persistence(
            number: 1,
            hardState: samples.hardState(),
            keep: LogIndex(4),
            entries: samples.entries(after: LogIndex(4))
        )
        let bytes = write.encoded()
        for length in 0..<bytes.count {
            #expect(throws: Malformed.self) { try Persistence(decoding: Array(bytes[..<length])) }
        }
    }
}
