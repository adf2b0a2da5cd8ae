/// Who else has a hand on an interface.
package struct ManagerFacts: Hashable, Sendable {
    /// As systemd-networkd's state file of the link says it.
    package struct Networkd: Hashable, Sendable {
        /// `configured`, `unmanaged`, …
        package var state: String
        /// The `.network` file that applies.
        package var file: String?
        /// `KeepConfiguration=` of that file and its drop-ins.
        package var keepConfiguration: String?

        package init(state: String, file: String? = nil, keepConfiguration: String? = nil) {
            (self.state, self.file, self.keepConfiguration) = (state, file, keepConfiguration)
        }
    }

    package var networkd: Networkd?
    /// NetworkManager runs and counts the interface as its own.
    package var isNetworkManagers = false
    /// The file of ifupdown that names it.
    package var ifupdown: String?
    /// Files of netplan or cloud-init that make the configuration of one of the above.
    package var generators: [String] = []

    package init() {}
}

extension InterfaceFacts {
    var managerFindings: [Finding] {
        guard exists else { return [] }
        let found = [networkdFinding, networkManagerFinding, ifupdownFinding].compactMap(\.self)
        if found.isEmpty {
            return [.ok(.manager, name, "neither networkd nor NetworkManager nor ifupdown has it in hand")]
        }
        return found.map(generated)
    }

    private var networkdFinding: Finding? {
        guard let networkd = managers.networkd, networkd.state != "unmanaged" else { return nil }
        let keep = networkd.keepConfiguration?.lowercased()
        if let keep, ["yes", "true", "1", "on"].contains(keep) {
            return .ok(.manager, name, "systemd-networkd has it, and KeepConfiguration=yes leaves the VIPs alone")
        }
        let present = keep.map { "KeepConfiguration=\($0)" } ?? "no KeepConfiguration="
        let place =
            networkd.file.map { "/etc/systemd/network/\(lastPart($0)).d/vip-switch.conf" } ?? "its .network file"
        return .warning(
            .manager,
            name,
            "systemd-networkd has it, with \(present): a reconfiguration takes the VIPs off, and the agent puts them on again",
            do: "write [Network] KeepConfiguration=yes into \(place), then: networkctl reload"
        )
    }

    private var networkManagerFinding: Finding? {
        guard managers.isNetworkManagers else { return nil }
        return .warning(
            .manager,
            name,
            "NetworkManager has it: when its connection comes up anew it takes the VIPs off, and the agent puts them on again",
            do:
                "keep `nmcli connection up` away from a holder, or leave it unmanaged: nmcli device set \(name) managed no"
        )
    }

    private var ifupdownFinding: Finding? {
        guard let file = managers.ifupdown else { return nil }
        return .ok(.manager, name, "ifupdown configures it (\(file)); ifdown takes the VIPs off, nothing else does")
    }

    private func generated(_ finding: Finding) -> Finding {
        guard !managers.generators.isEmpty, finding.severity != .ok else { return finding }
        var finding = finding
        finding.why += "; made by \(managers.generators.joined(separator: ", "))"
        return finding
    }

    private func lastPart(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }
}

/// A process that moves addresses as well.
package struct RivalProcess: Hashable, Sendable {
    package var name: String
    package var pid: Int32
    /// Whether it runs in this network namespace; nil where that cannot be seen.
    package var isHere: Bool?

    package init(name: String, pid: Int32, isHere: Bool?) {
        (self.name, self.pid, self.isHere) = (name, pid, isHere)
    }

    /// The names that such programs go by.
    package static let names: Set<String> = [
        "keepalived", "ucarp", "vrrpd", "vip-manager", "corosync", "pacemakerd", "heartbeat", "kube-vip", "go-alived",
    ]

    static func findings(of rivals: [RivalProcess]) -> [Finding] {
        let present = rivals.filter { $0.isHere != false }
        if present.isEmpty { return [.ok(.rival, nil, "no keepalived, ucarp or the like runs here")] }
        return present.map { rival in
            let doubt = rival.isHere == nil ? ", perhaps in another network namespace" : ""
            return .warning(
                .rival,
                rival.name,
                "it runs here as process \(rival.pid)\(doubt), and may hold or remove the same addresses",
                do: "see that it has none of the VIPs configured, or stop it"
            )
        }
    }
}
