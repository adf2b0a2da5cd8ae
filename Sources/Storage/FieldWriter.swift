package import Net
package import Raft
internal import Time

/// Writes the fields of datagrams and records: fixed layouts in network byte order.
///
/// A node's name is spelled out once, behind its length (1...63); later mentions are the place of the first in one
/// byte, 0x80 and up. Likewise an endpoint that its node was given before is one byte. So a membership of ten with the
/// longest names, and the successors out of it, fit in one datagram.
package struct FieldWriter {
    package private(set) var bytes: [UInt8] = []
    private var places: [NodeID: UInt8] = [:]
    private var endpoints: [NodeID: Endpoint] = [:]

    package init() {}

    package mutating func append<Integer: FixedWidthInteger>(_ value: Integer) { bytes.append(bigEndian: value) }
    package mutating func append(raw: some Collection<UInt8>) { bytes += raw }
    package mutating func append(_ flag: Bool) { append(UInt8(flag ? 1 : 0)) }
    package mutating func append(_ term: Term) { append(term.number) }
    package mutating func append(_ index: LogIndex) { append(index.number) }
    package mutating func append(_ storage: StorageID) { append(storage.bits) }
    package mutating func append(_ cluster: ClusterID) { append(cluster.bits) }

    /// Nanoseconds; saturates at nought and at the longest that a reader believes.
    package mutating func append(_ duration: Duration) {
        append(min(max(duration, .zero), Wire.longestDuration).nanoseconds)
    }

    package mutating func append(count: Int) {
        precondition(count <= UInt8.max, "a list of \(count)")
        append(UInt8(count))
    }

    /// Nobody is one zero byte.
    package mutating func append(_ id: NodeID?) {
        guard let id else { return append(UInt8(0)) }
        if let place = places[id] { return append(Wire.mention | place) }
        if places.count < Wire.mention { places[id] = UInt8(places.count) }
        append(UInt8(id.text.utf8.count))
        bytes += id.text.utf8
    }

    package mutating func append(_ endpoint: Endpoint, of id: NodeID) {
        if endpoints[id] == endpoint { return append(Wire.sameEndpoint) }
        endpoints[id] = endpoint
        switch endpoint.address {
        case .v4: append(Wire.endpointV4)
        case .v6: append(Wire.endpointV6)
        }
        bytes += endpoint.address.bytes
        append(endpoint.port)
    }

    package mutating func append(_ node: ConfiguredNode) {
        append(node.id)
        append(node.endpoint, of: node.id)
    }

    package mutating func append(_ membership: Membership) {
        append(membership.voters)
        append(membership.entrants)
        append(membership.learners)
    }

    private mutating func append(_ members: [Member]) {
        append(count: members.count)
        for member in members { append(member) }
    }

    package mutating func append(_ member: Member) {
        append(member.id)
        append(member.endpoint, of: member.id)
        append(member.storage)
    }

    package mutating func append(_ timing: ClusterTiming) {
        append(timing.heartbeat)
        append(timing.promise)
    }

    package mutating func append(_ snapshot: Snapshot) {
        append(snapshot.index)
        append(snapshot.term)
        append(snapshot.state.membership)
        // A release before this one knows of the timing only, and of no other bit.
        let (timing, appointments) = (snapshot.state.timing, snapshot.state.appointments)
        append((timing == nil ? 0 : Wire.withTiming) | (appointments.isEmpty ? 0 : Wire.withAppointments))
        if let timing { append(timing) }
        guard !appointments.isEmpty else { return }
        append(count: appointments.count)
        for (id, appointment) in appointments.sorted(by: { $0.key < $1.key }) { append(id, appointment) }
    }

    package mutating func append(_ id: NodeID, _ appointment: Appointment) {
        append(id)
        append((appointment.priority == nil ? 0 : Wire.withPriority) | (appointment.isWitness ? Wire.witness : 0))
        if let priority = appointment.priority { append(priority) }
    }

    package mutating func append(_ payload: LogPayload) {
        switch payload {
        case .leadership: append(Wire.leadership)
        case .membership(let membership):
            append(Wire.membership)
            append(membership)
        case .timing(let timing):
            append(Wire.timing)
            append(timing)
        case .appointment(let id, let appointment):
            append(Wire.appointment)
            append(id, appointment)
        case .data(let data):
            precondition(data.count <= LogPayload.dataLimit, "an entry of \(data.count) bytes")
            append(Wire.data)
            append(UInt16(data.count))
            bytes += data
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
    static let timing: UInt8 = 3
    static let data: UInt8 = 4
    static let appointment: UInt8 = 5
    static let withTiming: UInt8 = 1
    static let withAppointments: UInt8 = 2
    static let withPriority: UInt8 = 1
    static let witness: UInt8 = 2

    /// Longer than any promise; far from where sums of instants overflow.
    static let longestDuration: Duration = .seconds(3600)
    /// Greater than any term or index that counting reaches; `next` of it does not overflow.
    static let greatestNumber: UInt64 = 1 << 62
}
