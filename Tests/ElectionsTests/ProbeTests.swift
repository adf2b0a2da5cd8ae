import Net
import Raft
import Samples
import Testing
import Time

@testable import Elections

private let a = ConfiguredNode(id: node("a"), endpoint: endpoint("192.0.2.1:7946"))
private let b = ConfiguredNode(id: node("b"), endpoint: endpoint("192.0.2.2:7946"))
private let doctor = endpoint("192.0.2.1:40000")
private let secret = ClusterSecret.generate()
private let now = Instant(boottime: 1_000_000_000, raw: 1_000_000_000)

private func agent(_ place: ConfiguredNode = b, secrets: [ClusterSecret] = [secret]) -> SealedTransport {
    var transport = SealedTransport(id: place.id, storage: StorageID(2), boot: 2, secrets: secrets)
    transport.cluster = ClusterID(0xc1)
    transport.know([a, b])
    return transport
}

private func asking(_ secrets: [ClusterSecret] = [secret], run: UInt128 = 0xd0c) -> ProbeTransport {
    ProbeTransport(a.id, members: [a, b], secrets: secrets, run: run)
}

/// The next probe of b.
private func made(
    by asking: inout ProbeTransport,
    length: Int = ProbeTransport.shortest
) throws -> (bytes: [UInt8], number: UInt64) {
    let probe = asking.probe(of: b.id, length: length)
    return try #require(probe)
}

@Suite struct `A probe` {
    @Test(arguments: [ProbeTransport.shortest, ProbeTransport.longest])
    func `comes back to the port that it came from, as long as it was`(length: Int) throws {
        var (asking, agent) = (asking(), agent())
        let (bytes, number) = try made(by: &asking, length: length)
        #expect(bytes.count == length)
        guard case .probed(let answer) = agent.open(bytes, from: doctor, at: now) else {
            Issue.record("not answered")
            return
        }
        #expect(answer.destination == doctor)
        #expect(answer.bytes.count == length)
        let expected = ProbeTransport.Answer(member: b.id, number: number, newestVersion: 1)
        #expect(asking.open(answer.bytes) == expected)
    }

    @Test func `changes nothing about what the agent has heard`() throws {
        var agent = agent()
        var other = SealedTransport(id: a.id, storage: StorageID(1), boot: 1, secrets: [secret])
        other.cluster = ClusterID(0xc1)
        other.know([a, b])
        func hear(_ bytes: [UInt8]) -> Opened { agent.open(bytes, from: a.endpoint, at: now) }
        let message = Message.released(Term(1))
        let early = other.seal(message, to: b.id)
        guard case .refused(.staleBoot, let answer?) = hear(try #require(early).bytes) else {
            Issue.record("no introduction")
            return
        }
        _ = other.open(answer.bytes, from: b.endpoint, at: now)
        let first = other.seal(message, to: b.id)
        guard case .message = hear(try #require(first).bytes) else {
            Issue.record("not heard")
            return
        }
        var asking = asking()
        for _ in 0..<50 {
            let (bytes, _) = try made(by: &asking)
            _ = agent.open(bytes, from: doctor, at: now)
        }
        let next = other.seal(message, to: b.id)
        guard case .message = hear(try #require(next).bytes) else {
            Issue.record("the agent of the same node is not heard any more")
            return
        }
    }

    @Test func `is answered to nobody without the key`() throws {
        var (asking, agent) = (asking([.generate()]), agent())
        let (bytes, _) = try made(by: &asking)
        #expect(agent.open(bytes, from: doctor, at: now) == .refused(.wrongKey, answer: nil))
    }

    @Test func `is answered under an old key while both are known`() throws {
        let new = ClusterSecret.generate()
        var (asking, agent) = (asking(), agent(secrets: [new, secret]))
        let (bytes, _) = try made(by: &asking)
        guard case .probed(let answer) = agent.open(bytes, from: doctor, at: now) else {
            Issue.record("not answered")
            return
        }
        #expect(asking.open(answer.bytes) != nil)
    }

    @Test func `is answered to no other address than that of the node that it names`() throws {
        var (asking, agent) = (asking(), agent())
        let (bytes, _) = try made(by: &asking)
        let opened = agent.open(bytes, from: endpoint("198.51.100.9:40000"), at: now)
        #expect(opened == .refused(.flood, answer: nil))
        #expect(agent.open(bytes, from: b.endpoint, at: now) == .refused(.flood, answer: nil))
    }

    @Test func `is not answered in a flood`() throws {
        var (asking, agent) = (asking(), agent())
        let (bytes, _) = try made(by: &asking)
        let answered = (0..<2000).count { _ in
            if case .probed = agent.open(bytes, from: doctor, at: now) { true } else { false }
        }
        #expect(answered == Int(SealedTransport.echoesPerSecond))
    }

    @Test func `is refused when any bit of it is turned, and so is its echo`() throws {
        var (asking, agent) = (asking(), agent())
        let (bytes, _) = try made(by: &asking)
        for bit in 0..<bytes.count * 8 {
            var forged = bytes
            forged[bit / 8] ^= 1 << UInt8(bit % 8)
            if case .probed = agent.open(forged, from: doctor, at: now) { Issue.record("bit \(bit)") }
        }
        guard case .probed(let answer) = agent.open(bytes, from: doctor, at: now) else {
            Issue.record("not answered")
            return
        }
        for bit in 0..<answer.bytes.count * 8 {
            var forged = answer.bytes
            forged[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(asking.open(forged) == nil, "bit \(bit)")
        }
    }

    @Test func `of another doctor is not taken for one's own`() throws {
        var (asking, other, agent) = (asking(), asking(run: 0xbad), agent())
        let (bytes, _) = try made(by: &other)
        guard case .probed(let answer) = agent.open(bytes, from: doctor, at: now) else {
            Issue.record("not answered")
            return
        }
        #expect(asking.open(answer.bytes) == nil)
        _ = asking.probe(of: b.id)
    }

    @Test func `that comes back to an agent is no message`() throws {
        var (asking, agent, own) = (asking(), agent(), agent(a))
        let (bytes, _) = try made(by: &asking)
        guard case .probed(let answer) = agent.open(bytes, from: a.endpoint, at: now) else {
            Issue.record("not answered")
            return
        }
        #expect(own.open(answer.bytes, from: b.endpoint, at: now) == .refused(.unknownKind, answer: nil))
    }
}
