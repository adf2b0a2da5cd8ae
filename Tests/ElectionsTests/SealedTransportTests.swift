@testable import Elections
import Net
import Raft
import Samples
import Testing
import Time

/// Two or three nodes that may have heard of each other.
private let a = ConfiguredNode(id: node("a"), endpoint: endpoint("192.0.2.1:7946"))
private let b = ConfiguredNode(id: node("b"), endpoint: endpoint("192.0.2.2:7946"))
private let c = ConfiguredNode(id: node("c"), endpoint: endpoint("192.0.2.3:7946"))
private let secret = ClusterSecret.generate()
private let founded = ClusterID(0xc1)
private let now = Instant(boottime: 1_000_000_000, raw: 1_000_000_000)
private let heartbeat = Message.released(Term(1))

/// One run of a node: its transport, and the present time and address.
private final class Run {
    var transport: SealedTransport
    private let node: ConfiguredNode
    var id: NodeID { node.id }

    init(_ node: ConfiguredNode, boot: UInt128, secrets: [ClusterSecret] = [secret], cluster: ClusterID = founded) {
        self.node = node
        transport = SealedTransport(id: node.id, storage: StorageID(boot << 8), boot: boot, secrets: secrets)
        transport.cluster = cluster
        transport.know([a, b, c])
    }

    func seal(_ message: Message, to receiver: ConfiguredNode) throws -> [UInt8] {
        let datagram = transport.seal(message, to: receiver.id)
        return try #require(datagram).bytes
    }

    func seal(_ letter: Letter, to receiver: ConfiguredNode) throws -> [UInt8] {
        let datagram = transport.seal(letter, to: receiver.id)
        return try #require(datagram).bytes
    }

    func open(_ datagram: [UInt8], from source: ConfiguredNode, at time: Instant = now) -> Opened {
        transport.open(datagram, from: source.endpoint, at: time)
    }

    /// Nil when the datagram is heard.
    func refusal(_ datagram: [UInt8], from source: ConfiguredNode) -> Refusal? {
        if case .refused(let refusal, _) = open(datagram, from: source) { refusal } else { nil }
    }

    /// Makes both take each other's run for the present one, as heartbeats and their answers do.
    func meet(_ other: Run) throws {
        let greeting = try seal(.hello(emptyHello), to: other.node)
        guard case .refused(.staleBoot, let answer?) = other.open(greeting, from: node) else {
            throw Malformed.invalid("no introduction")
        }
        #expect(open(answer.bytes, from: other.node) == .introduced(other.id))
        #expect(other.refusal(try seal(heartbeat, to: other.node), from: node) == nil)
    }
}

private let emptyHello = Hello(nodes: [], storage: StorageID(1), cluster: nil, wantsReply: false)

@Suite struct `A sealed datagram` {
    @Test func `is heard with its sender's name, disk and boot`() throws {
        let (sender, receiver) = (Run(a, boot: 1), Run(b, boot: 2))
        try sender.meet(receiver)
        var samples = Samples(seed: 7)
        for _ in 0..<500 {
            let message = samples.message()
            guard let datagram = sender.transport.seal(message, to: b.id) else { continue }
            #expect(datagram.destination == b.endpoint)
            #expect(datagram.bytes.count <= SealedTransport.datagramLimit)
            let expected = Sender(id: a.id, storage: StorageID(1 << 8), boot: 1)
            #expect(receiver.open(datagram.bytes, from: a) == .message(message, from: expected))
        }
        #expect(sender.transport.unsendable < 100)
    }

