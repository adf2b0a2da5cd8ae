import Linux
import Net

/// The machine as it was found at the start.
struct Site: Hashable, Sendable {
    struct Interface: Hashable, Sendable {
        var index: InterfaceIndex
        var name: String
        /// Why it cannot carry a VIP, whatever its state.
        var objection: String?
        /// `disable_ipv6`, or a kernel without IPv6.
        var isWithoutIPv6 = false
    }

    var interfaces: [Interface]
    var addresses: [StandingAddress]

    func name(of index: InterfaceIndex) -> String {
        interfaces.first { $0.index == index }?.name ?? "interface \(index.rawValue)"
    }
}

/// Whether the plan fits the machine, and what has to go before the first hold.
struct StartCheck: Sendable {
    let plan: KeeperPlan
    let site: Site
    /// Nil where there is none: then only our tag tells what is ours.
    let record: AddressRecord?
    /// The group of each configured address.
    private let owners: [IPAddress: Int]

    init(plan: KeeperPlan, site: Site, record: AddressRecord?) {
        (self.plan, self.site, self.record) = (plan, site, record)
        let pairs = plan.groups.enumerated().flatMap { index, group in group.vips.map { ($0.address, index) } }
        owners = Dictionary(pairs) { first, _ in first }
    }

    /// What an earlier run left, and with `--adopt` what others did; throws what must not be touched.
    func leftovers() throws(KeeperRefusal) -> [Placement] {
        try checkInterfaces()
        var leftovers: [Placement] = []
        for address in site.addresses where try isLeftover(address) { leftovers.append(address.placement) }
        return leftovers.sorted()
    }

    /// All that speaks against the plan, where another one is followed already.
    func objections() -> [String] {
        var reasons = plan.groups.compactMap(objection)
        for address in site.addresses {
            do throws(KeeperRefusal) { _ = try isLeftover(address) } catch { reasons.append(error.description) }
        }
        return reasons
    }

    /// What is surely ours, whatever else is wrong: for the command `release`.
    func ownLeftovers() -> [Placement] {
        site.addresses.filter(isOurs).map(\.placement).sorted()
    }

    private func isLeftover(_ address: StandingAddress) throws(KeeperRefusal) -> Bool {
        if isOurs(address) { return true }
        let prefix = address.placement.prefix
        guard let owner = owners[prefix.address] else { return false }
        let group = plan.groups[owner]
        let interface = site.name(of: address.placement.interface)
        let place = "\(prefix) is on \(interface)"
        if address.isTagged {
            throw KeeperRefusal("\(place) and belongs to another vip-switch on this machine; stop that one first")
        }
        guard group.interface == interface, group.vips.contains(prefix) else {
            throw KeeperRefusal(
                "\(prefix.address) of group \(group.name) is this machine's own address (\(place)); "
                    + "a VIP must be an address that no node has"
            )
        }
        if plan.adopts { return true }
        throw KeeperRefusal(
            "\(place) already, and vip-switch did not put it there; "
                + "`ip address del \(prefix) dev \(interface)`, or start with --adopt to take it over"
        )
    }

    /// The record proves it of a configured address; of any other it takes our tag as well, since the agent could
    /// have written the record. Without a record the tag proves it of a configured one.
    private func isOurs(_ address: StandingAddress) -> Bool {
        let prefix = address.placement.prefix
        let entry = AddressRecord.Entry(interface: site.name(of: address.placement.interface), prefix: prefix)
        let isConfigured = owners[prefix.address] != nil
        guard let record else { return isConfigured && address.isTagged }
        return record.entries.contains(entry) && (isConfigured || address.isTagged)
    }
}

// MARK: - Interfaces

extension StartCheck {
    /// One that is not there may come yet, a bond or a VLAN at boot: until then the agent is told of it.
    private func checkInterfaces() throws(KeeperRefusal) {
        for group in plan.groups {
            if let reason = objection(group) { throw KeeperRefusal(reason) }
        }
    }

    private func objection(_ group: KeeperPlan.Group) -> String? {
        guard let interface = site.interfaces.first(where: { $0.name == group.interface }) else { return nil }
        return objection(to: interface, for: group).map { "group \(group.name): \($0)" }
    }

    private func objection(to interface: Site.Interface, for group: KeeperPlan.Group) -> String? {
        let name = interface.name
        if let objection = interface.objection { return objection }
        guard interface.isWithoutIPv6, let vip = group.vips.first(where: { $0.address.bitWidth == 128 }) else {
            return nil
        }
        return "\(vip) cannot be added to \(name), where IPv6 is off; `sysctl net.ipv6.conf.\(name).disable_ipv6=0`"
    }
}
