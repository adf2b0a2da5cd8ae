import Net
import Time

/// The fields that plan and messages are made of, in network byte order.
extension RawSpan {
    func readFlag(at offset: inout Int) throws(Malformed) -> Bool {
        switch try readUInt8(at: &offset) {
        case 0: false
        case 1: true
        case let value: throw .invalid("a flag of \(value)")
        }
    }

    func readIPAddress(at offset: inout Int) throws(Malformed) -> IPAddress {
        switch try readUInt8(at: &offset) {
        case 4: .v4(try readUInt32(at: &offset))
        case 6: .v6(try readUInt128(at: &offset))
        case let family: throw .invalid("an address family of \(family)")
        }
    }

    func readPrefix(at offset: inout Int) throws(Malformed) -> Prefix {
        let address = try readIPAddress(at: &offset)
        let length = Int(try readUInt8(at: &offset))
        guard let prefix = Prefix(address: address, length: length) else {
            throw .invalid("a prefix length of \(length)")
        }
        return prefix
    }

    func readEndpoint(at offset: inout Int) throws(Malformed) -> Endpoint {
        let address = try readIPAddress(at: &offset)
        return Endpoint(address: address, port: try readUInt16(at: &offset))
    }

    /// Between zero and `KeeperPlan.Limit.interval`.
    func readDuration(at offset: inout Int) throws(Malformed) -> Duration {
        let duration = Duration.nanoseconds(try readInt64(at: &offset))
        guard (.zero...KeeperPlan.Limit.interval).contains(duration) else {
            throw .invalid("a duration of \(duration)")
        }
        return duration
    }

    /// Neither negative nor near the end of the clocks, so that sums and differences cannot overflow.
    func readInstant(at offset: inout Int) throws(Malformed) -> Instant {
        let instant = Instant(boottime: try readInt64(at: &offset), raw: try readInt64(at: &offset))
        let sane = 0...Int64.max / 4
        guard sane.contains(instant.boottime), sane.contains(instant.raw) else {
            throw .invalid("an instant beyond the clocks")
        }
        return instant
    }

    /// A string of at most `limit` bytes.
    func readText(upTo limit: Int, at offset: inout Int) throws(Malformed) -> String {
        let text = try readString(at: &offset)
        guard text.utf8.count <= limit else { throw .invalid("a text of \(text.utf8.count) bytes") }
        return text
    }

    /// A count of at most `limit`.
    func readCount(upTo limit: Int, at offset: inout Int) throws(Malformed) -> Int {
        let count = Int(try readUInt16(at: &offset))
        guard count <= limit else { throw .invalid("a count of \(count), more than \(limit)") }
        return count
    }
}

extension [UInt8] {
    mutating func append(flag: Bool) { append(flag ? 1 : 0) }

    mutating func append(_ address: IPAddress) {
        switch address {
        case .v4: append(4)
        case .v6: append(6)
        }
        append(contentsOf: address.bytes)
    }

    mutating func append(_ prefix: Prefix) {
        append(prefix.address)
        append(UInt8(prefix.length))
    }

    mutating func append(_ endpoint: Endpoint) {
        append(endpoint.address)
        append(bigEndian: endpoint.port)
    }

    mutating func append(_ duration: Duration) { append(bigEndian: duration.nanoseconds) }

    mutating func append(_ instant: Instant) {
        append(bigEndian: instant.boottime)
        append(bigEndian: instant.raw)
    }

    /// Appends at most `limit` bytes of a text, whole characters only.
    mutating func append(text: String, upTo limit: Int) {
        var kept = ""
        var left = limit
        for character in text {
            left -= character.utf8.count
            if left < 0 { break }
            kept.append(character)
        }
        append(string: kept)
    }
}