    @Test func `is refused when any bit of it is turned`() throws {
        let (sender, receiver) = (Run(a, boot: 1), Run(b, boot: 2))
        try sender.meet(receiver)
        let datagram = try sender.seal(heartbeat, to: b)
        for bit in 0..<datagram.count * 8 {
            var forged = datagram
            forged[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(receiver.refusal(forged, from: a) != nil, "bit \(bit)")
        }
        guard case .message = receiver.open(datagram, from: a) else {
            Issue.record("the true one was spoilt by the forged ones")
            return
        }
    }

    @Test func `is refused when it is cut short at any length`() throws {
        let (sender, receiver) = (Run(a, boot: 1), Run(b, boot: 2))
        try sender.meet(receiver)
        let datagram = try sender.seal(heartbeat, to: b)
        for length in 0..<datagram.count {
            #expect(
                receiver.refusal(Array(datagram[..<length]), from: a) == (length < 122 ? .cutShort : .wrongKey),
                "length \(length)"
            )
        }
    }

    @Test func `is refused whatever noise it is`() {
        let receiver = Run(b, boot: 2)
        var samples = Samples(seed: 11)
        for _ in 0..<5000 {
            var noise = samples.bytes(samples.number(0...1300))
            if samples.flag(), noise.count >= 6 { noise.replaceSubrange(0..<6, with: [0x56, 0x53, 1, 1, 0, 0]) }
            #expect(receiver.refusal(noise, from: a) != nil)
        }
    }

    @Test func `says by the reason why it is refused`() throws {
        let (sender, receiver) = (Run(a, boot: 1), Run(b, boot: 2))
        try sender.meet(receiver)
        func forged(_ offset: Int, _ value: UInt8) throws -> [UInt8] {
            var bytes = try sender.seal(heartbeat, to: b)
            bytes[offset] = value
            return bytes
        }
        let cases: [(Refusal, [UInt8])] = [
            (.oversized, Array(repeating: 0, count: 1201)),
            (.cutShort, [0x56, 0x53]),
            (.wrongMagic, try forged(0, 0)),
            (.versionTooNew, try forged(2, 2)),
            (.versionTooOld, try forged(2, 0)),
            (.unknownKind, try forged(3, 9)),
            (.unknownGroup, try forged(5, 1)),
            (.wrongKey, try forged(6, 0xee)),
            (.unknownSender, try forged(10, 0xee)),
            (.notForUs, try sender.seal(heartbeat, to: c)),
        ]
        for (reason, datagram) in cases {
            let before = receiver.transport.refusals[reason, default: 0]
            #expect(receiver.refusal(datagram, from: a) == reason)
            #expect(receiver.transport.refusals[reason] == before + 1)
        }
    }

    @Test func `is refused by its sender when it is turned back`() throws {
        let (sender, receiver) = (Run(a, boot: 1), Run(b, boot: 2))
        try sender.meet(receiver)
        var datagram = try sender.seal(heartbeat, to: b)
        #expect(sender.refusal(datagram, from: b) == .notForUs)
        let (from, to) = (Array(datagram[10..<18]), Array(datagram[18..<26]))
        datagram.replaceSubrange(10..<26, with: to + from)
        #expect(sender.refusal(datagram, from: b) == .wrongKey)
    }

    @Test func `is heard once`() throws {
        let (sender, receiver) = (Run(a, boot: 1), Run(b, boot: 2))
        try sender.meet(receiver)
        let datagram = try sender.seal(heartbeat, to: b)
        #expect(receiver.refusal(datagram, from: a) == nil)
        #expect(receiver.open(datagram, from: a) == .refused(.replayed, answer: nil))
    }

    @Test func `never has the nonce of another`() throws {
        let sender = Run(a, boot: 1)
        var nonces: Set<[UInt8]> = []
        for number in 0..<100 {
            sender.transport.know([b, c])
            let datagrams =
                [try sender.seal(heartbeat, to: number % 2 == 0 ? b : c)]
                + sender.transport.sealWill(of: Term(1)).map(\.bytes)
            for datagram in datagrams {
                let isNew = nonces.insert(Array(datagram[26..<50])).inserted
                #expect(isNew)
            }
        }
    }

    @Test func `is not made for a stranger or of what does not fit`() {
        let sender = Run(a, boot: 1)
        let datagram = sender.transport.seal(heartbeat, to: node("nobody"))
        #expect(datagram == nil)
        #expect(sender.transport.unsendable == 1)
    }

