package import Net
package import Raft
package import Time

/// Messages as sealed datagrams, and back: secret, authentic, heard once, and only by the run that they were sent to.
///
/// A value without a socket: bytes in, bytes out. Whoever opens under the key of its name and names our cluster is
/// heard, from whatever address; but of addresses that are no member's, and that no member was heard from before, only
/// so many datagrams a second are tried.
package struct SealedTransport {
    package let id: NodeID
    /// This run's 128 random bits.
    package let boot: UInt128
    /// What datagrams are sealed with; changes once, from `.none`.
    package var cluster = ClusterID.none
    /// Who belongs to the cluster, this node aside: what they announce decides which version it speaks. Empty: all known.
    package var members: Set<NodeID> = []
    let versions: WireVersions
    /// How many datagrams were refused, and why.
    package private(set) var refusals: [Refusal: UInt64] = [:]
    /// How many messages were not sent because their receiver is unknown or they do not fit.
    package private(set) var unsendable: UInt64 = 0

    private let storage: StorageID
    /// The first seals, all open.
    package var secrets: [ClusterSecret]
    let ownHash: UInt64
    var peers: [UInt64: Peer] = [:]
    /// One for all receivers, so that no change of keys and peers can use a nonce twice.
    var counter: UInt64 = 0
    private var strangers = Allowance(perSecond: strangersPerSecond)
    var echoes = Allowance(perSecond: echoesPerSecond)

    /// Of a datagram, in bytes: passes every path without being cut into fragments.
    package static let datagramLimit = 1200
    /// Of a message within it.
    package static let messageLimit = datagramLimit - DatagramHeader.length - Envelope.length - Seal.overhead
    /// How many datagrams from unknown addresses are opened.
    package static let strangersPerSecond: Int64 = 100
    /// How many probes are answered: those of ten doctors at a time.
    package static let echoesPerSecond: Int64 = 500

    /// The first secret seals, all open; at least one. Without secrecy: `[.insecure]`.
    package init(
        id: NodeID,
        storage: StorageID,
        boot: UInt128,
        secrets: [ClusterSecret],
        versions: WireVersions = .ofThisRelease
    ) {
        precondition(!secrets.isEmpty && boot != 0, "\(secrets.count) secrets, boot \(boot)")
        Seal.start()
        self.id = id
        self.storage = storage
        self.boot = boot
        self.secrets = secrets
        self.versions = versions
        ownHash = DatagramHeader.hash(of: id)
    }

    /// Learns names and addresses, from the configuration or a membership. What is known of a run stays; nobody is
    /// forgotten, since a node that was left out may still have to hear so.
    package mutating func know(_ nodes: [ConfiguredNode]) {
        for node in nodes where node.id != id {
            let hash = DatagramHeader.hash(of: node.id)
            if peers[hash] == nil { peers[hash] = Peer(node, of: id, secrets: secrets) }
            peers[hash]?.endpoint = node.endpoint
        }
    }
}

/// What is to be sent, and where to.
package struct OutgoingDatagram: Hashable, Sendable {
    package let bytes: [UInt8]
    package let destination: Endpoint
}

/// What a datagram turned out to be.
package enum Opened: Hashable, Sendable {
    case message(Message, from: Sender)
    /// Of the present run of a node in our cluster, like a message; whether it is a member is for the receiver to see.
    case letter(Letter, from: Sender)
    /// Nothing to deliver; but what was refused before will be heard now, so a message that matters may be sent again.
    case introduced(NodeID)
    /// Somebody with the key measures the way to us; nothing else follows from it.
    case probed(answer: OutgoingDatagram)
    /// Counted already. The answer, if any, makes our boot known: send it and the next one may be heard.
    case refused(Refusal, answer: OutgoingDatagram?)
}

extension SealedTransport {
    /// Seals a message; nil, and counted, when the receiver is unknown or the message does not fit.
    ///
    /// Of an append the entries that do not fit are left out.
    package mutating func seal(_ message: Message, to receiver: NodeID) -> OutgoingDatagram? {
        guard let peer = peers[DatagramHeader.hash(of: receiver)],
            let body = message.encoded(limit: Self.messageLimit)
        else {
            unsendable += 1
            return nil
        }
        return seal(.message, body, to: peer, naming: peer.heard, in: version(of: message, to: peer))
    }

    /// Nil, and counted, when the receiver is unknown.
    package mutating func seal(_ letter: Letter, to receiver: NodeID) -> OutgoingDatagram? {
        guard let peer = peers[DatagramHeader.hash(of: receiver)] else {
            unsendable += 1
            return nil
        }
        return seal(.letter, letter.encoded, to: peer, naming: peer.heard, in: versionOfInitiative(towards: peer))
    }

    /// For every other node: "all of `term` that I held is released". Seal it before the first hold of the term; it
    /// opens at any time, whatever its receiver has heard of this run.
    package mutating func sealWill(of term: Term) -> [OutgoingDatagram] {
        let body = Message.released(term).encoded()
        // Whoever opens it may have gone back to the release before by then.
        return peers.values.sorted { $0.id < $1.id }.map {
            seal(.will, body, to: $0, naming: (0, 0), in: versions.oldest)
        }
    }

