package import Net
package import Raft
package import Time

/// Which version is spoken to whom.
///
/// A cluster speaks the highest version that all of its members announce. Who begins a conversation speaks what all have
/// announced to it, and before it has heard them all the oldest that its release can; who answers speaks what it was
/// spoken to in. So followers, who hear nothing of each other, go with their leader, and so they do when a member goes
/// back to an earlier release.
extension SealedTransport {
    /// - Parameter leader: Who leads, for a follower; nil for whoever leads or campaigns itself.
    package func versionInUse(following leader: NodeID? = nil) -> UInt8 {
        if let leader, let spoken = peers[DatagramHeader.hash(of: leader)]?.spoken { return spoken }
        let audience = members.isEmpty ? Array(peers.values) : peers.values.filter { members.contains($0.id) }
        return versions.common(audience.map { $0.announced ?? versions.oldest })
    }

    func version(of message: Message, to peer: Peer) -> UInt8 {
        switch message {
        case .preVoteReply, .voteReply, .appendReply: peer.spoken ?? versions.oldest
        case .preVote, .vote, .append, .snapshot, .timeoutNow, .released, .hello: versionOfInitiative(towards: peer)
        }
    }

    /// What the cluster speaks, unless this one does not: then the nearest that both do. With one that has not been heard
    /// the oldest; if it is not understood, its answer tells.
    func versionOfInitiative(towards peer: Peer) -> UInt8 {
        guard let announced = peer.announced else { return versions.oldest }
        let theirs = WireVersions(newest: announced)
        return versions.nearest(to: max(theirs.oldest, min(theirs.newest, versionInUse())))
    }

    /// Of a datagram of a version that we do not speak, in a peer's name and from its address: an introduction in the
    /// nearest version that we do. A release next to ours understands it, and learns what we announce.
    ///
    /// Nothing of it is proved. So nothing is believed but for words to people, and the answer goes to the peer's own
    /// address, a few times a second.
    mutating func translate(_ datagram: [UInt8], from source: Endpoint, at now: Instant) -> OutgoingDatagram? {
        guard let header = ForeignHeader(datagram), header.receiver == ownHash,
            peers[header.sender]?.isFamiliar(source.address) == true,
            peers[header.sender]?.mayTranslate(header.version, at: now) == true, let peer = peers[header.sender]
        else { return nil }
        return seal(.introduction, [], to: peer, naming: peer.heard, in: versions.nearest(to: header.version))
    }

    /// Nil for a stranger.
    package func speech(of node: NodeID) -> Speech? {
        peers[DatagramHeader.hash(of: node)].map { peer in
            let secret = secrets.first { $0.keyID == peer.keyID }
            return Speech(
                newest: peer.announced,
                foreign: peer.foreign?.version,
                foreignSince: peer.foreign?.since,
                key: secret?.name
            )
        }
    }

    package func member(at address: IPAddress) -> NodeID? {
        peers.values.filter { $0.isFamiliar(address) }.map(\.id).min()
    }

    /// The name of the secret that seals.
    package var sealingKey: String { secrets[0].name }
}

/// How a peer speaks, as its datagrams show it.
package struct Speech: Hashable, Sendable {
    /// The newest version of its release; nil before it was heard.
    package let newest: UInt8?
    /// The version of what it sends, where we do not understand it.
    package let foreign: UInt8?
    /// Since when there was nothing else.
    package let foreignSince: Instant?
    /// The name of the secret that it seals with.
    package let key: String?
}