    @Test func `from a strange address is tried, but not in a flood`() throws {
        let (sender, receiver) = (Run(a, boot: 1), Run(b, boot: 2))
        try sender.meet(receiver)
        let elsewhere = ConfiguredNode(id: a.id, endpoint: endpoint("198.51.100.9:7946"))
        let datagram = try sender.seal(heartbeat, to: b)
        var forged = datagram
        forged[100] ^= 1
        let reasons = (0..<150).map { _ in receiver.refusal(forged, from: elsewhere) }
        #expect(reasons == Array(repeating: .wrongKey, count: 100) + Array(repeating: .flood, count: 50))
        #expect(receiver.refusal(datagram, from: elsewhere) == .flood)
        #expect(receiver.refusal(datagram, from: a) == nil)
    }

    @Test func `is heard from a strange address as often as it likes, once it was heard from there`() throws {
        let (sender, receiver) = (Run(a, boot: 1), Run(b, boot: 2))
        try sender.meet(receiver)
        let elsewhere = ConfiguredNode(id: a.id, endpoint: endpoint("198.51.100.9:7946"))
        for _ in 0..<500 {
            #expect(receiver.refusal(try sender.seal(heartbeat, to: b), from: elsewhere) == nil)
        }
    }
}

@Suite struct `A secret` {
    @Test func `is changed without an outage`() throws {
        let (old, new) = (ClusterSecret.generate(), ClusterSecret.generate())
        // First every node learns to open the new one, then to seal with it, then the old one goes.
        let steps: [([ClusterSecret], [ClusterSecret])] = [
            ([old], [old, new]), ([old, new], [old, new]), ([new, old], [old, new]), ([new, old], [new]),
        ]
        for (one, other) in steps {
            let (sender, receiver) = (Run(a, boot: 1, secrets: one), Run(b, boot: 2, secrets: other))
            try sender.meet(receiver)
        }
    }

    @Test func `of another cluster opens nothing`() throws {
        let sender = Run(a, boot: 1, secrets: [ClusterSecret.generate()])
        let receiver = Run(b, boot: 2)
        let datagram = try sender.seal(heartbeat, to: b)
        #expect(receiver.open(datagram, from: a) == .refused(.wrongKey, answer: nil))
    }

    @Test func `may be none, and then says nothing to those who have one`() throws {
        let (sender, receiver) = (Run(a, boot: 1, secrets: [.insecure]), Run(b, boot: 2, secrets: [.insecure]))
        try sender.meet(receiver)
        let careful = Run(b, boot: 3)
        let datagram = try sender.seal(heartbeat, to: b)
        #expect(careful.refusal(datagram, from: a) == .wrongKey)
    }
}

@Suite struct `A boot` {
    @Test func `is taken from a datagram that names ours, and not before`() throws {
        let (first, second) = (Run(a, boot: 1), Run(b, boot: 2))
        let early = try first.seal(heartbeat, to: b)
        #expect(second.refusal(early, from: a) == .staleBoot)
        #expect(second.refusal(early, from: a) == .staleBoot)
        try first.meet(second)
        #expect(second.refusal(early, from: a) != nil)
    }

    @Test func `is known to both after a greeting and its answer`() throws {
        let (first, second) = (Run(a, boot: 1), Run(b, boot: 2))
        try first.meet(second)
        let back = try second.seal(heartbeat, to: a)
        #expect(first.refusal(back, from: b) == nil)
    }

    @Test func `of a restarted peer is taken within one round trip`() throws {
        let leader = Run(a, boot: 1)
        try leader.meet(Run(b, boot: 2))
        let follower = Run(b, boot: 3)
        // The next heartbeat still names the old run: it is refused, and the answer introduces the new one.
        let late = try leader.seal(heartbeat, to: b)
        guard case .refused(.staleBoot, let answer?) = follower.open(late, from: a) else {
            Issue.record("no introduction")
            return
        }
        #expect(leader.open(answer.bytes, from: b) == .introduced(b.id))
        let next = try leader.seal(heartbeat, to: b)
        #expect(follower.refusal(next, from: a) == nil)
    }

