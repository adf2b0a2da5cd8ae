internal import Configuration
internal import Doctor
internal import Linux
internal import Net
internal import Raft
internal import Time

/// What takes privileges, as it is asked of the process that has them.
extension Examination {
    struct Asked {
        var vip: VirtualAddress
        var target: ProbeQuestion.Target
    }

    /// The VIPs that somebody can be asked about: not those that this node holds.
    func askable(_ links: [Link]) -> [Asked] {
        let all = vips.compactMap { vip -> Asked? in
            guard let link = links.first(where: { $0.name == vip.interface }), holder(of: vip)?.isHere != true,
                !link.flags.contains(.noARP), link.hardwareAddress != nil, link.flags.contains(.up)
            else { return nil }
            return Asked(vip: vip, target: ProbeQuestion.Target(vip.prefix.address, on: link.index))
        }
        return Array(all.prefix(Self.mostAsked))
    }

    func holder(of vip: VirtualAddress) -> RunningAgent.Holder? { agent?.holders["\(vip.prefix)"] }

    func ask(_ probe: PrivilegedProbe?, _ targets: [ProbeQuestion.Target], _ links: [Link]) {
        guard let probe else { return }
        probe.ask(.whoHas(targets))
        if let scratch {
            for name in interfaceNames {
                if let link = links.first(where: { $0.name == name }) {
                    probe.ask(.tryAddress(scratch, on: link.index))
                }
            }
        }
        probe.ask(.baseChains)
    }

    func answer(of probe: PrivilegedProbe?) -> ProbeAnswer? { probe?.answer(within: .seconds(10)) }

    func conflicts(_ asked: [Asked], _ answer: ProbeAnswer?, _ hasProbe: Bool) -> [ConflictFacts] {
        let here = vips.filter { holder(of: $0)?.isHere == true }.prefix(Self.mostAsked).map { vip in
            ConflictFacts(vip: vip.prefix.address, interface: vip.interface, outcome: .heldHere)
        }
        let neighbours = machine.neighbours
        return here
            + asked.enumerated().map { place, asked in
                let outcome: ConflictFacts.Outcome =
                    switch answer {
                    case .claims(let claims): claims[place].map(ConflictFacts.Outcome.answer) ?? .silence
                    case .failed(let reason): .notAsked(reason)
                    case .passed, .notSeen, .chains: .notAsked("the probe has answered something else")
                    case nil: .notAsked(hasProbe ? "the probe did not answer" : "that takes CAP_NET_RAW")
                    }
                var facts = ConflictFacts(
                    vip: asked.vip.prefix.address,
                    interface: asked.vip.interface,
                    outcome: outcome
                )
                identify(&facts, asked.vip, neighbours)
                return facts
            }
    }

    /// Whose hardware address it is that answers.
    private func identify(
        _ facts: inout ConflictFacts,
        _ vip: VirtualAddress,
        _ neighbours: [IPAddress: MACAddress]
    ) {
        let members = nodes.compactMap { member in
            neighbours[member.endpoint.address].map { (id: member.id.text, hardware: $0) }
        }
        facts.holder = holder(of: vip)?.id
        facts.hardwareOfHolder = members.first { $0.id == facts.holder }?.hardware
        guard case .answer(let hardware) = facts.outcome else { return }
        facts.owner = members.first { $0.hardware == hardware }?.id
    }

    func trials(_ probe: PrivilegedProbe?, _ links: [Link]) -> [AddressTrial] {
        guard let scratch else { return [] }
        return interfaceNames.filter { name in links.contains { $0.name == name } }.map { name in
            let outcome: AddressTrial.Outcome =
                switch answer(of: probe) {
                case .passed: .passed
                case .notSeen: .notSeen
                case .failed(let reason): reason.hasSuffix("already") ? .notTried(reason) : .failed(reason)
                case .claims, .chains: .failed("the probe has answered something else")
                case nil: .failed("cannot add \(scratch) to \(name): that takes CAP_NET_ADMIN")
                }
            return AddressTrial(scratch, on: name, outcome)
        }
    }

    func firewall(_ probe: PrivilegedProbe?) -> FirewallFacts? {
        // Without nf_tables in the kernel, or without the right to look, there is nothing to say.
        guard case .chains(let lines) = answer(of: probe) else { return nil }
        let chains = { (hook: String) in
            lines.filter { $0.hasPrefix("\(hook) ") }.map { String($0.dropFirst(hook.count + 1)) }
        }
        return FirewallFacts(droppingInput: chains("input"), droppingOutput: chains("output"))
    }
}
