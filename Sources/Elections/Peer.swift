internal import Net
internal import Raft
internal import Time

/// Another node as the transport knows it: its keys, and which run of it is the present one.
///
/// **Boots.** A run of the peer is taken for the present one only on the word of a datagram of it that names *our* boot
/// and a counter that we reached after we took the run before it. So a recorded datagram of an old run never passes for
/// a new one: what it names, we sent before.
struct Peer {
    /// The keys of one secret for one purpose.
    struct Keys {
        let sealing: [UInt8]
        let opening: [UInt8]
    }

    let id: NodeID
    var endpoint: Endpoint
    /// Where its present run was heard from last: behind a translator that is not its own address.
    var source: IPAddress?
    private var messageKeys: [UInt32: Keys]
    private var willKeys: [UInt32: Keys]
    private var probeKeys: [UInt32: Keys]

    /// The newest version that it speaks, and that of the latest datagram which was heard; nil before any was.
    private(set) var announced: UInt8?
    private(set) var spoken: UInt8?
    /// Which secret that was sealed with.
    private(set) var keyID: UInt32?
    /// The version of datagrams in its name that we do not speak, and since when; until one comes that we do.
    private(set) var foreign: (version: UInt8, since: Instant)?

    /// The present run, and what has been heard of it.
    private var boot: UInt128?
    private var window = ReplayWindow()
    /// Our own counter when the present run was taken.
    private var introducedAt: UInt64 = 0
    /// The latest datagram of a run that was not (yet) taken: we name it, so that the peer can take ours.
    private var candidate: (boot: UInt128, counter: UInt64) = (0, 0)
    private var introductions = Allowance(perSecond: introductionsPerSecond)
    private var translations = Allowance(perSecond: translationsPerSecond)

    /// Bounds what a flood of recorded datagrams makes us answer.
    static let introductionsPerSecond: Int64 = 50

    /// The same for datagrams of other versions. It takes two to agree on one; where two releases have none in common each
    /// answers the other's answer, and this is how often.
    static let translationsPerSecond: Int64 = 4

    init(_ node: ConfiguredNode, of own: NodeID, secrets: [ClusterSecret]) {
        id = node.id
        endpoint = node.endpoint
        messageKeys = Self.keys(.messages, between: own, and: node.id, secrets)
        willKeys = Self.keys(.wills, between: own, and: node.id, secrets)
        probeKeys = Self.keys(.probes, between: own, and: node.id, secrets)
    }

    /// Other secrets; what is known of the peer's run stays.
    mutating func replaceKeys(of own: NodeID, secrets: [ClusterSecret]) {
        messageKeys = Self.keys(.messages, between: own, and: id, secrets)
        willKeys = Self.keys(.wills, between: own, and: id, secrets)
        probeKeys = Self.keys(.probes, between: own, and: id, secrets)
    }

    private static func keys(
        _ purpose: ClusterSecret.Purpose,
        between own: NodeID,
        and peer: NodeID,
        _ secrets: [ClusterSecret]
    ) -> [UInt32: Keys] {
        var keys: [UInt32: Keys] = [:]
        for secret in secrets {
            keys[secret.keyID] = Keys(
                sealing: secret.key(for: purpose, from: own, to: peer),
                opening: secret.key(for: purpose, from: peer, to: own)
            )
        }
        return keys
    }

    func keys(for header: DatagramHeader) -> Keys? {
        switch header.kind {
        case .message, .introduction, .letter: messageKeys[header.keyID]
        case .will: willKeys[header.keyID]
        case .probe, .echo: probeKeys[header.keyID]
        }
    }
}

extension Peer {
    /// The run to name in a message.
    var heard: (boot: UInt128, counter: UInt64) {
        if let boot { (boot, window.highest) } else { candidate }
    }

    /// What the header alone shows to have come before, so that a flood of recorded datagrams is not even opened.
    func hasHeard(_ header: DatagramHeader) -> Bool {
        header.kind.countsWithinBoot && header.boot == boot && window.hasHeard(header.counter)
    }

    /// Refuses what came before, what an earlier run sent, and what was sent to an earlier run of ours.
    mutating func recognize(
        _ header: DatagramHeader,
        naming envelope: Envelope,
        own boot: UInt128,
        counter: UInt64
    ) throws(Refusal) {
        guard header.boot == self.boot else {
            try take(header, naming: envelope, own: boot, counter: counter)
            return note(header)
        }
        guard window.insert(header.counter) else { throw .replayed }
        guard envelope.receiverBoot == boot else { throw .staleBoot }
        note(header)
    }

    private mutating func note(_ header: DatagramHeader) {
        // One that another has overtaken may be from before an upgrade of what the cluster speaks.
        guard header.counter == window.highest else { return }
        (announced, spoken, keyID, foreign) = (header.newest, header.version, header.keyID, nil)
    }

    private mutating func take(
        _ header: DatagramHeader,
        naming envelope: Envelope,
        own boot: UInt128,
        counter: UInt64
    ) throws(Refusal) {
        candidate = (header.boot, header.counter)
        guard envelope.receiverBoot == boot, envelope.receiverCounter > introducedAt else { throw .staleBoot }
        self.boot = header.boot
        introducedAt = counter
        window = ReplayWindow()
        guard window.insert(header.counter) else { throw .replayed }
    }

    func isFamiliar(_ address: IPAddress) -> Bool { address == endpoint.address || address == source }

    mutating func mayIntroduce(at now: Instant) -> Bool { introductions.take(at: now) }

    /// Notes a datagram of a version that we do not speak; whether to answer in one that we do.
    mutating func mayTranslate(_ version: UInt8, at now: Instant) -> Bool {
        foreign = (version, foreign?.since ?? now)
        return translations.take(at: now)
    }
}