    @Test func `of an old run is never taken again, whatever was recorded`() throws {
        let (victim, old) = (Run(a, boot: 1), Run(b, boot: 2))
        try victim.meet(old)
        // Recorded in the first run of the peer, and never delivered: all of it names the victim's present run.
        let recorded = try (0..<20).map { _ in try old.seal(heartbeat, to: a) }
        let peer = Run(b, boot: 3)
        try victim.meet(peer)
        #expect(victim.refusal(try peer.seal(heartbeat, to: a), from: b) == nil)
        for datagram in recorded {
            #expect(victim.refusal(datagram, from: b) == .staleBoot)
        }
        let present = try peer.seal(heartbeat, to: a)
        #expect(victim.refusal(present, from: b) == nil)
    }

    @Test func `is not made known in a flood of recorded datagrams`() throws {
        let (victim, peer) = (Run(a, boot: 1), Run(b, boot: 2))
        let recorded = try (0..<500).map { _ in try peer.seal(heartbeat, to: a) }
        let answers = recorded.filter { datagram in
            if case .refused(_, .some) = victim.open(datagram, from: b) { true } else { false }
        }
        #expect(answers.count == 50)
    }

    @Test func `is agreed on though every other datagram is lost`() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var samples = Samples(seed: seed)
        for _ in 0..<50 {
            let places = [a, b]
            let runs = { (boot: UInt128) in places.map { Run($0, boot: boot) } }
            var present = runs(1)
            var heard = 0
            for round in 0..<100 {
                let time = now + .milliseconds(round * 50)
                let restarted = samples.number(0...1)
                if round == 30 { present[restarted] = runs(2)[restarted] }
                for (from, to) in [(0, 1), (1, 0)] where samples.flag() {
                    let datagram = try present[from].seal(heartbeat, to: places[to])
                    switch present[to].open(datagram, from: places[from], at: time) {
                    case .message: heard += round >= 60 ? 1 : 0
                    case .introduced, .probed: break
                    case .letter: Issue.record("nobody has sent a letter")
                    case .refused(_, let answer):
                        guard let answer, samples.flag() else { break }
                        _ = present[from].open(answer.bytes, from: places[to], at: time)
                    }
                }
            }
            #expect(heard > 10, "seed \(seed)")
        }
    }
}

@Suite struct `A sealed letter` {
    private static let question = Letter.question(Letter.Question(QuestionNumber(1), "status"))

    @Test func `is heard once, of the present run, by its sender's name and disk`() throws {
        let (sender, receiver) = (Run(a, boot: 1), Run(b, boot: 2))
        let early = try sender.seal(Self.question, to: b)
        guard case .refused(.staleBoot, let answer?) = receiver.open(early, from: a) else {
            Issue.record("no introduction")
            return
        }
        #expect(sender.open(answer.bytes, from: b) == .introduced(b.id))
        let datagram = try sender.seal(Self.question, to: b)
        let expected = Sender(id: a.id, storage: StorageID(1 << 8), boot: 1)
        #expect(receiver.open(datagram, from: a) == .letter(Self.question, from: expected))
        #expect(receiver.refusal(datagram, from: a) == .replayed)
    }

    @Test func `of another cluster, or of no cluster, is refused`() throws {
        for cluster in [ClusterID.none, ClusterID(0xc2)] {
            let (sender, receiver) = (Run(a, boot: 1, cluster: .none), Run(b, boot: 2))
            try sender.meetByHello(receiver)
            sender.transport.cluster = cluster
            let datagram = try sender.seal(Self.question, to: b)
            #expect(receiver.refusal(datagram, from: a) == .foreignCluster)
        }
    }

    @Test func `is of a kind that a release before this one refuses`() throws {
        let datagram = try Run(a, boot: 1).seal(Self.question, to: b)
        #expect(datagram[3] == 6)
    }
}

