/// Settings of the kernel that decide whether a VIP answers; as they are in force, `all` and the interface's taken together
/// as the kernel takes them. Nil: there is no such setting.
package struct InterfaceSysctls: Hashable, Sendable {
    /// The greater of the two.
    package var arpIgnore: Int?
    package var arpAnnounce: Int?
    package var reversePathFilter: Int?
    /// Either of the two.
    package var filtersARP: Bool?
    package var promotesSecondaries: Bool?
    /// Of the machine.
    package var bindsNonLocal: Bool?
    package var acceptDAD: Int?

    package init() {}
}

extension InterfaceFacts {
    var settingFindings: [Finding] {
        guard exists else { return [] }
        let v4 = hasV4 ? [arpIgnore, arpFilter, reversePath].compactMap(\.self) : []
        let all = v4 + [acceptDAD, nonLocal].compactMap(\.self)
        guard !all.contains(where: { $0.severity != .ok }) else { return all }
        return all + [.ok(.sysctl, name, "arp_ignore, arp_filter and rp_filter let the VIPs answer")]
    }

    private func change(_ setting: String, _ value: Int) -> String {
        "type: sysctl -w net.ipv4.conf.all.\(setting)=\(value) net.ipv4.conf.\(name).\(setting)=\(value), "
            + "and write it into /etc/sysctl.d"
    }

    private var arpIgnore: Finding? {
        switch settings.arpIgnore {
        // 3 answers for all but addresses of scope host, and ours are global.
        case nil, 0, 1, 3: nil
        case 2:
            .warning(
                .sysctl,
                name,
                "arp_ignore is 2: only who is in a subnet of \(name) that has the VIP, too, gets an answer",
                do: change("arp_ignore", 1)
            )
        case 8:
            .error(
                .sysctl,
                name,
                "arp_ignore is 8: no address of this machine answers ARP",
                do: change("arp_ignore", 1)
            )
        case let value?:
            .warning(.sysctl, name, "arp_ignore is \(value), which no kernel documents", do: change("arp_ignore", 1))
        }
    }

    private var arpFilter: Finding? {
        guard settings.filtersARP == true, !isOnlyOne else { return nil }
        return .warning(
            .sysctl,
            name,
            "arp_filter is 1: the VIP answers only whom the routes lead to over \(name)",
            do: change("arp_filter", 0) + "; or see to the routes"
        )
    }

    private var reversePath: Finding? {
        guard settings.reversePathFilter == 1, !isOnlyOne else { return nil }
        return .warning(
            .sysctl,
            name,
            "rp_filter is 1 (strict), and there are other interfaces: what comes for the VIP from where another one leads "
                + "to is dropped",
            do: change("rp_filter", 2)
        )
    }

    private var acceptDAD: Finding? {
        guard hasV6, settings.acceptDAD == 2 else { return nil }
        return .warning(
            .sysctl,
            name,
            "accept_dad is 2: a duplicate of the link-local address turns IPv6 off there, and the VIPs with it",
            do: "type: sysctl -w net.ipv6.conf.\(name).accept_dad=1, and write it into /etc/sysctl.d"
        )
    }

    private var nonLocal: Finding? {
        guard settings.bindsNonLocal == false else { return nil }
        return .ok(
            .sysctl,
            name,
            "ip_nonlocal_bind is 0: a service that binds to the VIP starts only where it is held, so bind it to all addresses "
                + "or start it in ToMaster"
        )
    }
}
