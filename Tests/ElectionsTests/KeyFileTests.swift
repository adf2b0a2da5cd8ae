import Net
import Raft
import Samples
import Testing
import Time

@testable import Elections

private let old = ClusterSecret.generate()
private let new = ClusterSecret.generate()

@Suite struct `A key file while the key is changed` {
    @Test func `goes through three steps, and keeps its comments`() throws {
        var file = try KeyFile(parsing: "# ours\n\(old.text)\n")
        try file.take(.add) { new }
        #expect(file.text == "# ours\n\(old.text)\n\(new.text)\n")
        try file.take(.first)
        #expect(file.text == "# ours\n\(new.text)\n\(old.text)\n")
        try file.take(.drop)
        #expect(file.text == "# ours\n\(new.text)\n")
        #expect(file.secrets == [new])
    }

    @Test func `refuses a step that is not its turn, and is as it was`() throws {
        var one = try KeyFile(parsing: old.text)
        for step in [KeyFile.Step.first, .drop] {
            #expect(throws: KeyFile.Fault.hasOne) { try one.take(step) }
        }
        #expect(one.secrets == [old])
        var two = try KeyFile(parsing: "\(old.text)\n\(new.text)\n")
        #expect(throws: KeyFile.Fault.hasTwo) { try two.take(.add) }
        var three = try KeyFile(parsing: "\(old.text)\n\(new.text)\n\(ClusterSecret.generate().text)")
        #expect(throws: KeyFile.Fault.hasMore(3)) { try three.take(.drop) }
    }

    @Test func `is refused where a line is no key`() {
        #expect(throws: Malformed.self) { try KeyFile(parsing: "hunter2") }
    }
}

@Suite struct `A transport whose secrets are replaced` {
    private let a = ConfiguredNode(id: node("a"), endpoint: endpoint("192.0.2.1:7946"))
    private let b = ConfiguredNode(id: node("b"), endpoint: endpoint("192.0.2.2:7946"))
    private let now = Instant(boottime: 1_000_000_000, raw: 1_000_000_000)
    private let message = Message.released(Term(1))

    private func transport(_ place: ConfiguredNode, boot: UInt128) -> SealedTransport {
        var transport = SealedTransport(id: place.id, storage: StorageID(boot), boot: boot, secrets: [old])
        transport.cluster = ClusterID(0xc1)
        transport.know([a, b])
        return transport
    }

    @Test func `is heard all the while, without a new introduction, and each datagram once`() throws {
        var (sender, receiver) = (transport(a, boot: 1), transport(b, boot: 2))
        let greeting = sender.seal(message, to: b.id)
        guard
            case .refused(.staleBoot, let answer?) = receiver.open(
                try #require(greeting).bytes,
                from: a.endpoint,
                at: now
            )
        else {
            Issue.record("no introduction")
            return
        }
        _ = sender.open(answer.bytes, from: b.endpoint, at: now)
        // Each side one step ahead of the other in turn, as while agents are reloaded one after the other.
        let steps = [[old, new], [new, old], [new]]
        for secrets in steps {
            receiver.replaceSecrets(secrets)
            for _ in 0..<2 {
                let datagram = sender.seal(message, to: b.id)
                let bytes = try #require(datagram).bytes
                guard case .message = receiver.open(bytes, from: a.endpoint, at: now) else {
                    Issue.record("not heard with \(secrets)")
                    return
                }
                let again = receiver.open(bytes, from: a.endpoint, at: now)
                #expect(again == .refused(.replayed, answer: nil))
                sender.replaceSecrets(secrets)
            }
        }
        #expect(receiver.speech(of: a.id)?.key == new.name)
        #expect(sender.sealingKey == new.name)
    }

    @Test func `seals its will anew, so that it opens when the old secret is gone`() throws {
        var (sender, receiver) = (transport(a, boot: 1), transport(b, boot: 2))
        let stale = sender.sealWill(of: Term(3))[0]
        receiver.replaceSecrets([new])
        #expect(receiver.open(stale.bytes, from: a.endpoint, at: now) == .refused(.wrongKey, answer: nil))
        sender.replaceSecrets([new])
        let fresh = sender.sealWill(of: Term(3))[0]
        guard case .message(.released(Term(3)), _) = receiver.open(fresh.bytes, from: a.endpoint, at: now) else {
            Issue.record("the will does not open")
            return
        }
    }
}

@Suite struct `A secret that might be guessed` {
    @Test func `is never one that was drawn`() {
        for _ in 0..<2000 { #expect(ClusterSecret.generate().weakness == nil) }
    }

    @Test(arguments: [
        ("00", "its bytes repeat"), ("0a", "its bytes repeat"),
    ]) func `is one of few bytes`(byte: String, weakness: String) throws {
        let secret = try #require(ClusterSecret(String(repeating: byte, count: 32)))
        #expect(secret.weakness == weakness)
    }

    @Test func `is the one of insecure clusters`() {
        #expect(ClusterSecret.insecure.weakness == "it is the one that everybody knows")
    }
}
