/// The parts of a ruleset of nf_tables that one transaction sets or removes. Names are as `nft list ruleset` shows them.
package enum NftablesRequest: Hashable, Sendable {
    /// No error where it is there already.
    case addTable(NftablesTable)
    /// With all that is in it.
    case removeTable(NftablesTable)
    case addSet(NftablesSet)
    case addChain(NftablesChain)
    /// Behind the rules that are there.
    case addRule([NftablesExpression], to: NftablesChain)
    /// At most `Limit.elements`. `isNew`: refused where one of them is there.
    case addElements([NftablesElement], to: NftablesSet, isNew: Bool)
    /// Refused where one of them is not there, or its time is over.
    case removeElements([NftablesElement], from: NftablesSet)

    package enum Limit {
        /// In one request, whose list of elements may have 64 KiB.
        package static let elements = 256
        /// Milliseconds that an element may be given: a tick of the slowest kernels. Less than a tick is none to the kernel,
        /// and an element without a time stays for ever.
        package static let shortestTime: UInt64 = 10
    }
}

extension NftablesRequest: CustomStringConvertible {
    package var description: String {
        switch self {
        case .addTable(let table): "add table \(table)"
        case .removeTable(let table): "delete table \(table)"
        case .addSet(let set): "add set \(set.table) \(set.name)"
        case .addChain(let chain): "add chain \(chain.table) \(chain.name)"
        case .addRule(_, let chain): "add rule \(chain.table) \(chain.name)"
        case .addElements(_, let set, _): "add element \(set.table) \(set.name)"
        case .removeElements(_, let set): "delete element \(set.table) \(set.name)"
        }
    }
}

/// A table belongs to one family of packets.
package struct NftablesTable: Hashable, Sendable {
    package enum Family: UInt16, Hashable, Sendable {
        /// `NFPROTO_INET`: IPv4 and IPv6.
        case inet = 1
        /// `NFPROTO_ARP`
        case arp = 3
    }

    package var family: Family
    package var name: String

    package init(family: Family, name: String) {
        self.family = family
        self.name = name
    }
}

extension NftablesTable: CustomStringConvertible {
    package var description: String { "\(family) \(name)" }
}

package struct NftablesSet: Hashable, Sendable {
    /// The numbers and lengths are those of nft's own data types, so that it can print the set.
    package enum Key: UInt32, Hashable, Sendable {
        case protocolFamily = 2
        case ipv4 = 7
        case ipv6 = 8
        case etherType = 10

        var length: UInt32 {
            switch self {
            case .protocolFamily: 1
            case .etherType: 2
            case .ipv4: 4
            case .ipv6: 16
            }
        }
    }

    package enum Kind: Hashable, Sendable {
        /// Elements carry a time, after which no packet finds them; one without has the shortest.
        case timed
        /// Each element leads to a chain.
        case verdicts
    }

    package var table: NftablesTable
    package var name: String
    package var key: Key
    package var kind: Kind

    package init(table: NftablesTable, name: String, key: Key, kind: Kind) {
        self.table = table
        self.name = name
        self.key = key
        self.kind = kind
    }
}

package struct NftablesElement: Hashable, Sendable {
    package enum Value: Hashable, Sendable {
        case none
        /// Milliseconds.
        case time(UInt64)
        case goto(chain: String)
    }

    /// In network byte order, but for a family.
    package var key: [UInt8]
    package var value: Value

    package init(_ key: [UInt8], _ value: Value = .none) {
        self.key = key
        self.value = value
    }
}

package struct NftablesChain: Hashable, Sendable {
    /// `NF_INET_*` and `NF_ARP_*`, the numbers of the chain's family.
    package struct Hook: Hashable, Sendable {
        let number: UInt32
        let priority: Int32

        /// Before connection tracking and address translation (`NF_IP_PRI_RAW`).
        package static let prerouting = Hook(number: 0, priority: -300)
        package static let output = Hook(number: 3, priority: -300)
        package static let arpOutput = Hook(number: 1, priority: 0)
    }

    package var table: NftablesTable
    package var name: String
    /// Nil: only other chains lead here.
    package var hook: Hook?

    package init(table: NftablesTable, name: String, hook: Hook? = nil) {
        self.table = table
        self.name = name
        self.hook = hook
    }
}

/// A step of a rule, which ends where a step does not match. The value that is looked at goes from step to step.
package enum NftablesExpression: Hashable, Sendable {
    /// Loads `NFPROTO_IPV4` or `NFPROTO_IPV6`.
    case loadProtocolFamily
    /// Loads bytes of the network header.
    case loadHeader(offset: UInt32, length: UInt32)
    /// Loads what kind of address the packet's source or destination is here (`RTN_*`).
    case loadAddressType(ofSource: Bool)
    case isEqual([UInt8])
    /// With a map of verdicts: goes where the element leads.
    case isFound(in: NftablesSet)
    case count
    case accept
    case drop
}
