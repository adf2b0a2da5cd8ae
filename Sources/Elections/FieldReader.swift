internal import Net
internal import Raft
internal import Time

/// Reads what ``FieldWriter`` writes, from bytes that anybody may have made up: every length, number and name is checked.
struct FieldReader {
    private let bytes: [UInt8]
    private var offset: Int
    private var names: [NodeID] = []
    private var endpoints: [NodeID: Endpoint] = [:]

    init(_ bytes: [UInt8], from offset: Int = 0) {
        self.bytes = bytes
        self.offset = offset
    }

    mutating func integer<Number: FixedWidthInteger>(_ type: Number.Type = Number.self) throws(Malformed) -> Number {
        try take(Number.bitWidth / 8).reduce(0) { $0 << 8 | Number(truncatingIfNeeded: $1) }
    }

    /// The next `count` bytes as they are.
    mutating func take(_ count: Int) throws(Malformed) -> ArraySlice<UInt8> {
        let rest = bytes.count - offset
        guard rest >= count else { throw .truncated(needed: count, left: rest) }
        defer { offset += count }
        return bytes[offset..<offset + count]
    }

    func expectEnd() throws(Malformed) {
        guard offset == bytes.count else { throw .trailing(bytes.count - offset) }
    }

    mutating func flag() throws(Malformed) -> Bool {
        switch try integer(UInt8.self) {
        case 0: false
        case 1: true
        case let other: throw .invalid("a flag of \(other)")
        }
    }

    mutating func term() throws(Malformed) -> Term { Term(try number()) }
    mutating func index() throws(Malformed) -> LogIndex { LogIndex(try number()) }
    mutating func storage() throws(Malformed) -> StorageID { StorageID(try integer(UInt128.self)) }
    mutating func cluster() throws(Malformed) -> ClusterID { ClusterID(try integer(UInt128.self)) }

    mutating func duration() throws(Malformed) -> Duration {
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
    mutating func count(limit: Int) throws(Malformed) -> Int {
        let count = Int(try integer(UInt8.self))
        guard count <= limit else { throw .invalid("a list of \(count)") }
        return count
    }
}

extension FieldReader {
    mutating func name() throws(Malformed) -> NodeID {
        guard let id = try optionalName() else { throw .invalid("an empty name") }
        return id
    }

    mutating func optionalName() throws(Malformed) -> NodeID? {
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

    mutating func endpoint(of id: NodeID) throws(Malformed) -> Endpoint {
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

    mutating func node() throws(Malformed) -> ConfiguredNode {
        let id = try name()
        return ConfiguredNode(id: id, endpoint: try endpoint(of: id))
    }

    mutating func membership() throws(Malformed) -> Membership {
        let voters = try members(limit: Membership.limit)
        let learners = try members(limit: Membership.limit - voters.count)
        let membership = Membership(voters: voters, learners: learners)
        guard Set(membership.members.map(\.id)).count == membership.members.count else {
            throw .invalid("a node that is voter and learner")
        }
        return membership
    }

    /// Members in the order of their names, none twice.
    private mutating func members(limit: Int) throws(Malformed) -> [Member] {
        var members: [Member] = []
        for _ in 0..<(try count(limit: limit)) {
            let id = try name()
            if let last = members.last, last.id >= id { throw .invalid("members out of order") }
            let endpoint = try endpoint(of: id)
            members.append(Member(id: id, storage: try storage(), endpoint: endpoint))
        }
        return members
    }

    mutating func payload() throws(Malformed) -> LogPayload {
        switch try integer(UInt8.self) {
        case Wire.leadership: .leadership
        case Wire.membership: .membership(try membership())
        case let other: throw .invalid("an entry of kind \(other)")
        }
    }
}
