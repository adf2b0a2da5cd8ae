package import Net
package import Raft
internal import Time

/// Reads what ``FieldWriter`` writes, from bytes that anybody may have made up: every length, number and name is checked.
package struct FieldReader {
    private let bytes: [UInt8]
    private var offset: Int
    private var names: [NodeID] = []
    private var endpoints: [NodeID: Endpoint] = [:]

    package init(_ bytes: [UInt8], from offset: Int = 0) {
        self.bytes = bytes
        self.offset = offset
    }

    package mutating func integer<Number: FixedWidthInteger>(_ type: Number.Type = Number.self) throws(Malformed)
        -> Number
    {
        try take(Number.bitWidth / 8).reduce(0) { $0 << 8 | Number(truncatingIfNeeded: $1) }
    }

    /// The next `count` bytes as they are.
    package mutating func take(_ count: Int) throws(Malformed) -> ArraySlice<UInt8> {
        let rest = bytes.count - offset
        guard rest >= count else { throw .truncated(needed: count, left: rest) }
        defer { offset += count }
        return bytes[offset..<offset + count]
    }

    package func expectEnd() throws(Malformed) {
        guard offset == bytes.count else { throw .trailing(bytes.count - offset) }
    }

    package mutating func flag() throws(Malformed) -> Bool {
        switch try integer(UInt8.self) {
        case 0: false
        case 1: true
        case let other: throw .invalid("a flag of \(other)")
        }
    }

    package mutating func term() throws(Malformed) -> Term { Term(try number()) }
    package mutating func index() throws(Malformed) -> LogIndex { LogIndex(try number()) }
    package mutating func storage() throws(Malformed) -> StorageID { StorageID(try integer(UInt128.self)) }
    package mutating func cluster() throws(Malformed) -> ClusterID { ClusterID(try integer(UInt128.self)) }

    package mutating func duration() throws(Malformed) -> Duration {
        let nanoseconds = try integer(UInt64.self)
        guard nanoseconds <= UInt64(Wire.longestDuration.nanoseconds) else {
            throw .invalid("a duration of \(nanoseconds) ns")
        }
        return .nanoseconds(Int64(nanoseconds))
    }

    private mutating func number() throws(Malformed) -> UInt64 {
        let number = try integer(UInt64.self)
        guard number <= Wire.greatestNumber else { throw .invalid("a number of \(number)") }
        return number
    }

    /// The length of a list that has no more than `limit` elements.
    package mutating func count(limit: Int) throws(Malformed) -> Int {
        let count = Int(try integer(UInt8.self))
        guard count <= limit else { throw .invalid("a list of \(count)") }
        return count
    }
}

extension FieldReader {
    package mutating func name() throws(Malformed) -> NodeID {
        guard let id = try optionalName() else { throw .invalid("an empty name") }
        return id
    }

    package mutating func optionalName() throws(Malformed) -> NodeID? {
        let length = try integer(UInt8.self)
        if length == 0 { return nil }
        if length & Wire.mention != 0 {
            let place = Int(length & ~Wire.mention)
            guard place < names.count else { throw .invalid("a name that was not mentioned") }
            return names[place]
        }
        guard let text = String(validating: try take(Int(length)), as: UTF8.self), let id = NodeID(text) else {
            throw .invalid("a name of other characters")
        }
        if names.count < Wire.mention { names.append(id) }
        return id
    }

    package mutating func endpoint(of id: NodeID) throws(Malformed) -> Endpoint {
        let address: IPAddress
        switch try integer(UInt8.self) {
        case Wire.sameEndpoint:
            guard let endpoint = endpoints[id] else { throw .invalid("an endpoint that was not mentioned") }
            return endpoint
        case Wire.endpointV4: address = .v4(try integer(UInt32.self))
        case Wire.endpointV6: address = .v6(try integer(UInt128.self))
        case let other: throw .invalid("an address of family \(other)")
        }
        let endpoint = Endpoint(address: address, port: try integer(UInt16.self))
        endpoints[id] = endpoint
        return endpoint
    }

    package mutating func node() throws(Malformed) -> ConfiguredNode {
        let id = try name()
        return ConfiguredNode(id: id, endpoint: try endpoint(of: id))
    }

