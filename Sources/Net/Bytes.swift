/// Why bytes from outside were refused. The case name is what a metric or a log field shows.
package enum Malformed: Error, Hashable, Sendable {
    case truncated(needed: Int, left: Int)
    case trailing(Int)
    case invalid(String)
}

extension Malformed: CustomStringConvertible {
    package var description: String {
        switch self {
        case .truncated(let needed, let left): "cut short: \(needed) bytes needed, \(left) left"
        case .trailing(let count): "\(count) bytes too many"
        case .invalid(let what): what
        }
    }
}

/// Reads fixed layouts in network byte order; each read moves `offset` past the field or throws.
extension RawSpan {
    package func readUInt8(at offset: inout Int) throws(Malformed) -> UInt8 {
        UInt8(try readInteger(at: &offset, bytes: 1))
    }

    package func readUInt16(at offset: inout Int) throws(Malformed) -> UInt16 {
        UInt16(try readInteger(at: &offset, bytes: 2))
    }

    package func readUInt32(at offset: inout Int) throws(Malformed) -> UInt32 {
        UInt32(try readInteger(at: &offset, bytes: 4))
    }

    package func readUInt64(at offset: inout Int) throws(Malformed) -> UInt64 {
        try readInteger(at: &offset, bytes: 8)
    }

    package func readInt64(at offset: inout Int) throws(Malformed) -> Int64 {
        Int64(bitPattern: try readUInt64(at: &offset))
    }

    package func readUInt128(at offset: inout Int) throws(Malformed) -> UInt128 {
        let high = try readUInt64(at: &offset)
        return UInt128(high) << 64 | UInt128(try readUInt64(at: &offset))
    }

    /// Reads `count` bytes as they are.
    package func readBytes(_ count: Int, at offset: inout Int) throws(Malformed) -> [UInt8] {
        guard count >= 0, byteCount - offset >= count else {
            throw .truncated(needed: count, left: byteCount - offset)
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        for index in offset..<offset + count {
            bytes.append(unsafe unsafeLoad(fromUncheckedByteOffset: index, as: UInt8.self))
        }
        offset += count
        return bytes
    }

    /// Reads a UTF-8 string behind its length in two bytes.
    package func readString(at offset: inout Int) throws(Malformed) -> String {
        let length = try readUInt16(at: &offset)
        let bytes = try readBytes(Int(length), at: &offset)
        guard let string = String(validating: bytes, as: UTF8.self) else {
            throw .invalid("text that is not UTF-8")
        }
        return string
    }

    /// Throws unless `offset` is the end.
    package func expectEnd(at offset: Int) throws(Malformed) {
        guard offset == byteCount else { throw .trailing(byteCount - offset) }
    }

    private func readInteger(at offset: inout Int, bytes: Int) throws(Malformed) -> UInt64 {
        guard byteCount - offset >= bytes else {
            throw .truncated(needed: bytes, left: byteCount - offset)
        }
        var value: UInt64 = 0
        for index in offset..<offset + bytes {
            value = value << 8 | UInt64(unsafe unsafeLoad(fromUncheckedByteOffset: index, as: UInt8.self))
        }
        offset += bytes
        return value
    }
}

/// Writes the same layouts.
extension [UInt8] {
    package mutating func append<Integer: FixedWidthInteger>(bigEndian value: Integer) {
        var shift = Integer.bitWidth
        while shift > 0 {
            shift -= 8
            append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }

    /// Appends a UTF-8 string behind its length in two bytes.
    package mutating func append(string: String) {
        precondition(string.utf8.count <= UInt16.max, "a string of \(string.utf8.count) bytes")
        append(bigEndian: UInt16(string.utf8.count))
        append(contentsOf: string.utf8)
    }
}
