import Net

/// Whether the links of a group are good for holding it: the agent must know before it asks for it.
extension KeeperCore {
    mutating func tellOfLinks() {
        guard kernel.haveLinksChanged else { return }
        kernel.haveLinksChanged = false
        for index in groups.indices where !groups[index].isGone {
            let settings = groups[index].settings
            let fault = linkFault(of: settings)
            guard fault != groups[index].linkFault else { continue }
            groups[index].linkFault = fault
            report(.link(group: settings.name, fault: fault))
        }
    }

    private func linkFault(of group: KeeperPlan.Group) -> String? {
        if let fault = linkFault(group.interface, carriesVIPs: true) { return fault }
        let faults = group.tracked.compactMap { linkFault($0, carriesVIPs: false) }
        return faults.first.map { "track_interfaces: \($0)" }
    }

    private func linkFault(_ name: String, carriesVIPs: Bool) -> String? {
        guard let interface = kernel.interfaces[name] else {
            return "there is no interface \(name); this machine has \(kernel.allNames.joined(separator: ", "))"
        }
        if carriesVIPs, let objection = interface.objection { return objection }
        if !interface.isUp { return "\(name) is down" }
        if carriesVIPs, let upper = interface.portOf {
            // Its frames are the bridge's. A neighbour solicitation finds no such address on the bridge; an ARP request does,
            // since Linux answers for any of its addresses on any interface (`arp_ignore` 0).
            let bridge = kernel.name(of: upper)
            return "\(name) has become a port of \(bridge), where IPv6 does not answer and IPv4 by chance; "
                + "configure the VIPs on \(bridge)"
        }
        return interface.isUsable ? nil : "\(name) has no carrier"
    }
}
