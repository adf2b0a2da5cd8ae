import Net
import Raft
import Samples
import Testing
import Time

@testable import Elections

private let a = ConfiguredNode(id: node("a"), endpoint: endpoint("192.0.2.1:7946"))
private let b = ConfiguredNode(id: node("b"), endpoint: endpoint("192.0.2.2:7946"))
private let c = ConfiguredNode(id: node("c"), endpoint: endpoint("192.0.2.3:7946"))
private let secret = ClusterSecret.generate()
private let now = Instant(boottime: 1_000_000_000, raw: 1_000_000_000)
private let heartbeat = Message.append(
    Append(
        term: Term(1),
        sequence: 1,
        promise: .milliseconds(250),
        previousIndex: LogIndex(1),
        previousTerm: Term(0),
        commit: LogIndex(1),
        entries: [],
        successors: []
    )
)
private let answer = Message.voteReply(VoteReply(term: Term(1), asked: Term(1), isGranted: true, promiseLeft: .zero))

/// A run of a release of which `newest` is the newest version.
private final class Release {
    var transport: SealedTransport
    let place: ConfiguredNode

    init(_ place: ConfiguredNode, newest: UInt8, boot: UInt128) {
        self.place = place
        transport = SealedTransport(
            id: place.id,
            storage: StorageID(boot),
            boot: boot,
            secrets: [secret],
            versions: WireVersions(newest: newest)
        )
        transport.cluster = ClusterID(0xc1)
        transport.know([a, b, c])
        transport.members = Set([a, b, c].map(\.id)).subtracting([place.id])
    }

    /// The version of a message, which is delivered; the introductions that it takes are, too.
    @discardableResult
    func say(_ message: Message, to other: Release) throws -> UInt8 {
        for _ in 0..<3 {
            let bytes = try sealed(message, to: other.place.id)
            switch other.transport.open(bytes, from: place.endpoint, at: now) {
            case .message: return bytes[2]
            case .refused(.staleBoot, let introduction?), .refused(.versionTooOld, let introduction?):
                _ = hear(introduction.bytes, from: other, at: now)
            case let opened: throw Malformed.invalid("\(opened)")
            }
        }
        throw Malformed.invalid("not heard")
    }

    func sealed(_ message: Message, to receiver: NodeID) throws -> [UInt8] {
        let datagram = transport.seal(message, to: receiver)
        return try #require(datagram).bytes
    }

    /// Whether a message is heard; introductions go back and forth until nobody answers.
    func hear(_ bytes: [UInt8], from other: Release, at time: Instant) -> Bool {
        switch transport.open(bytes, from: other.place.endpoint, at: time) {
        case .message: return true
        case .refused(_, let answer?):
            _ = other.hear(answer.bytes, from: self, at: time)
            return false
        default: return false
        }
    }
}

extension Opened {
    fileprivate var refusal: Refusal? { if case .refused(let refusal, _) = self { refusal } else { nil } }
}

@Suite struct `A cluster of mixed releases` {
    @Test func `speaks the highest version that all announce`() throws {
        let leader = Release(a, newest: 2, boot: 1)
        let (second, third) = (Release(b, newest: 2, boot: 2), Release(c, newest: 1, boot: 3))
        // Before all were heard, what every release next to this one understands.
        #expect(try leader.say(heartbeat, to: second) == 1)
        #expect(try second.say(answer, to: leader) == 1)
        #expect(try leader.say(heartbeat, to: third) == 1)
        #expect(try third.say(answer, to: leader) == 1)
        #expect(leader.transport.versionInUse() == 1)
        // The third is upgraded, and goes back again.
        let upgraded = Release(c, newest: 2, boot: 4)
        #expect(try upgraded.say(answer, to: leader) == 1)
        #expect(leader.transport.versionInUse() == 2)
        #expect(try leader.say(heartbeat, to: second) == 2)
        #expect(try second.say(answer, to: leader) == 2)
        #expect(second.transport.versionInUse(following: a.id) == 2)
        let back = Release(c, newest: 1, boot: 5)
        #expect(try back.say(answer, to: leader) == 1)
        #expect(leader.transport.versionInUse() == 1)
        #expect(try leader.say(heartbeat, to: second) == 1)
        #expect(try second.say(answer, to: leader) == 1)
    }

