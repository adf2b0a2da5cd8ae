package import Net

/// An interface that is to carry VIPs.
package struct InterfaceFacts: Hashable, Sendable {
    package struct Address: Hashable, Sendable {
        package var prefix: Prefix
        /// Put on by a vip-switch, by its tag.
        package var isOurs: Bool
        package var isPermanent: Bool

        package init(_ prefix: Prefix, isOurs: Bool = false, isPermanent: Bool = true) {
            (self.prefix, self.isOurs, self.isPermanent) = (prefix, isOurs, isPermanent)
        }
    }

    package var name: String
    package var vips: [Prefix]
    package var exists = true
    /// What else there is, for a name that is none.
    package var others: [String] = []
    package var isUp = true
    package var hasCarrier = true
    /// Frames leave: up, with a carrier, and operational in the kernel's eyes.
    package var isUsable = true
    package var isLoopback = false
    package var hasNoARP = false
    /// `ARPHRD_*`: 1 is Ethernet.
    package var type: UInt16 = 1
    /// The bridge or bond whose port it is.
    package var portOf: String?
    package var isIPv6Disabled = false
    /// A real or virtual card, no tunnel, bridge or the like.
    package var isCard = true
    package var addresses: [Address] = []
    package var settings = InterfaceSysctls()
    package var managers = ManagerFacts()
    /// Whether another interface could carry traffic, too.
    package var isOnlyOne = true

    package init(name: String, vips: [Prefix]) {
        (self.name, self.vips) = (name, vips)
    }

    /// `ARPHRD_ETHER`, `ARPHRD_INFINIBAND`
    private static let ethernet: UInt16 = 1
    private static let infiniBand: UInt16 = 32

    var hasV6: Bool { vips.contains { $0.address.bitWidth == 128 } }
    var hasV4: Bool { vips.contains { $0.address.bitWidth == 32 } }
}

extension InterfaceFacts {
    func findings(agentRuns: Bool) -> [Finding] {
        guard exists else {
            let names = others.joined(separator: ", ")
            return [
                topic.error("this machine has no such interface", do: "name one of \(names), or make it first")
            ]
        }
        let faults = [linkFault, kindFault, portFault, v6Fault].compactMap(\.self)
        let well: [Finding] = faults.isEmpty ? [topic.ok("up, with a carrier and with ARP")] : []
        return faults + well + placements(agentRuns)
    }

    /// A line each as long as they are few; of many only those that are not well, and how many are.
    private func placements(_ agentRuns: Bool) -> [Finding] {
        let all = vips.prefix(Self.mostVIPs).flatMap { placement(of: $0, agentRuns) }
        guard vips.count > Self.fewVIPs else { return all }
        let odd = all.filter { $0.severity != .ok }
        let count = min(vips.count, Self.mostVIPs)
        let rest = vips.count > count ? "; the other \(vips.count - count) were not looked at" : ""
        return odd + [
            .ok(.subnet, name, "\(count) VIPs were looked at, and of \(odd.count) there is something to say\(rest)")
        ]
    }

    private static let fewVIPs = 8
    private static let mostVIPs = 256

    private var topic: Topic { Topic(.interface, name) }

    private var linkFault: Finding? {
        if !isUp { return topic.error("it is switched off", do: "type: ip link set \(name) up") }
        if !hasCarrier {
            return topic.error(
                "it has no carrier: nothing is plugged in, or the other end is off",
                do: "look at the cable, the switch's port or the virtual machine's network"
            )
        }
        guard !isUsable else { return nil }
        return topic.warning(
            "it has a carrier, and the kernel does not count it as operational yet",
            do: "wait a second and look again; a bridge's port may be learning, a bond without an active member"
        )
    }

    private var kindFault: Finding? {
        if isLoopback {
            return topic.warning(
                "it is the loopback: no neighbour asks there for the VIP",
                do: "name the interface that the clients are behind"
            )
        }
        if type == Self.infiniBand {
            return topic.error(
                "it is InfiniBand, whose hardware addresses cannot be announced",
                do: "take an Ethernet interface"
            )
        }
        if hasNoARP {
            return topic.error(
                "it has NOARP: nobody is asked for addresses there, so nobody can be told",
                do: "take an interface with ARP, or type: ip link set \(name) arp on"
            )
        }
        guard type != Self.ethernet else { return nil }
        return topic.error("it is of type \(type), and no Ethernet", do: "take an Ethernet interface")
    }

    private var portFault: Finding? {
        guard let portOf else { return nil }
        return topic.error(
            "it is a port of \(portOf), which takes all that arrives",
            do: "put the VIPs on \(portOf), and \(name) into track_interfaces"
        )
    }

    private var v6Fault: Finding? {
        guard hasV6, isIPv6Disabled else { return nil }
        return topic.error(
            "disable_ipv6 is set there, and a VIP is IPv6",
            do: "type: sysctl -w net.ipv6.conf.\(name).disable_ipv6=0, and write it into /etc/sysctl.d"
        )
    }
}
