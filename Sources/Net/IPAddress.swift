/// An IPv4 or IPv6 address.
package enum IPAddress: Hashable, Sendable {
    case v4(UInt32)
    // Boxed: Swift 6.3.1 passes an enum of this size in 8-byte words and, unoptimised, loads the 16-byte number back from
    // a stack slot that is aligned to 8, which traps.
    indirect case v6(UInt128)

    /// The length of a prefix that holds this one address: 32 or 128.
    package var bitWidth: Int {
        switch self {
        case .v4: 32
        case .v6: 128
        }
    }

    /// The address in network byte order: 4 or 16 bytes.
    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        switch self {
        case .v4(let value): bytes.append(bigEndian: value)
        case .v6(let value): bytes.append(bigEndian: value)
        }
        return bytes
    }

    /// Reads 4 or 16 bytes in network byte order; nil for any other length.
    package init?(bytes: [UInt8]) {
        switch bytes.count {
        case 4: self = .v4(bytes.reduce(0) { $0 << 8 | UInt32($1) })
        case 16: self = .v6(bytes.reduce(0) { $0 << 8 | UInt128($1) })
        default: return nil
        }
    }
}

extension IPAddress: CustomStringConvertible {
    /// Dotted decimal, or RFC 5952 for IPv6.
    package var description: String {
        switch self {
        case .v4(let value):
            return stride(from: 24, through: 0, by: -8).map { String(value >> UInt32($0) & 0xff) }
                .joined(separator: ".")
        case .v6(let value):
            return Self.canonical(value)
        }
    }

    /// RFC 5952 §4: lower case, no leading zeros, the longest run of two or more zero groups as `::`.
    private static func canonical(_ value: UInt128) -> String {
        let groups = stride(from: 112, through: 0, by: -16).map { UInt16(truncatingIfNeeded: value >> $0) }
        if value >> 32 == 0xffff {
            return "::ffff:" + IPAddress.v4(UInt32(truncatingIfNeeded: value)).description
        }
        var longest = 0..<0
        var start = 0
        for index in 0...8 where index == 8 || groups[index] != 0 {
            if index - start > longest.count { longest = start..<index }
            start = index + 1
        }
        let text = { (slice: ArraySlice<UInt16>) in slice.map { String($0, radix: 16) }.joined(separator: ":") }
        guard longest.count > 1 else { return text(groups[...]) }
        return text(groups[..<longest.lowerBound]) + "::" + text(groups[longest.upperBound...])
    }
}

extension IPAddress {
    /// Parses a literal; host names, leading zeros (read as octal by some) and zone suffixes are refused.
    package init?(_ text: some StringProtocol) {
        if text.contains(":") {
            guard let value = Self.parseV6(text) else { return nil }
            self = .v6(value)
        } else {
            guard let value = Self.parseV4(text) else { return nil }
            self = .v4(value)
        }
    }

    private static func parseV4(_ text: some StringProtocol) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var value: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ (48...57).contains($0) }),
                part.utf8.count == 1 || part.first != "0", let octet = UInt8(part)
            else { return nil }
            value = value << 8 | UInt32(octet)
        }
        return value
    }

    private static func parseV6(_ text: some StringProtocol) -> UInt128? {
        var halves: [[UInt16]] = [[]]
        var rest = Substring(text)
        if rest.hasPrefix("::") {
            halves.append([])
            rest = rest.dropFirst(2)
        } else if rest.hasPrefix(":") {
            return nil
        }
        while !rest.isEmpty {
            let group = rest.prefix { $0 != ":" }
            rest = rest.dropFirst(group.utf8.count)
            if group.contains(".") {
                guard rest.isEmpty, let tail = parseV4(group) else { return nil }
                halves[halves.count - 1] += [UInt16(tail >> 16), UInt16(truncatingIfNeeded: tail)]
                break
            }
            guard (1...4).contains(group.utf8.count), group.utf8.allSatisfy({ $0 < 128 }),
                group.first != "+", group.first != "-", let value = UInt16(group, radix: 16)
            else { return nil }
            halves[halves.count - 1].append(value)
            if rest.hasPrefix("::") {
                guard halves.count == 1 else { return nil }
                halves.append([])
                rest = rest.dropFirst(2)
            } else if rest.hasPrefix(":") {
                rest = rest.dropFirst()
                if rest.isEmpty { return nil }
            }
        }
        let count = halves.reduce(0) { $0 + $1.count }
        guard halves.count == 1 ? count == 8 : count < 8 else { return nil }
        let groups = halves[0] + Array(repeating: 0, count: 8 - count) + (halves.count == 2 ? halves[1] : [])
        return groups.reduce(0) { $0 << 16 | UInt128($1) }
    }
}
