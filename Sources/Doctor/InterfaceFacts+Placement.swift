internal import Net

/// Where a VIP would stand among the addresses that are there.
extension InterfaceFacts {
    func placement(of vip: Prefix, _ agentRuns: Bool) -> [Finding] {
        standing(vip, agentRuns) + subnet(of: vip)
    }

    private func standing(_ vip: Prefix, _ agentRuns: Bool) -> [Finding] {
        guard let present = addresses.first(where: { $0.prefix.address == vip.address }) else { return [] }
        let place = "\(present.prefix) is on \(name)"
        if !present.isOurs {
            return [
                .error(
                    .placement,
                    "\(vip)",
                    "\(place) without our tag: somebody else put it there",
                    do: "take it out of the network configuration, or start the agent once with --adopt"
                )
            ]
        }
        if agentRuns { return [.ok(.placement, "\(vip)", "\(place): this node holds it")] }
        return [
            .warning(
                .placement,
                "\(vip)",
                "\(place) with our tag, and no agent runs here",
                do: "type: vip-switch release --config FILE; the next start cleans it, too"
            )
        ]
    }

    private func subnet(of vip: Prefix) -> [Finding] {
        let own = addresses.filter { !$0.isOurs && $0.prefix.address != vip.address }
        guard let home = own.first(where: { $0.prefix.contains(vip.address) && !isSingle($0.prefix) }) else {
            return [stranded(vip)]
        }
        if !isSingle(vip), vip.length == home.prefix.length, vip.address.bitWidth == 32 { return [shared(vip, home)] }
        return [.ok(.subnet, "\(vip)", "it lies in the subnet of \(home.prefix) on \(name)")]
    }

    private func stranded(_ vip: Prefix) -> Finding {
        .warning(
            .subnet,
            "\(vip)",
            "no address of \(name) has it in its subnet: neighbours ask for it only if their routes say so",
            do: "take one of a subnet that \(name) is in, or route it to this link on the router"
        )
    }

    private func shared(_ vip: Prefix, _ home: Address) -> Finding {
        guard settings.promotesSecondaries == false else {
            return .ok(
                .subnet,
                "\(vip)",
                "it shares the subnet of \(home.prefix) on \(name), and promote_secondaries is 1"
            )
        }
        return .warning(
            .subnet,
            "\(vip)",
            "with the prefix of \(home.prefix) and promote_secondaries 0, the removal of the one may take the other along",
            do: "write it as \(vip.address)/32"
        )
    }

    private func isSingle(_ prefix: Prefix) -> Bool { prefix.length == prefix.address.bitWidth }
}
