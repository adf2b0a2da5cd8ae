import Linux
import Net

/// The fence as nf_tables has it, in two tables of one name:
///
///     table inet vip-switch-… {
///         set open0 { type nf_proto; flags timeout; elements = { ipv4 timeout 212ms, ipv6 timeout 212ms } }
///         chain group0 {
///             meta nfproto @open0 accept
///             fib daddr type local counter drop
///             fib saddr type local counter drop
///         }
///         map vips4 { type ipv4_addr : verdict; elements = { 192.0.2.10 : goto group0 } }
///         map vips6 …
///         chain inward { type filter hook prerouting priority raw; ip daddr vmap @vips4; ip6 daddr vmap @vips6 }
///         chain outward { type filter hook output priority raw; ip saddr vmap @vips4; ip6 saddr vmap @vips6 }
///     }
///     table arp vip-switch-… { … chain outward { type filter hook output priority filter; arp saddr ip vmap @vips4 } }
///
/// A gate is one element a group, however many addresses the group has. It is looked for before address translation, which
/// would lead packets past an input chain. What is not addressed to this machine passes: a router is in nobody's way.
///
/// Neighbour solicitations and ARP requests come in, for those for a VIP look just like the announcements of its new holder,
/// which this machine must hear; what a closed gate stops is the answer, and anything else that claims the address. Our own
/// announcements leave through packet sockets, which no such chain sees.
struct FenceRules {
    let name: String
    private let groups: [[IPAddress]]
    private let inet: NftablesTable
    private let arp: NftablesTable

    init(_ plan: KeeperPlan) {
        self.init(dataDirectory: plan.dataDirectory, groups: plan.groups.map { $0.vips.map(\.address) })
    }

    init(dataDirectory: String, groups: [[IPAddress]]) {
        name = "vip-switch-" + Self.hash(dataDirectory)
        self.groups = groups
        inet = NftablesTable(family: .inet, name: name)
        arp = NftablesTable(family: .arp, name: name)
    }

    var tables: [NftablesTable] { [inet, arp] }

    /// Removes the fence of whoever had this data directory; no error where there is none.
    static func removal(dataDirectory: String) -> [NftablesRequest] {
        FenceRules(dataDirectory: dataDirectory, groups: []).removal
    }

    /// Whether anything of it is in the kernel, as far as that can be asked without loading nf_tables.
    func stand() -> Bool {
        guard Nftables.isInKernel, let nftables = try? Nftables() else { return false }
        return tables.contains { table in
            do throws(Errno) {
                return try !nftables.rules(of: table).isEmpty
            } catch {
                // Others change theirs all the time, and a removal of nothing does no harm.
                return error == .interrupted
            }
        }
    }

    private var removal: [NftablesRequest] { tables.flatMap { [.addTable($0), .removeTable($0)] } }

