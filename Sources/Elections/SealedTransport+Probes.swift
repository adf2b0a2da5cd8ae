internal import Net
package import Raft
internal import Storage
internal import Time

/// Probes: datagrams that come back, sealed under a key of their own.
///
/// They stand outside of boots and replay windows, so that a doctor can ask beside a running agent and disturb nothing.
/// All that a recorded one can do is to come back to the address of the node that it names, no longer than it was, so
/// many times a second.
extension SealedTransport {
    /// What a probe is answered with, under the key that it was sealed with.
    mutating func echo(
        _ probe: DatagramHeader,
        _ datagram: [UInt8],
        to source: Endpoint,
        at now: Instant
    ) throws(Refusal) -> OutgoingDatagram {
        guard let content = content(of: datagram, probe), let keys = peers[probe.sender]?.keys(for: probe) else {
            throw .wrongKey
        }
        guard content.count >= Echo.length else { throw .malformed }
        guard peers[probe.sender]?.isFamiliar(source.address) == true else { throw .flood }
        guard echoes.take(at: now) else { throw .flood }
        counter += 1
        let header = DatagramHeader(
            version: DatagramHeader.probeVersion,
            newest: versions.newest,
            kind: .echo,
            keyID: probe.keyID,
            sender: ownHash,
            receiver: probe.sender,
            boot: boot,
            counter: counter
        )
        let echo = Echo(
            probe: probe.boot,
            number: probe.counter,
            newest: versions.newest,
            length: content.count
        )
        let sealed = Seal.close(echo.bytes, header: header.bytes, nonce: header.nonce, key: keys.sealing)
        return OutgoingDatagram(bytes: header.bytes + sealed, destination: source)
    }
}

/// What comes back: which probe it answers, and what its sender's release speaks.
struct Echo: Hashable {
    /// The random number of whoever asks, and which of its probes it was.
    let probe: UInt128
    let number: UInt64
    /// The newest version of datagrams that the sender understands.
    let newest: UInt8
    /// As long as what was asked, so that both ways carry the same.
    let length: Int

    /// The shortest.
    static let length = 25

    init(probe: UInt128, number: UInt64, newest: UInt8, length: Int) {
        (self.probe, self.number, self.newest, self.length) = (probe, number, newest, length)
    }

    init(reading content: [UInt8]) throws(Malformed) {
        var reader = FieldReader(content)
        probe = try reader.integer()
        number = try reader.integer()
        newest = try reader.integer()
        length = content.count
    }

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: probe)
        bytes.append(bigEndian: number)
        bytes.append(bigEndian: newest)
        return bytes + Array(repeating: 0, count: max(0, length - bytes.count))
    }
}

/// The side of whoever asks: makes probes, and knows its own when they come back. It has no boot that anybody takes for
/// a run of the node.
package struct ProbeTransport {
    private let own: NodeID
    private let secrets: [ClusterSecret]
    private let run: UInt128
    private let versions: WireVersions
    private let peers: [UInt64: Peer]
    private var counter: UInt64 = 0

    /// What came back.
    package struct Answer: Hashable, Sendable {
        package let member: NodeID
        package let number: UInt64
        package let newestVersion: UInt8
    }

    /// Of a whole datagram: as short as may be, and as long as any of ours.
    package static let shortest = DatagramHeader.length + Echo.length + Seal.overhead
    package static let longest = SealedTransport.datagramLimit

    /// - Parameter run: Random; a nonce is it and a counter.
    package init(
        _ own: NodeID,
        members: [ConfiguredNode],
        secrets: [ClusterSecret],
        run: UInt128,
        versions: WireVersions = .ofThisRelease
    ) {
        precondition(!secrets.isEmpty && run != 0, "\(secrets.count) secrets, run \(run)")
        Seal.start()
        (self.own, self.secrets, self.run, self.versions) = (own, secrets, run, versions)
        let others = members.filter { $0.id != own }
        peers = Dictionary(
            others.map { (DatagramHeader.hash(of: $0.id), Peer($0, of: own, secrets: secrets)) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// The next probe of a member; nil for a stranger.
    package mutating func probe(of member: NodeID, length: Int = shortest) -> (bytes: [UInt8], number: UInt64)? {
        let receiver = DatagramHeader.hash(of: member)
        guard let peer = peers[receiver] else { return nil }
        counter += 1
        let header = DatagramHeader(
            version: DatagramHeader.probeVersion,
            newest: versions.newest,
            kind: .probe,
            keyID: secrets[0].keyID,
            sender: DatagramHeader.hash(of: own),
            receiver: receiver,
            boot: run,
            counter: counter
        )
        guard let key = peer.keys(for: header)?.sealing else { return nil }
        let room = min(length, Self.longest) - DatagramHeader.length - Seal.overhead
        let content = [UInt8](repeating: 0, count: max(Echo.length, room))
        let sealed = Seal.close(content, header: header.bytes, nonce: header.nonce, key: key)
        return (header.bytes + sealed, counter)
    }

    /// Nil for what is no answer to a probe of this run.
    package func open(_ datagram: [UInt8]) -> Answer? {
        guard datagram.count <= Self.longest, let header = try? DatagramHeader(reading: datagram, speaking: versions),
            header.kind == .echo, header.receiver == DatagramHeader.hash(of: own),
            let peer = peers[header.sender], let key = peer.keys(for: header)?.opening,
            let content = Seal.open(
                Array(datagram[DatagramHeader.length...]),
                header: Array(datagram[..<DatagramHeader.length]),
                nonce: header.nonce,
                key: key
            ),
            let echo = try? Echo(reading: content), echo.probe == run, echo.number <= counter
        else { return nil }
        return Answer(member: peer.id, number: echo.number, newestVersion: echo.newest)
    }
}
