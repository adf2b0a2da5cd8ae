import Doctor
import Net
import Testing

@Suite struct `An interface for a VIP` {
    @Test func `is well when it is up and nobody interferes`() {
        let found = findings(of: interface("192.0.2.10/32"))
        #expect(found.allSatisfy { $0.severity == .ok })
        #expect(found.lines(.interface) == ["ok eth0: up, with a carrier and with ARP"])
        #expect(found.lines(.subnet) == ["ok 192.0.2.10/32: it lies in the subnet of 192.0.2.1/24 on eth0"])
        #expect(found.lines(.sysctl) == ["ok eth0: arp_ignore, arp_filter and rp_filter let the VIPs answer"])
        #expect(found.lines(.manager) == ["ok eth0: neither networkd nor NetworkManager nor ifupdown has it in hand"])
    }

    @Test func `that is missing is told with those that are there`() {
        let missing = interface("192.0.2.10/32") {
            $0.exists = false
            $0.others = ["lo", "ens3"]
        }
        #expect(
            findings(of: missing).map(\.why) == ["this machine has no such interface"]
        )
        #expect(findings(of: missing)[0].advice == "name one of lo, ens3, or make it first")
    }

    static let faults: [(String, @Sendable (inout InterfaceFacts) -> Void)] = [
        ("error eth0: it is switched off -> type: ip link set eth0 up", { $0.isUp = false }),
        (
            "error eth0: it has no carrier: nothing is plugged in, or the other end is off"
                + " -> look at the cable, the switch's port or the virtual machine's network",
            { $0.hasCarrier = false }
        ),
        (
            "warning eth0: it has a carrier, and the kernel does not count it as operational yet"
                + " -> wait a second and look again; a bridge's port may be learning, a bond without an active member",
            { $0.isUsable = false }
        ),
        (
            "warning eth0: it is the loopback: no neighbour asks there for the VIP"
                + " -> name the interface that the clients are behind",
            { $0.isLoopback = true }
        ),
        (
            "error eth0: it is InfiniBand, whose hardware addresses cannot be announced -> take an Ethernet interface",
            { $0.type = 32 }
        ),
        ("error eth0: it is of type 512, and no Ethernet -> take an Ethernet interface", { $0.type = 512 }),
        (
            "error eth0: it has NOARP: nobody is asked for addresses there, so nobody can be told"
                + " -> take an interface with ARP, or type: ip link set eth0 arp on",
            { $0.hasNoARP = true }
        ),
        (
            "error eth0: it is a port of br0, which takes all that arrives"
                + " -> put the VIPs on br0, and eth0 into track_interfaces",
            { $0.portOf = "br0" }
        ),
    ]

    @Test(arguments: faults.indices) func `has a fault, and what to do about it`(index: Int) {
        let (line, change) = Self.faults[index]
        #expect(findings(of: interface("192.0.2.10/32", change: change)).lines(.interface) == [line])
    }

    @Test func `without IPv6 is an error only for an IPv6 VIP`() {
        #expect(findings(of: interface("2001:db8::10/128") { $0.isIPv6Disabled = true }).worst(.interface) == .error)
        #expect(findings(of: interface("192.0.2.10/32") { $0.isIPv6Disabled = true }).worst(.interface) == .ok)
    }

    @Test func `outside of the VIP's subnet is told`() {
        let found = findings(of: interface("198.51.100.10/32"))
        #expect(found.worst(.subnet) == .warning)
        #expect(found.lines(.subnet)[0].contains("no address of eth0 has it in its subnet"))
    }

    @Test func `does not count the VIP itself or another one as its own address`() {
        let found = findings(
            of: interface("198.51.100.10/32") {
                $0.addresses.append(.init(prefix("198.51.100.11/24"), isOurs: true))
            }
        )
        #expect(found.worst(.subnet) == .warning)
    }

    @Test func `whose subnet the VIP shares wants promote_secondaries or a single address`() {
        let risky = interface("192.0.2.10/24") { $0.settings.promotesSecondaries = false }
        #expect(findings(of: risky).worst(.subnet) == .warning)
        #expect(findings(of: risky).first { $0.check == .subnet }?.advice == "write it as 192.0.2.10/32")
        #expect(findings(of: interface("192.0.2.10/24")).worst(.subnet) == .ok)
        let single = interface("192.0.2.10/32") { $0.settings.promotesSecondaries = false }
        #expect(findings(of: single).worst(.subnet) == .ok)
    }

    @Test func `that has the VIP already tells by whom`() {
        let strangers = interface("192.0.2.10/32") { $0.addresses.append(.init(prefix("192.0.2.10/24"))) }
        #expect(findings(of: strangers).worst(.placement) == .error)
        let ours = interface("192.0.2.10/32") {
            $0.addresses.append(.init(prefix("192.0.2.10/32"), isOurs: true, isPermanent: false))
        }
        #expect(findings(of: ours, agent: agent).worst(.placement) == .ok)
        #expect(findings(of: ours).worst(.placement) == .warning)
    }
}