    /// FNV-1a: one data directory, one name, at each start; two agents of one machine never share one.
    private static func hash(_ text: String) -> String {
        let value = text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

// MARK: - Gates

extension FenceRules {
    /// Whatever was there before.
    func open(_ group: Int, for milliseconds: UInt64) -> [NftablesRequest] {
        close(group) + add(group, milliseconds)
    }

    /// Refused whole where the gate has closed meanwhile.
    func renew(_ group: Int, for milliseconds: UInt64) -> [NftablesRequest] {
        gates(group).map { .removeElements($0.keys, from: $0.set) } + add(group, milliseconds)
    }

    /// Added first, since what is not there cannot be removed.
    func close(_ group: Int, in table: NftablesTable? = nil) -> [NftablesRequest] {
        gates(group).filter { table == nil || $0.set.table == table }.flatMap { (set, keys) -> [NftablesRequest] in
            let some = keys.map { NftablesElement($0.key, .time(NftablesRequest.Limit.shortestTime)) }
            return [.addElements(some, to: set, isNew: false), .removeElements(keys, from: set)]
        }
    }

    private func add(_ group: Int, _ milliseconds: UInt64) -> [NftablesRequest] {
        gates(group).map { set, keys in
            .addElements(keys.map { NftablesElement($0.key, .time(milliseconds)) }, to: set, isNew: true)
        }
    }

    /// The families of packets by which a gate is looked up: any packet there has one of them, so that the group's one
    /// element fits all.
    private func gates(_ group: Int) -> [(set: NftablesSet, keys: [NftablesElement])] {
        [
            (gate(group, inet), [Self.ipv4, Self.ipv6].map { NftablesElement($0) }),
            (gate(group, arp), [NftablesElement(Self.etherTypeOfIPv4)]),
        ]
    }

    private func gate(_ group: Int, _ table: NftablesTable) -> NftablesSet {
        let key: NftablesSet.Key = table.family == .inet ? .protocolFamily : .etherType
        return NftablesSet(table: table, name: "open\(group)", key: key, kind: .timed)
    }

    /// `NFPROTO_IPV4`, `NFPROTO_IPV6`, `ETH_P_IP`
    private static let ipv4: [UInt8] = [2]
    private static let ipv6: [UInt8] = [10]
    private static let etherTypeOfIPv4: [UInt8] = [0x08, 0x00]
}

// MARK: - Rules

extension FenceRules {
    /// The whole fence in place of whatever was there, closed but for the groups that are named.
    func putUp(open: [Int: UInt64]) -> [NftablesRequest] {
        var requests = removal + tables.map { .addTable($0) }
        for group in groups.indices { requests += chain(of: group) }
        requests += base(inet) + base(arp)
        for (group, milliseconds) in open.sorted(by: { $0.key < $1.key }) { requests += add(group, milliseconds) }
        return requests
    }

    private func chain(of group: Int) -> [NftablesRequest] {
        tables.flatMap { table -> [NftablesRequest] in
            let chain = self.chain(group, table)
            let gate = gate(group, table)
            let load: NftablesExpression = table == inet ? .loadProtocolFamily : .loadHeader(offset: 2, length: 2)
            let drops: [[NftablesExpression]] = table == inet ? [isLocal(source: false), isLocal(source: true)] : [[]]
            return [.addSet(gate), .addChain(chain), .addRule([load, .isFound(in: gate), .accept], to: chain)]
                + drops.map { .addRule($0 + [.count, .drop], to: chain) }
        }
    }

    private func chain(_ group: Int, _ table: NftablesTable) -> NftablesChain {
        NftablesChain(table: table, name: "group\(group)")
    }

    /// `RTN_LOCAL`, a number in the host's byte order.
    private func isLocal(source: Bool) -> [NftablesExpression] {
        let bytes = (0..<4).map { UInt8(truncatingIfNeeded: UInt32(2).littleEndian >> (8 * $0)) }
        return [.loadAddressType(ofSource: source), .isEqual(bytes)]
    }

    /// The maps, and the chains that look into them. The maps are full before a rule knows them: what is added to one that
    /// is in use is checked for loops each time.
    private func base(_ table: NftablesTable) -> [NftablesRequest] {
        let v4 = NftablesSet(table: table, name: "vips4", key: .ipv4, kind: .verdicts)
        let v6 = NftablesSet(table: table, name: "vips6", key: .ipv6, kind: .verdicts)
        if table == arp {
            let outward = NftablesChain(table: arp, name: "outward", hook: .arpOutput)
            return [.addSet(v4)] + elements(of: v4)
                + [.addChain(outward), .addRule([.loadHeader(offset: 14, length: 4), .isFound(in: v4)], to: outward)]
        }
        let inward = NftablesChain(table: inet, name: "inward", hook: .prerouting)
        let outward = NftablesChain(table: inet, name: "outward", hook: .output)
        return [.addSet(v4), .addSet(v6)] + elements(of: v4) + elements(of: v6) + [
            .addChain(inward), .addChain(outward),
            .addRule(lookup(v4, at: 16), to: inward), .addRule(lookup(v6, at: 24), to: inward),
            .addRule(lookup(v4, at: 12), to: outward), .addRule(lookup(v6, at: 8), to: outward),
        ]
    }

    /// - Parameter offset: Where an address stands in the header of IPv4 or IPv6.
    private func lookup(_ map: NftablesSet, at offset: UInt32) -> [NftablesExpression] {
        let isV4 = map.key == .ipv4
        return [
            .loadProtocolFamily, .isEqual(isV4 ? Self.ipv4 : Self.ipv6),
            .loadHeader(offset: offset, length: isV4 ? 4 : 16), .isFound(in: map),
        ]
    }

    private func elements(of map: NftablesSet) -> [NftablesRequest] {
        let all = groups.enumerated().flatMap { index, addresses in
            addresses.filter { ($0.bitWidth == 32) == (map.key == .ipv4) }
                .map { NftablesElement($0.bytes, .goto(chain: "group\(index)")) }
        }
        return stride(from: 0, to: all.count, by: NftablesRequest.Limit.elements).map { start in
            let end = min(start + NftablesRequest.Limit.elements, all.count)
            return .addElements(Array(all[start..<end]), to: map, isNew: true)
        }
    }
}
