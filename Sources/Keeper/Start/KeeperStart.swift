import Linux
import Net

/// All that happens before the first hold: lock, look, clean, write down.
struct KeeperStart {
    let directory: KeeperDirectory
    let netlink: Netlink
    let interfaces: [Link]
    /// What an earlier run left and is off now.
    let cleaned: [Placement]
    /// Closed, instead of what an earlier run left of it.
    let fence: Fence?

    init(_ plan: KeeperPlan) throws(KeeperRefusal) {
        try Self.checkCapabilities(plan)
        directory = try KeeperDirectory(plan.dataDirectory)
        netlink = try Self.refusing { () throws(NetlinkError) in try Netlink() }
        let record = try directory.record()
        let netlink = netlink
        let (links, site) = try Self.refusing { () throws(NetlinkError) in try netlink.site() }
        interfaces = links
        cleaned = try StartCheck(plan: plan, site: site, record: record).leftovers()
        try Self.remove(cleaned, by: netlink)
        // Not before: what is left of an earlier fence stands between the neighbours and what is left of its addresses.
        fence = try Fence.take(over: directory, plan)
        try directory.write(recordOf: plan)
    }

    static func checkCapabilities(_ plan: KeeperPlan) throws(KeeperRefusal) {
        if plan.groups.isEmpty || Capabilities.has([.netAdmin, .netRaw]) { return }
        throw KeeperRefusal(
            "the keeper needs CAP_NET_ADMIN and CAP_NET_RAW; "
                + "grant both in the unit (AmbientCapabilities), or, where only its group may execute the binary (mode 0750), "
                + "`setcap cap_net_admin,cap_net_raw+ep` it"
        )
    }

    static func remove(_ placements: [Placement], by netlink: Netlink) throws(KeeperRefusal) {
        let refusals = netlink.remove(placements)
        if let reason = refusals.values.min() { throw KeeperRefusal(reason) }
    }

    static func refusing<Value>(_ body: () throws(NetlinkError) -> Value) throws(KeeperRefusal) -> Value {
        do throws(NetlinkError) {
            return try body()
        } catch {
            throw KeeperRefusal("\(error)")
        }
    }
}

extension Netlink {
    func site() throws(NetlinkError) -> ([Link], Site) {
        let links = try links()
        let addresses = try addresses().map(StandingAddress.init)
        return (links, Site(interfaces: links.map(Site.Interface.init), addresses: addresses))
    }

    /// What could not be taken off, and why; what is not there is off.
    func remove(_ placements: [Placement]) -> [Placement: String] {
        let answers = perform(placements.map { .remove($0.prefix, from: $0.interface) })
        var failures: [Placement: String] = [:]
        for (placement, refusal) in zip(placements, answers) {
            guard let refusal, refusal.errno != .addressNotAvailable, refusal.errno != .noDevice else { continue }
            failures[placement] = "\(refusal)"
        }
        return failures
    }

    /// What could not be put on, and why.
    func add(_ placements: [Placement], lifetime: AddressLifetime) -> [Placement: String] {
        let answers = perform(placements.map { .replace($0.prefix, on: $0.interface, lifetime: lifetime) })
        var failures: [Placement: String] = [:]
        for case (let placement, let refusal?) in zip(placements, answers) { failures[placement] = "\(refusal)" }
        return failures
    }
}

extension StandingAddress {
    init(_ address: InterfaceAddress) {
        placement = Placement(address.prefix, on: address.interface)
        isPermanent = address.lifetime == .forever
        isTagged = address.tag == .vipSwitch
        isDuplicate = address.flags.contains(.duplicate)
        isTentative = address.flags.contains(.tentative)
    }
}

extension Site.Interface {
    init(_ link: Link) {
        self.init(
            index: link.index,
            name: link.name,
            objection: link.objection,
            isWithoutIPv6: InterfaceSettings.disablesIPv6(on: link.name) ?? true
        )
    }
}

extension Link {
    /// `ARPHRD_ETHER`
    private static let ethernet: UInt16 = 1

    /// Why it cannot carry a VIP, whatever its state.
    fileprivate var objection: String? {
        if flags.contains(.loopback) { return "\(name) is a loopback interface; a VIP needs one with neighbours" }
        if flags.contains(.noARP) {
            return "\(name) does no ARP, so no neighbour would learn of a VIP; `ip link set \(name) arp on`, "
                + "or take another interface"
        }
        if hardwareAddress != nil, type == Self.ethernet { return nil }
        return "\(name) is no Ethernet interface; VIPs can be announced on Ethernet only"
    }
}

extension Interface {
    init(_ link: Link) {
        self.init(
            index: link.index,
            name: link.name,
            isUp: link.flags.contains(.up),
            hardwareAddress: link.hardwareAddress,
            isUsable: link.isUsable,
            portOf: link.portOf,
            objection: link.objection
        )
    }
}