@Suite struct `A setting of the kernel` {
    @Test(arguments: [(0, Finding.Severity.ok), (1, .ok), (2, .warning), (3, .ok), (5, .warning), (8, .error)])
    func `arp_ignore is judged by what it does to the VIP`(value: Int, severity: Finding.Severity) {
        #expect(findings(of: interface("192.0.2.10/32") { $0.settings.arpIgnore = value }).worst(.sysctl) == severity)
    }

    @Test func `of IPv4 is nothing to an IPv6 VIP`() {
        let found = findings(of: interface("2001:db8::10/128") { $0.settings.arpIgnore = 8 })
        #expect(found.worst(.sysctl) == .ok)
    }

    @Test func `rp_filter bites where there are other interfaces`() {
        let strict = interface("192.0.2.10/32") { $0.settings.reversePathFilter = 1 }
        #expect(findings(of: strict).worst(.sysctl) == .ok)
        var many = strict
        many.isOnlyOne = false
        #expect(findings(of: many).worst(.sysctl) == .warning)
        many.settings.reversePathFilter = 2
        #expect(findings(of: many).worst(.sysctl) == .ok)
    }

    @Test func `arp_filter bites where there are other interfaces`() {
        let filtering = interface("192.0.2.10/32") {
            $0.settings.filtersARP = true
            $0.isOnlyOne = false
        }
        #expect(findings(of: filtering).worst(.sysctl) == .warning)
    }

    @Test func `accept_dad of 2 is told for IPv6`() {
        let found = findings(of: interface("2001:db8::10/128") { $0.settings.acceptDAD = 2 })
        #expect(found.worst(.sysctl) == .warning)
    }

    @Test func `ip_nonlocal_bind is explained and no fault`() {
        let found = findings(of: interface("192.0.2.10/32") { $0.settings.bindsNonLocal = false })
        #expect(found.worst(.sysctl) == .ok)
        #expect(found.lines(.sysctl).contains { $0.contains("ip_nonlocal_bind is 0") })
    }

    @Test func `that the kernel lacks is no fault`() {
        #expect(findings(of: interface("192.0.2.10/32") { $0.settings = .init() }).worst(.sysctl) == .ok)
    }
}

@Suite struct `Who else manages an interface` {
    @Test(arguments: [
        (nil, Finding.Severity.warning), ("no", .warning), ("static", .warning), ("dynamic", .warning), ("yes", .ok),
        ("True", .ok),
    ]) func `may be networkd, which KeepConfiguration tells to leave the VIPs`(
        keep: String?,
        severity: Finding.Severity
    ) {
        let found = findings(
            of: interface("192.0.2.10/32") {
                $0.managers.networkd = .init(
                    state: "configured",
                    file: "/run/systemd/network/10-netplan-eth0.network",
                    keepConfiguration: keep
                )
            }
        )
        #expect(found.worst(.manager) == severity)
        guard severity == .warning else { return }
        #expect(
            found.first { $0.check == .manager }?.advice
                == "write [Network] KeepConfiguration=yes into "
                + "/etc/systemd/network/10-netplan-eth0.network.d/vip-switch.conf, then: networkctl reload"
        )
    }

    @Test func `is not networkd where that leaves the interface alone`() {
        let found = findings(of: interface("192.0.2.10/32") { $0.managers.networkd = .init(state: "unmanaged") })
        #expect(found.worst(.manager) == .ok)
    }

    @Test func `may be NetworkManager, and what made its configuration is named`() {
        let found = findings(
            of: interface("192.0.2.10/32") {
                $0.managers.isNetworkManagers = true
                $0.managers.generators = ["/etc/netplan/50-cloud-init.yaml"]
            }
        )
        #expect(found.worst(.manager) == .warning)
        #expect(found.lines(.manager)[0].contains("made by /etc/netplan/50-cloud-init.yaml"))
    }

    @Test func `may be ifupdown, which does no harm by itself`() {
        let found = findings(of: interface("192.0.2.10/32") { $0.managers.ifupdown = "/etc/network/interfaces" })
        #expect(found.worst(.manager) == .ok)
        #expect(found.lines(.manager)[0].contains("ifupdown configures it"))
    }

    @Test func `may be a program of the same kind`() {
        let found = findings {
            $0.rivals = [
                RivalProcess(name: "keepalived", pid: 7, isHere: true),
                RivalProcess(name: "ucarp", pid: 8, isHere: nil),
                RivalProcess(name: "vrrpd", pid: 9, isHere: false),
            ]
        }
        #expect(found.filter { $0.check == .rival }.map(\.subject) == ["keepalived", "ucarp"])
        #expect(found.worst(.rival) == .warning)
        #expect(found.lines(.rival)[1].contains("perhaps in another network namespace"))
    }
}
