/// An address with the length of its network part, as it stands on an interface: `192.0.2.10/32`.
package struct Prefix: Hashable, Sendable {
    package let address: IPAddress
    /// 0...32 or 0...128.
    package let length: Int

    /// Nil when the length does not fit the family.
    package init?(address: IPAddress, length: Int) {
        guard (0...address.bitWidth).contains(length) else { return nil }
        self.address = address
        self.length = length
    }

    /// The prefix that holds this one address.
    package init(single address: IPAddress) {
        self.address = address
        self.length = address.bitWidth
    }

    /// Parses `ADDRESS/LENGTH`, or `ADDRESS` alone for /32 and /128.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(first) else { return nil }
        guard parts.count == 2 else {
            self.init(single: address)
            return
        }
        // iproute2 reads a length with a leading zero as octal: refused, as in IPv4 addresses.
        guard parts[1].utf8.allSatisfy({ (48...57).contains($0) }), parts[1] == "0" || parts[1].first != "0",
            let length = Int(parts[1])
        else { return nil }
        self.init(address: address, length: length)
    }

    package func contains(_ other: IPAddress) -> Bool {
        switch (address, other) {
        case (.v4(let mine), .v4(let theirs)): length == 0 || (mine ^ theirs) >> (32 - length) == 0
        case (.v6(let mine), .v6(let theirs)): length == 0 || (mine ^ theirs) >> (128 - length) == 0
        case (.v4, .v6), (.v6, .v4): false
        }
    }
}

extension Prefix: CustomStringConvertible {
    package var description: String { "\(address)/\(length)" }
}
