import Net

extension Rules {
    /// A cluster of two to ten: more nodes make every heartbeat dearer and nothing safer.
    private static let mostNodes = 10

    func checkOwnNode() {
        guard let id = draft.id, let nodes = draft.nodes, !nodes.isEmpty else { return }
        let ids = Set(nodes.compactMap(\.id)).sorted()
        guard let own = nodes.first(where: { $0.id == id }) else {
            guard nodes.allSatisfy({ $0.id != nil }) else { return }
            let hint = suggestion(for: id, among: ids).map { "; did you mean \($0)" } ?? ""
            ledger.error(
                at: "node.id",
                "node.id is \(id), which cluster.nodes does not name; expected \(either(ids))\(hint)"
            )
            return
        }
        guard let mine = draft.raftAddress, let listed = own.address, mine != listed else { return }
        ledger.error(
            at: "node.raft_addr",
            "node.raft_addr is \(mine), but \(own.path).addr says \(listed) for \(id); expected the same"
        )
    }

    func checkNodes() {
        var ids: [String: String] = [:]
        var addresses: [Endpoint: String] = [:]
        for node in draft.nodes ?? [] {
            if let id = node.id { checkUnique(id, "\(node.path).id", &ids) }
            if let address = node.address {
                checkUnique(address, "\(node.path).addr", &addresses)
                checkReachable(address, "\(node.path).addr")
            }
        }
    }

    private func checkUnique<Value: Hashable>(_ value: Value, _ setting: String, _ seen: inout [Value: String]) {
        guard let earlier = seen[value] else {
            seen[value] = setting
            return
        }
        ledger.error(at: setting, "\(setting) is \(value), as \(earlier) is; expected each node to have its own")
    }

    private func checkReachable(_ endpoint: Endpoint, _ setting: String) {
        if let kind = endpoint.address.unusual {
            ledger.error(
                at: setting,
                "\(setting) is \(endpoint), \(kind); expected an address that the other nodes reach"
            )
        } else if let first = draft.nodes?.lazy.compactMap(\.address).first,
            first.address.bitWidth != endpoint.address.bitWidth
        {
            ledger.error(
                at: setting,
                "\(setting) is \(endpoint), but the first node has \(first); expected one IP version"
            )
        }
    }

    func checkSize() {
        guard let nodes = draft.nodes else { return }
        switch nodes.count {
        case 1 where !draft.isSingle:
            ledger.error(
                at: "cluster.nodes",
                "cluster.nodes names one node only; expected three, or cluster.single: true for one that is to be alone"
            )
        case 2:
            ledger.warn(
                at: "cluster.nodes",
                "two nodes cannot outvote each other: while either is down nobody holds a VIP; expected a third, such as a witness"
            )
        case 2...Self.mostNodes where draft.isSingle: break
        case (Self.mostNodes + 1)...:
            ledger.error(
                at: "cluster.nodes",
                "cluster.nodes names \(nodes.count) nodes; expected at most \(Self.mostNodes)"
            )
        default: break
        }
        if nodes.count > 1, draft.isSingle {
            ledger.error(
                at: "cluster.single",
                "cluster.single is true with \(nodes.count) nodes; expected it only where there is one"
            )
        }
    }

    func checkSecret() {
        switch (draft.isSecretGiven, draft.isInsecure) {
        case (true, false): break
        case (true, true):
            ledger.error(
                at: "cluster.insecure",
                "both cluster.secret_file and cluster.insecure: true are given; expected one"
            )
        case (false, true):
            ledger.warn(
                at: "cluster.insecure",
                "anyone who reaches the raft addresses can take the VIPs; expected a secret_file"
            )
        case (false, false):
            ledger.error(
                at: "cluster.secret_file",
                "cluster.secret_file is missing; expected a file made by vip-switch keygen, or cluster.insecure: true"
            )
        }
    }
}

extension IPAddress {
    /// What makes it no address of one host that others could send to; nil where nothing does.
    var unusual: String? {
        switch self {
        case .v4(let bits): Self.unusual(v4: bits)
        case .v6(let bits): Self.unusual(v6: bits)
        }
    }

    private static func unusual(v4 bits: UInt32) -> String? {
        switch bits >> 24 {
        case 0: "an unspecified address"
        case 224...239: "a multicast address"
        case 240...255: bits == .max ? "the broadcast address" : "a reserved address"
        default: nil
        }
    }

    private static func unusual(v6 bits: UInt128) -> String? {
        if bits == 0 { return "the unspecified address" }
        if bits >> 32 == 0xffff { return "an IPv4 address in IPv6 clothes" }
        if bits >> 120 == 0xff { return "a multicast address" }
        // fe80::/10 means nothing without an interface (RFC 4291 §2.5.6).
        return bits >> 118 == 0x3fa ? "a link-local address" : nil
    }

    var isLoopback: Bool {
        switch self {
        case .v4(let bits): bits >> 24 == 127
        case .v6(let bits): bits == 1
        }
    }
}