    @Test func `leaves a will that the release before can open`() {
        var sender = Release(a, newest: 2, boot: 1).transport
        let wills = sender.sealWill(of: Term(1))
        #expect(wills.map { $0.bytes[2] } == [1, 1])
    }

    @Test func `is understood by neither of two that are two releases apart`() throws {
        let (old, new) = (Release(a, newest: 1, boot: 1), Release(b, newest: 3, boot: 2))
        let ahead = try new.sealed(heartbeat, to: a.id)
        #expect(ahead[2] == 2)
        guard case .refused(.versionTooNew, let answer?) = old.transport.open(ahead, from: b.endpoint, at: now) else {
            Issue.record("not refused, or not answered")
            return
        }
        #expect(new.transport.open(answer.bytes, from: a.endpoint, at: now).refusal == .versionTooOld)
        #expect(old.transport.speech(of: b.id)?.foreign == 2)
        #expect(old.transport.refusals[.versionTooNew] == 1)
        let behind = try old.sealed(heartbeat, to: b.id)
        #expect(new.transport.open(behind, from: a.endpoint, at: now).refusal == .versionTooOld)
        #expect(new.transport.speech(of: a.id)?.foreign == 1)
        // Each answers the other's answer, and not for ever.
        let answered = (0..<100).count { _ in
            if case .refused(_, .some) = old.transport.open(ahead, from: b.endpoint, at: now) { true } else { false }
        }
        #expect(answered == Int(Peer.translationsPerSecond) - 1)
    }

    @Test func `finds a common version with a node that comes back with the release before`() throws {
        for newest in UInt8(2)...5 {
            let (leader, peer) = (Release(a, newest: newest, boot: 1), Release(b, newest: newest, boot: 2))
            leader.transport.members = [b.id]
            for _ in 0..<2 {
                try leader.say(heartbeat, to: peer)
                try peer.say(answer, to: leader)
            }
            #expect(try leader.say(heartbeat, to: peer) == newest)
            let back = Release(b, newest: newest - 1, boot: 3)
            // It says nothing of itself: the leader's heartbeats and the answers to them are enough.
            var heard: UInt8?
            for round in 0..<6 where heard == nil {
                let bytes = try leader.sealed(heartbeat, to: b.id)
                heard = back.hear(bytes, from: leader, at: now + .milliseconds(50 * round)) ? bytes[2] : nil
            }
            #expect(heard == newest - 1)
        }
    }

    @Test func `finds one with a node that has been heard by nobody, whoever speaks first`() throws {
        for newest in UInt8(1)...4 {
            let (ahead, behind) = (Release(a, newest: newest + 1, boot: 1), Release(b, newest: newest, boot: 2))
            for (first, second) in [(ahead, behind), (behind, ahead)] {
                var heard = false
                for round in 0..<6 where !heard {
                    let bytes = try first.sealed(heartbeat, to: second.place.id)
                    heard = second.hear(bytes, from: first, at: now + .milliseconds(50 * round))
                }
                #expect(heard, "\(first.transport.versions.newest) to \(second.transport.versions.newest)")
            }
        }
    }

    @Test func `says of nobody that he cannot be understood on a stranger's word`() throws {
        let (old, new) = (Release(a, newest: 1, boot: 1), Release(b, newest: 3, boot: 2))
        let ahead = try new.sealed(heartbeat, to: a.id)
        _ = old.transport.open(ahead, from: endpoint("198.51.100.7:7946"), at: now)
        #expect(old.transport.speech(of: b.id)?.foreign == nil)
    }

    @Test func `understands itself whatever the versions next to each other are`() throws {
        for newest in UInt8(1)...5 {
            for other in [newest, newest + 1] {
                let (first, second) = (Release(a, newest: newest, boot: 1), Release(b, newest: other, boot: 2))
                for _ in 0..<3 {
                    try first.say(heartbeat, to: second)
                    try second.say(answer, to: first)
                }
            }
        }
    }
}
