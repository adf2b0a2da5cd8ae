internal import Net
internal import Raft
internal import Time

/// Writes the fields of datagrams and records: fixed layouts in network byte order.
///
/// A node's name is spelled out once, behind its length (1...63); later mentions are the place of the first in one
/// byte, 0x80 and up. Likewise an endpoint that its node was given before is one byte. So a membership of ten with the
/// longest names, and the successors out of it, fit in one datagram.
struct FieldWriter {
    private(set) var bytes: [UInt8] = []
    private var places: [NodeID: UInt8] = [:]
    private var endpoints: [NodeID: Endpoint] = [:]

    mutating func append<Integer: FixedWidthInteger>(_ value: Integer) { bytes.append(bigEndian: value) }
    mutating func append(_ flag: Bool) { append(UInt8(flag ? 1 : 0)) }
    mutating func append(_ term: Term) { append(term.number) }
    mutating func append(_ index: LogIndex) { append(index.number) }
    mutating func append(_ storage: StorageID) { append(storage.bits) }
    mutating func append(_ cluster: ClusterID) { append(cluster.bits) }

    /// Nanoseconds; saturates at nought and at the longest that a reader believes.
    mutating func append(_ duration: Duration) {
        append(min(max(duration, .zero), Wire.longestDuration).nanoseconds)
    }

    mutating func append(count: Int) {
        precondition(count <= UInt8.max, "a list of \(count)")
        append(UInt8(count))
    }

    /// Nobody is one zero byte.
    mutating func append(_ id: NodeID?) {
        guard let id else { return append(UInt8(0)) }
        if let place = places[id] { return append(Wire.mention | place) }
        if places.count < Wire.mention { places[id] = UInt8(places.count) }
        append(UInt8(id.text.utf8.count))
        bytes += id.text.utf8
    }

    mutating func append(_ endpoint: Endpoint, of id: NodeID) {
        if endpoints[id] == endpoint { return append(Wire.sameEndpoint) }
        endpoints[id] = endpoint
        switch endpoint.address {
        case .v4: append(Wire.endpointV4)
        case .v6: append(Wire.endpointV6)
        }
        bytes += endpoint.address.bytes
        append(endpoint.port)
    }

    mutating func append(_ node: ConfiguredNode) {
        append(node.id)
        append(node.endpoint, of: node.id)
    }

    mutating func append(_ membership: Membership) {
        append(membership.voters)
        append(membership.learners)
    }

    private mutating func append(_ members: [Member]) {
        append(count: members.count)
        for member in members {
            append(member.id)
            append(member.endpoint, of: member.id)
            append(member.storage)
        }
    }

    mutating func append(_ payload: LogPayload) {
        switch payload {
        case .leadership: append(Wire.leadership)
        case .membership(let membership):
            append(Wire.membership)
            append(membership)
        }
    }
}

/// The numbers that writer and reader share.
enum Wire {
    static let mention: UInt8 = 0x80
    static let sameEndpoint: UInt8 = 0
    static let endpointV4: UInt8 = 4
    static let endpointV6: UInt8 = 6
    static let leadership: UInt8 = 1
    static let membership: UInt8 = 2

    /// Longer than any promise; far from where sums of instants overflow.
    static let longestDuration: Duration = .seconds(3600)
    /// Greater than any term or index that counting reaches; `next` of it does not overflow.
    static let greatestNumber: UInt64 = 1 << 62
}
