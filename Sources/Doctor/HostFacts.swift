/// Whether node.raft_addr can be listened on.
package struct PortFacts: Hashable, Sendable {
    package enum Outcome: Hashable, Sendable {
        case free
        case inUse
        /// The machine has no such address.
        case noAddress
        case failed(String)
    }

    /// `192.0.2.1:7946`
    package var address: String
    package var port: UInt16
    package var outcome: Outcome

    package init(address: String, port: UInt16, outcome: Outcome) {
        (self.address, self.port, self.outcome) = (address, port, outcome)
    }

    private var topic: Topic { Topic(.port, address) }

    func findings(agentRuns: Bool) -> [Finding] { [finding(agentRuns)] }

    private func finding(_ agentRuns: Bool) -> Finding {
        switch (outcome, agentRuns) {
        case (.free, false): topic.ok("it is free for the agent")
        case (.free, true):
            topic.warning(
                "an agent runs here, and does not listen there",
                do: "restart it if node.raft_addr was changed; otherwise --config is another's"
            )
        case (.inUse, true): topic.ok("the agent listens there")
        case (.inUse, false):
            topic.error(
                "another process listens there",
                do: "`ss --udp --listening --processes` shows it; stop it, or choose another port on all nodes"
            )
        case (.noAddress, _):
            topic.error(
                "this machine has no such address",
                do: "set node.raft_addr to one that `ip address` shows, and the same in cluster.nodes"
            )
        case (.failed(let reason), _):
            topic.error("it cannot be listened on: \(reason)", do: "set node.raft_addr to another address or port")
        }
    }
}

/// Base chains of the packet filter that all that arrives must pass.
package struct FirewallFacts: Hashable, Sendable {
    /// Chains at the hook `input` whose policy is to drop: `inet filter/input`.
    package var droppingInput: [String]
    package var droppingOutput: [String]

    package init(droppingInput: [String], droppingOutput: [String]) {
        (self.droppingInput, self.droppingOutput) = (droppingInput, droppingOutput)
    }

    func findings(_ port: PortFacts?) -> [Finding] {
        let udp = port.map { "UDP \($0.port)" } ?? "the nodes' UDP port (7946)"
        if droppingInput.isEmpty, droppingOutput.isEmpty {
            return [.ok(.firewall, nil, "no chain of nf_tables drops by its policy what arrives or leaves")]
        }
        return droppingInput.map { chain in
            .warning(
                .firewall,
                chain,
                "what no rule accepts is dropped when it arrives: see that \(udp) from the members is let in, and the VIP's services",
                do: "for example: nft add rule \(words(chain)) udp dport \(port?.port ?? 7946) accept"
            )
        }
            + droppingOutput.map { chain in
                .warning(
                    .firewall,
                    chain,
                    "what no rule accepts is dropped when it leaves: see that \(udp) to the members is let out",
                    do: "for example: nft add rule \(words(chain)) udp dport \(port?.port ?? 7946) accept"
                )
            }
    }

    private func words(_ chain: String) -> String { chain.split(separator: "/").joined(separator: " ") }
}

/// What `realtime: true` takes.
package struct LimitFacts: Hashable, Sendable {
    package var isWanted: Bool
    package var mayLockMemory: Bool
    /// Nil: no bound.
    package var highestPriority: UInt64?
    package var neededPriority: UInt64

    package init(isWanted: Bool, mayLockMemory: Bool, highestPriority: UInt64?, neededPriority: UInt64) {
        (self.isWanted, self.mayLockMemory) = (isWanted, mayLockMemory)
        (self.highestPriority, self.neededPriority) = (highestPriority, neededPriority)
    }

    var findings: [Finding] {
        guard isWanted else { return [] }
        var findings: [Finding] = []
        if let highestPriority, highestPriority < neededPriority {
            findings.append(
                .warning(
                    .limits,
                    "RLIMIT_RTPRIO",
                    "realtime is configured, and this user may ask for priority \(highestPriority) at most",
                    do: "set LimitRTPRIO=\(neededPriority) in the unit"
                )
            )
        }
        if !mayLockMemory {
            findings.append(
                .warning(
                    .limits,
                    "RLIMIT_MEMLOCK",
                    "realtime is configured, and the limit of locked memory is finite",
                    do: "set LimitMEMLOCK=infinity in the unit"
                )
            )
        }
        return findings.isEmpty ? [.ok(.limits, nil, "the limits allow realtime")] : findings
    }
}
