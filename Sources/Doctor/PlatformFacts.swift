/// What the machine is made of, by the firmware's tables and by traces of a container.
package struct PlatformFacts: Hashable, Sendable {
    /// `sys_vendor`, `product_name`, `chassis_asset_tag`, `bios_version` of `/sys/class/dmi/id`; empty where there is none.
    package var vendor = ""
    package var product = ""
    package var assetTag = ""
    package var biosVersion = ""
    /// `docker`, `podman`, `lxc`, `systemd-nspawn`, …
    package var container: String?
    /// Not the first user namespace: capabilities count only for what it owns.
    package var isUserNamespace = false

    package init() {}
}

/// A cloud or a virtualisation, and what it does to a gratuitous ARP.
struct Platform: Hashable, Sendable {
    enum Manners: Hashable, Sendable {
        /// Addresses belong to cards by the provider's books: nobody hears an announcement.
        case deaf(String)
        /// It lets through what it has been told of.
        case guarded(String)
        case open
    }

    var name: String
    var manners: Manners
    var matches: @Sendable (PlatformFacts) -> Bool

    static func == (a: Platform, b: Platform) -> Bool { a.name == b.name }
    func hash(into hasher: inout Hasher) { hasher.combine(name) }

    /// One line a platform; the first that matches counts.
    static let known: [Platform] = [
        Platform("Amazon EC2", .deaf("reassign a secondary private address, or move a route, by the API in ToMaster")) {
            $0.vendor == "Amazon EC2" || $0.biosVersion.contains("amazon")
        },
        Platform("Google Compute Engine", .deaf("move an alias range or a route by the API in ToMaster")) {
            $0.vendor == "Google" || $0.product == "Google Compute Engine"
        },
        // The tag is the same on every virtual machine of Azure; on Hyper-V elsewhere it is another.
        Platform("Microsoft Azure", .deaf("take an internal load balancer, or move the address by the API in ToMaster"))
        {
            $0.assetTag == "7783-7084-3265-9085-8269-3286-77"
        },
        Platform("Hetzner Cloud", .deaf("move a floating IP or an alias IP by the API in ToMaster")) {
            $0.vendor == "Hetzner" && $0.product == "vServer"
        },
        Platform("DigitalOcean", .deaf("move a reserved IP by the API in ToMaster")) { $0.vendor == "DigitalOcean" },
        Platform("Oracle Cloud", .deaf("move a secondary private address by the API in ToMaster")) {
            $0.assetTag == "OracleCloud.com"
        },
        Platform("Alibaba Cloud", .deaf("take a HaVip, or move the address by the API in ToMaster")) {
            $0.vendor == "Alibaba Cloud"
        },
        Platform("Tencent Cloud", .deaf("take a HAVIP, or move the address by the API in ToMaster")) {
            $0.vendor == "Tencent Cloud"
        },
        Platform("Vultr", .deaf("move a reserved IP by the API, or announce the VIP by BGP")) { $0.vendor == "Vultr" },
        Platform(
            "OpenStack",
            .guarded("allow it: openstack port set --allowed-address ip-address=VIP PORT, on each node's port")
        ) {
            $0.vendor.hasPrefix("OpenStack") || $0.product.hasPrefix("OpenStack") || $0.assetTag.hasPrefix("OpenStack")
        },
        Platform("VMware", .open) { $0.vendor.hasPrefix("VMware") },
        Platform("Hyper-V", .open) { $0.vendor == "Microsoft Corporation" && $0.product == "Virtual Machine" },
        Platform("VirtualBox", .open) { $0.vendor == "innotek GmbH" || $0.product == "VirtualBox" },
        Platform("Xen", .open) { $0.vendor == "Xen" },
        Platform("QEMU or KVM", .open) {
            $0.vendor == "QEMU" || $0.product.hasPrefix("Standard PC") || $0.product == "KVM"
        },
        Platform("Parallels", .open) { $0.vendor.hasPrefix("Parallels") },
    ]

    init(_ name: String, _ manners: Manners, matches: @escaping @Sendable (PlatformFacts) -> Bool) {
        (self.name, self.manners, self.matches) = (name, manners, matches)
    }
}

extension PlatformFacts {
    func findings(_ interfaces: [InterfaceFacts]) -> [Finding] {
        [machine(interfaces), containment].compactMap(\.self)
    }

    private func machine(_ interfaces: [InterfaceFacts]) -> Finding? {
        guard let platform = Platform.known.first(where: { $0.matches(self) }) else {
            let name = [vendor, product].filter { !$0.isEmpty }.joined(separator: " ")
            return name.isEmpty ? nil : .ok(.platform, name, "no cloud that is known to filter ARP")
        }
        switch platform.manners {
        case .open:
            return .ok(
                .platform,
                platform.name,
                "passes gratuitous ARP on, unless a filter of its own is on (clean-traffic, port security)"
            )
        case .guarded(let advice):
            return .warning(
                .platform,
                platform.name,
                "port security drops what a machine sends or is sent under an address that it was not given",
                do: advice
            )
        case .deaf(let advice):
            let why = "this cloud knows by its own books who has an address, and hears no gratuitous ARP"
            let isOnCard = interfaces.contains { $0.exists && $0.isCard && !$0.isLoopback }
            guard isOnCard || interfaces.isEmpty else {
                return .ok(.platform, platform.name, why + "; the VIPs are not on its own network")
            }
            return .error(.platform, platform.name, why, do: advice)
        }
    }

    private var containment: Finding? {
        guard container != nil || isUserNamespace else { return nil }
        let name = container ?? "user namespace"
        return .warning(
            .container,
            name,
            isUserNamespace
                ? "in a user namespace of its own: capabilities count only for network namespaces that it owns"
                : "in a container: the VIP comes and goes in its network, which need not be the host's",
            do: "give it the host's network (network_mode: host), NET_ADMIN and NET_RAW, and a volume for data_dir"
        )
    }
}
