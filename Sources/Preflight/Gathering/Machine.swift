package import Doctor
internal import Linux
package import Net

/// The files in which a machine tells about itself; another root than `/` is for tests.
package struct Machine: Hashable, Sendable {
    private let root: String

    package init(root: String = "") { self.root = root }

    func path(_ path: String) -> String { root + path }
    func line(_ path: String) -> String? { SmallFile.line(self.path(path)) }
    func text(_ path: String) -> String? { SmallFile.text(self.path(path)) }
    func integer(_ path: String) -> Int? { SmallFile.integer(self.path(path)) }
    func exists(_ path: String) -> Bool { SmallFile.exists(self.path(path)) }
    func names(in path: String) -> [String] { SmallFile.names(in: self.path(path)) }
}

// MARK: - Settings of the kernel

extension Machine {
    /// As the kernel takes `all` and the interface's together: the greater, or either (`IN_DEV_MAXCONF`, `IN_DEV_ORCONF`).
    package func sysctls(of interface: String) -> InterfaceSysctls {
        var settings = InterfaceSysctls()
        settings.arpIgnore = greater("arp_ignore", interface)
        settings.arpAnnounce = greater("arp_announce", interface)
        settings.reversePathFilter = greater("rp_filter", interface)
        settings.filtersARP = greater("arp_filter", interface).map { $0 != 0 }
        settings.promotesSecondaries = greater("promote_secondaries", interface).map { $0 != 0 }
        settings.bindsNonLocal = integer("/proc/sys/net/ipv4/ip_nonlocal_bind").map { $0 != 0 }
        settings.acceptDAD = integer("/proc/sys/net/ipv6/conf/\(interface)/accept_dad")
        return settings
    }

    private func greater(_ setting: String, _ interface: String) -> Int? {
        let values = ["all", interface].compactMap { integer("/proc/sys/net/ipv4/conf/\($0)/\(setting)") }
        return values.max()
    }
}

// MARK: - Who configures an interface

extension Machine {
    /// - Parameters:
    ///   - index: The kernel's number of the interface, which state files are named after.
    ///   - running: The names of the processes of this network namespace, as proc(5) cuts them to 15 bytes.
    package func managers(of interface: String, index: UInt32, running: Set<String>) -> ManagerFacts {
        var facts = ManagerFacts()
        if running.contains("systemd-network") { facts.networkd = networkd(index) }
        if running.contains("NetworkManager") {
            let state = text("/run/NetworkManager/devices/\(index)")
            facts.isNetworkManagers = state.map { value(of: "managed", in: $0) != "false" } ?? false
        }
        facts.ifupdown = ifupdownFiles.first { file in
            (text(file) ?? "").split(separator: "\n").contains { line in
                line.split(whereSeparator: \.isWhitespace).prefix(2).map(String.init) == ["iface", interface]
            }
        }
        facts.generators = generators
        return facts
    }

    private func networkd(_ index: UInt32) -> ManagerFacts.Networkd? {
        guard let state = text("/run/systemd/netif/links/\(index)") else { return nil }
        let file = value(of: "NETWORK_FILE", in: state)
        return ManagerFacts.Networkd(
            state: value(of: "ADMIN_STATE", in: state) ?? "unknown",
            file: file,
            keepConfiguration: file.flatMap(keepConfiguration)
        )
    }

    /// Of the file, unless a drop-in says otherwise; the last one counts.
    private func keepConfiguration(_ file: String) -> String? {
        let name = file.split(separator: "/").last.map(String.init) ?? file
        let folders = ["/usr/lib", "/run", "/etc"].map { "\($0)/systemd/network/\(name).d" }
        let dropIns = folders.flatMap { folder in names(in: folder).map { "\(folder)/\($0)" } }
        return ([file] + dropIns).compactMap { text($0).flatMap { value(of: "KeepConfiguration", in: $0) } }.last
    }

    private var ifupdownFiles: [String] {
        let folder = "/etc/network/interfaces.d"
        return ["/etc/network/interfaces"] + names(in: folder).map { "\(folder)/\($0)" }
    }

    private var generators: [String] {
        let netplan = names(in: "/etc/netplan").filter { $0.hasSuffix(".yaml") }.map { "/etc/netplan/\($0)" }
        let others = ["/etc/network/interfaces.d/50-cloud-init"].filter(exists)
        return netplan + others
    }

    /// `KEY=value` on a line of its own; the last one counts.
    private func value(of key: String, in text: String) -> String? {
        let lines = text.split(separator: "\n").filter { $0.hasPrefix("\(key)=") }
        return lines.last.map { $0.dropFirst(key.count + 1).filter { $0 != "\"" } }
    }
}

// MARK: - What it is made of

extension Machine {
    package var platform: PlatformFacts {
        var facts = PlatformFacts()
        facts.vendor = line("/sys/class/dmi/id/sys_vendor") ?? ""
        facts.product = line("/sys/class/dmi/id/product_name") ?? ""
        facts.assetTag = line("/sys/class/dmi/id/chassis_asset_tag") ?? ""
        facts.biosVersion = line("/sys/class/dmi/id/bios_version") ?? ""
        facts.container = container
        if let map = line("/proc/self/uid_map") {
            // The first user namespace maps all there is onto itself.
            facts.isUserNamespace =
                map.split(whereSeparator: \.isWhitespace).map(String.init) != ["0", "0", "4294967295"]
        }
        return facts
    }

    private var container: String? {
        if let name = line("/run/systemd/container") { return name }
        if exists("/run/.containerenv") { return "podman" }
        if exists("/.dockerenv") { return "docker" }
        let groups = text("/proc/1/cgroup") ?? ""
        return ["docker", "kubepods", "containerd", "lxc", "libpod"].first { groups.contains("/\($0)") }
    }

    /// Whether a driver is behind it: no bridge, tunnel or the like.
    func isCard(_ interface: String) -> Bool { exists("/sys/class/net/\(interface)/device") }

    /// The machine's own table of IPv4 neighbours.
    package var neighbours: [IPAddress: MACAddress] {
        var found: [IPAddress: MACAddress] = [:]
        for line in (text("/proc/net/arp") ?? "").split(separator: "\n").dropFirst() {
            let words = line.split(whereSeparator: \.isWhitespace)
            guard words.count >= 4, let address = IPAddress(words[0]), let hardware = MACAddress(String(words[3])),
                hardware != .zero
            else { continue }
            found[address] = hardware
        }
        return found
    }
}

extension MACAddress {
    /// `02:00:00:00:00:01`
    init?(_ text: String) {
        let bytes = text.split(separator: ":").compactMap { UInt8($0, radix: 16) }
        guard bytes.count == text.split(separator: ":", omittingEmptySubsequences: false).count else { return nil }
        self.init(bytes: bytes)
    }
}