    mutating func seal(
        _ kind: DatagramHeader.Kind,
        _ body: [UInt8],
        to peer: Peer,
        naming heard: (boot: UInt128, counter: UInt64),
        in version: UInt8
    ) -> OutgoingDatagram {
        counter += 1
        let header = DatagramHeader(
            version: version,
            newest: versions.newest,
            kind: kind,
            keyID: secrets[0].keyID,
            sender: ownHash,
            receiver: DatagramHeader.hash(of: peer.id),
            boot: boot,
            counter: counter
        )
        let envelope = Envelope(
            cluster: cluster,
            receiverBoot: heard.boot,
            receiverCounter: heard.counter,
            storage: storage,
            body: body
        )
        guard let keys = peer.keys(for: header) else { preconditionFailure("no key \(header.keyID)") }
        let sealed = Seal.close(envelope.bytes, header: header.bytes, nonce: header.nonce, key: keys.sealing)
        return OutgoingDatagram(bytes: header.bytes + sealed, destination: peer.endpoint)
    }
}

extension SealedTransport {
    /// Opens a datagram, or says why not.
    package mutating func open(_ datagram: [UInt8], from source: Endpoint, at now: Instant) -> Opened {
        do throws(Refusal) {
            let header = try sieve(datagram, from: source, at: now)
            if header.kind == .probe { return .probed(answer: try echo(header, datagram, to: source, at: now)) }
            let opened = try hear(header, datagram)
            if header.kind.countsWithinBoot { peers[header.sender]?.source = source.address }
            return opened
        } catch {
            refusals[error, default: 0] += 1
            if error == .versionTooNew || error == .versionTooOld {
                return .refused(error, answer: translate(datagram, from: source, at: now))
            }
            return .refused(error, answer: error == .staleBoot ? introduce(answering: datagram, at: now) : nil)
        }
    }

    /// What can be told without opening.
    private mutating func sieve(
        _ datagram: [UInt8],
        from source: Endpoint,
        at now: Instant
    ) throws(Refusal) -> DatagramHeader {
        guard datagram.count <= Self.datagramLimit else { throw .oversized }
        let header = try DatagramHeader(reading: datagram, speaking: versions)
        // An echo goes to the port that a doctor asked from.
        guard header.kind != .echo else { throw .unknownKind }
        guard header.receiver == ownHash else { throw .notForUs }
        guard peers[header.sender] != nil else { throw .unknownSender }
        let isFamiliar = peers.values.contains { $0.isFamiliar(source.address) }
        guard isFamiliar || strangers.take(at: now) else { throw .flood }
        guard peers[header.sender]?.hasHeard(header) != true else { throw .replayed }
        return header
    }

    private mutating func hear(_ header: DatagramHeader, _ datagram: [UInt8]) throws(Refusal) -> Opened {
        let envelope = try unseal(header, datagram)
        switch header.kind {
        case .will:
            guard envelope.cluster == cluster, cluster != .none else { throw .foreignCluster }
            return try deliver(envelope, of: header) { if case .released = $0 { nil } else { .malformed } }
        case .message:
            try recognize(header, envelope)
            let isForeign = envelope.cluster != cluster
            // Only a hello is heard by or from a node that belongs to no cluster yet.
            return try deliver(envelope, of: header) {
                if case .hello = $0 { nil } else { isForeign ? .foreignCluster : nil }
            }
        case .introduction:
            try recognize(header, envelope)
            guard let peer = peers[header.sender] else { throw .unknownSender }
            return .introduced(peer.id)
        case .probe, .echo: throw .unknownKind
        case .letter:
            try recognize(header, envelope)
            guard envelope.cluster == cluster else { throw .foreignCluster }
            guard let letter = try? Letter(decoding: envelope.body), let peer = peers[header.sender] else {
                throw .malformed
            }
            return .letter(letter, from: Sender(id: peer.id, storage: envelope.storage, boot: header.boot))
        }
    }

    private func unseal(_ header: DatagramHeader, _ datagram: [UInt8]) throws(Refusal) -> Envelope {
        let sealed = Array(datagram[DatagramHeader.length...])
        guard sealed.count >= Envelope.length + Seal.overhead else { throw .cutShort }
        guard let content = content(of: datagram, header) else { throw .wrongKey }
        do { return try Envelope(reading: content) } catch { throw .malformed }
    }

    /// Nil when it does not open under the key that it names.
    func content(of datagram: [UInt8], _ header: DatagramHeader) -> [UInt8]? {
        guard let key = peers[header.sender]?.keys(for: header)?.opening else { return nil }
        return Seal.open(
            Array(datagram[DatagramHeader.length...]),
            header: Array(datagram[..<DatagramHeader.length]),
            nonce: header.nonce,
            key: key
        )
    }

    private mutating func recognize(_ header: DatagramHeader, _ envelope: Envelope) throws(Refusal) {
        let isStranger = envelope.cluster != cluster && envelope.cluster != .none && cluster != .none
        if isStranger { throw .foreignCluster }
        try peers[header.sender]?.recognize(header, naming: envelope, own: boot, counter: counter)
    }

    private func deliver(
        _ envelope: Envelope,
        of header: DatagramHeader,
        unless fault: (Message) -> Refusal?
    ) throws(Refusal) -> Opened {
        guard let message = try? Message(decoding: envelope.body), let peer = peers[header.sender] else {
            throw .malformed
        }
        if let fault = fault(message) { throw fault }
        return .message(message, from: Sender(id: peer.id, storage: envelope.storage, boot: header.boot))
    }

    /// Names the boot of a datagram that did not name ours, so that its sender takes ours for the present one.
    private mutating func introduce(answering datagram: [UInt8], at now: Instant) -> OutgoingDatagram? {
        guard let header = try? DatagramHeader(reading: datagram, speaking: versions),
            peers[header.sender]?.mayIntroduce(at: now) == true, let peer = peers[header.sender]
        else { return nil }
        return seal(.introduction, [], to: peer, naming: (header.boot, header.counter), in: header.version)
    }
}
