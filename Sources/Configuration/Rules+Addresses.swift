import Net

extension Configuration {
    /// What the keeper takes: pairs of a group and an interface with VIPs of it, and VIPs in all.
    package static let mostParts = 64
    package static let mostVIPs = 16_384
}

extension Rules {
    func checkNumbers() {
        let setting = draft.groups.contains { $0.path == "vips" } ? "vips" : "groups"
        let vips = draft.groups.reduce(0) { $0 + $1.vips.count }
        if vips > Configuration.mostVIPs {
            ledger.error(at: setting, "\(setting) has \(vips) VIPs; expected at most \(Configuration.mostVIPs)")
        }
        let parts = draft.groups.reduce(0) { $0 + Set($1.vips.compactMap(\.interface)).count }
        if parts > Configuration.mostParts {
            ledger.error(
                at: setting,
                "\(setting) puts VIPs on \(parts) interfaces, each counted once a group; "
                    + "expected at most \(Configuration.mostParts)"
            )
        }
    }

    func checkVIPs() {
        let vips = draft.groups.flatMap(\.vips)
        if vips.isEmpty, !ledger.hasErrors {
            ledger.warn(
                at: "vips",
                "no VIP, neither here nor in a vip.conf beside the file: elects and runs hooks only"
            )
        }
        var first: [IPAddress: String] = [:]
        for vip in vips {
            guard let prefix = vip.prefix else { continue }
            if let earlier = first[prefix.address] {
                let text = "\(vip.path) is \(prefix), as \(earlier) is; expected each address once"
                ledger.error(at: vip.path, text)
            } else {
                first[prefix.address] = vip.path
                check(prefix, vip.path)
            }
        }
    }

    private func check(_ prefix: Prefix, _ setting: String) {
        if let reason = refusal(of: prefix) {
            ledger.error(at: setting, "\(setting) is \(prefix), \(reason); expected an address that no host has")
        } else if let host = draft.raftAddress?.address, prefix.length < host.bitWidth, prefix.contains(host) {
            // Deleting the primary address of a subnet takes the secondaries along where promote_secondaries is 0.
            let single = Prefix(single: prefix.address)
            ledger.warn(
                at: setting,
                "\(setting) is \(prefix), in the subnet of \(host); expected \(single), which is enough there"
            )
        }
    }

    /// Why the address cannot be a VIP.
    private func refusal(of prefix: Prefix) -> String? {
        if let node = draft.nodes?.first(where: { $0.address?.address == prefix.address }) {
            return "the raft address of \(node.id ?? node.path)"
        }
        if prefix.address == draft.raftAddress?.address { return "the raft address of this node" }
        if prefix.address.isLoopback { return "a loopback address" }
        if prefix.length == 0 { return "the whole internet" }
        return prefix.address.unusual ?? reservedInSubnet(prefix)
    }

    /// The subnet itself and its broadcast address (RFC 1122 §3.2.1.3); /31 has neither (RFC 3021).
    private func reservedInSubnet(_ prefix: Prefix) -> String? {
        guard case .v4(let bits) = prefix.address, prefix.length < 31 else { return nil }
        let host = UInt32.max >> UInt32(prefix.length)
        if bits & host == 0 { return "a subnet and no address" }
        return bits & host == host ? "the broadcast address of its subnet" : nil
    }
}