    package mutating func membership() throws(Malformed) -> Membership {
        let voters = try members(limit: Membership.limit) { reader throws(Malformed) in try reader.voter() }
        let entrants = try members(limit: Membership.limit - voters.count)
        let learners = try members(limit: Membership.limit - voters.count - entrants.count)
        let membership = Membership(voters: voters, entrants: entrants, learners: learners)
        guard Set(membership.members.map(\.id)).count == membership.members.count else {
            throw .invalid("a node that is a member twice")
        }
        return membership
    }

    /// Members in the order of their names, none twice.
    private mutating func members(
        limit: Int,
        _ read: (inout FieldReader) throws(Malformed) -> Member = { reader throws(Malformed) in try reader.member() }
    ) throws(Malformed) -> [Member] {
        var members: [Member] = []
        for _ in 0..<(try count(limit: limit)) {
            let member = try read(&self)
            if let last = members.last, last.id >= member.id { throw .invalid("members out of order") }
            members.append(member)
        }
        return members
    }

    package mutating func member() throws(Malformed) -> Member {
        let id = try name()
        let endpoint = try endpoint(of: id)
        return Member(id: id, storage: try storage(), endpoint: endpoint)
    }

    /// A vote is that of a disk; the others may not have shown theirs yet.
    package mutating func voter() throws(Malformed) -> Member {
        let member = try member()
        guard member.storage != .none else { throw .invalid("a voter without a disk") }
        return member
    }

    package mutating func timing() throws(Malformed) -> ClusterTiming {
        ClusterTiming(heartbeat: try duration(), promise: try duration())
    }

    /// No leader lets the nodes agree on another.
    package mutating func agreedTiming() throws(Malformed) -> ClusterTiming {
        let timing = try timing()
        guard timing.isReasonable else {
            throw .invalid("a heartbeat every \(timing.heartbeat) with a promise of \(timing.promise)")
        }
        return timing
    }

    package mutating func snapshot() throws(Malformed) -> Snapshot {
        let (index, term, membership) = (try index(), try term(), try membership())
        let parts = try integer(UInt8.self)
        guard parts & ~(Wire.withTiming | Wire.withAppointments) == 0 else { throw .invalid("a flag of \(parts)") }
        let timing = parts & Wire.withTiming == 0 ? nil : try agreedTiming()
        let appointments = parts & Wire.withAppointments == 0 ? [:] : try appointments(in: membership)
        let state = ClusterState(membership: membership, timing: timing, appointments: appointments)
        return Snapshot(index: index, term: term, state: state)
    }

    private mutating func appointments(in membership: Membership) throws(Malformed) -> [NodeID: Appointment] {
        var all: [NodeID: Appointment] = [:]
        var last: NodeID?
        for _ in 0..<(try count(limit: Membership.limit)) {
            let (id, appointment) = try appointment()
            guard membership.member(id) != nil, last.map({ $0 < id }) ?? true, appointment != Appointment() else {
                throw .invalid("something said of \(id)")
            }
            (all[id], last) = (appointment, id)
        }
        guard !all.isEmpty else { throw .invalid("nothing said of nobody") }
        return all
    }

    package mutating func appointment() throws(Malformed) -> (NodeID, Appointment) {
        let (id, parts) = (try name(), try integer(UInt8.self))
        guard parts & ~(Wire.withPriority | Wire.witness) == 0 else { throw .invalid("a flag of \(parts)") }
        let priority = parts & Wire.withPriority == 0 ? nil : try integer(UInt16.self)
        return (id, Appointment(priority: priority, isWitness: parts & Wire.witness != 0))
    }

    package mutating func payload() throws(Malformed) -> LogPayload {
        switch try integer(UInt8.self) {
        case Wire.leadership: .leadership
        case Wire.membership: .membership(try membership())
        case Wire.timing: .timing(try agreedTiming())
        case Wire.data: .data(try data())
        case Wire.appointment: try entryOfAppointment()
        case let other: throw .invalid("an entry of kind \(other)")
        }
    }

    private mutating func entryOfAppointment() throws(Malformed) -> LogPayload {
        let (id, appointment) = try appointment()
        return .appointment(id, appointment)
    }

    private mutating func data() throws(Malformed) -> [UInt8] {
        let length = Int(try integer(UInt16.self))
        guard length <= LogPayload.dataLimit else { throw .invalid("an entry of \(length) bytes") }
        return Array(try take(length))
    }
}