extension Run {
    fileprivate func meetByHello(_ other: Run) throws {
        guard case .refused(.staleBoot, let answer?) = other.open(try seal(.hello(emptyHello), to: b), from: a) else {
            throw Malformed.invalid("no introduction")
        }
        #expect(open(answer.bytes, from: b) == .introduced(b.id))
        #expect(other.refusal(try seal(.hello(emptyHello), to: b), from: a) == nil)
    }
}

@Suite struct `A cluster's id` {
    @Test(arguments: [(ClusterID.none, founded), (founded, .none)])
    func `may be missing on one side for a hello only`(ids: (ClusterID, ClusterID)) throws {
        let (first, second) = (Run(a, boot: 1, cluster: ids.0), Run(b, boot: 2, cluster: ids.1))
        let greeting = try first.seal(.hello(emptyHello), to: b)
        guard case .refused(.staleBoot, let answer?) = second.open(greeting, from: a) else {
            Issue.record("no introduction")
            return
        }
        #expect(first.open(answer.bytes, from: b) == .introduced(b.id))
        let hello = try first.seal(.hello(emptyHello), to: b)
        #expect(second.refusal(hello, from: a) == nil)
        let other = try first.seal(heartbeat, to: b)
        #expect(second.refusal(other, from: a) == .foreignCluster)
    }

    @Test func `of another cluster is never heard, not even its boot`() throws {
        let (first, second) = (Run(a, boot: 1), Run(b, boot: 2))
        try first.meet(second)
        first.transport.cluster = ClusterID(0xbad)
        let hello = try first.seal(.hello(emptyHello), to: b)
        #expect(second.open(hello, from: a) == .refused(.foreignCluster, answer: nil))
    }
}

@Suite struct `A last will` {
    @Test func `opens for every other node, whatever it has heard of the sender's run`() throws {
        let sender = Run(a, boot: 1)
        let wills = sender.transport.sealWill(of: Term(9))
        #expect(wills.map(\.destination) == [b.endpoint, c.endpoint])
        let expected = Sender(id: a.id, storage: StorageID(1 << 8), boot: 1)
        for (place, will) in zip([b, c], wills) {
            let receiver = Run(place, boot: 5)
            // True for ever: it may come three times, and again when the sender runs anew.
            for _ in 0..<3 {
                let opened = receiver.open(will.bytes, from: a)
                #expect(opened == .message(.released(Term(9)), from: expected))
            }
        }
    }

    @Test func `changes nothing about which run is the present one`() throws {
        let (old, receiver) = (Run(a, boot: 1), Run(b, boot: 2))
        let will = old.transport.sealWill(of: Term(9))[0]
        let new = Run(a, boot: 3)
        try new.meet(receiver)
        _ = receiver.open(will.bytes, from: a)
        #expect(receiver.refusal(try new.seal(heartbeat, to: b), from: a) == nil)
    }

    @Test func `is of no use in another cluster or in none`() {
        let sender = Run(a, boot: 1)
        let will = sender.transport.sealWill(of: Term(9))[0].bytes
        for cluster in [ClusterID(0xbad), .none] {
            let receiver = Run(b, boot: 2, cluster: cluster)
            #expect(receiver.refusal(will, from: a) == .foreignCluster)
        }
        let homeless = Run(a, boot: 1, cluster: .none)
        let receiver = Run(b, boot: 2, cluster: .none)
        let claim = homeless.transport.sealWill(of: Term(1))[0].bytes
        #expect(receiver.refusal(claim, from: a) == .foreignCluster)
    }

    @Test func `cannot be made of a message`() throws {
        let (sender, receiver) = (Run(a, boot: 1), Run(b, boot: 2))
        try sender.meet(receiver)
        var datagram = try sender.seal(heartbeat, to: b)
        datagram[3] = 3
        #expect(receiver.refusal(datagram, from: a) == .wrongKey)
    }
}
