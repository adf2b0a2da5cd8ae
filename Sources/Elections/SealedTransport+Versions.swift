package import Net
package import Raft

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

    /// With one that has not been heard, or is no member, we speak what it is sure to understand.
    func versionOfInitiative(towards peer: Peer) -> UInt8 {
        min(versionInUse(), max(versions.oldest, peer.announced ?? versions.oldest))
    }

    /// Of a datagram of a version that we do not speak: says so of the peer in whose name and from whose address it came.
    mutating func noteForeign(_ datagram: [UInt8], from source: Endpoint) {
        guard let header = ForeignHeader(datagram), peers[header.sender]?.isFamiliar(source.address) == true else {
            return
        }
        peers[header.sender]?.foreignVersion = header.version
    }

    /// Nil for a stranger.
    package func speech(of node: NodeID) -> Speech? {
        peers[DatagramHeader.hash(of: node)].map { peer in
            let secret = secrets.first { $0.keyID == peer.keyID }
            return Speech(newest: peer.announced, foreign: peer.foreignVersion, key: secret?.name)
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
    /// The name of the secret that it seals with.
    package let key: String?
}
