internal import Configuration
internal import Doctor
internal import Linux
internal import Net

/// The interfaces and who else has a hand on them.
extension Examination {
    func interface(_ name: String, _ links: [Link], _ standing: [InterfaceAddress]) -> InterfaceFacts {
        var facts = InterfaceFacts(name: name, vips: vips.filter { $0.interface == name }.map(\.prefix))
        guard let link = links.first(where: { $0.name == name }) else {
            facts.exists = false
            facts.others = links.map(\.name)
            return facts
        }
        facts.note(link, links)
        facts.isIPv6Disabled = InterfaceSettings.disablesIPv6(on: name) ?? true
        facts.isCard = machine.isCard(name)
        facts.addresses = standing.filter { $0.interface == link.index }.map(InterfaceFacts.Address.init)
        facts.settings = machine.sysctls(of: name)
        facts.managers = machine.managers(of: name, index: link.index.rawValue, running: namesOfOurProcesses)
        let others = links.filter { other in
            other.index != link.index && !other.flags.contains(.loopback) && other.flags.contains(.up)
                && standing.contains { $0.interface == other.index && $0.prefix.address.bitWidth == 32 }
        }
        facts.isOnlyOne = others.isEmpty
        return facts
    }

    private var namesOfOurProcesses: Set<String> {
        Set(ProcessTable.all.filter { $0.isInOurNetwork != false }.compactMap(\.name))
    }

    var rivals: [RivalProcess] {
        ProcessTable.all.compactMap { entry in
            guard let name = entry.name, RivalProcess.names.contains(name) else { return nil }
            return RivalProcess(name: name, pid: entry.pid, isHere: entry.isInOurNetwork)
        }
    }
}

extension InterfaceFacts {
    fileprivate mutating func note(_ link: Link, _ links: [Link]) {
        isUp = link.flags.contains(.up)
        hasCarrier = link.hasCarrier || link.flags.contains(.loopback)
        isUsable = link.isUsable || link.flags.contains(.loopback)
        isLoopback = link.flags.contains(.loopback)
        hasNoARP = link.flags.contains(.noARP)
        type = link.type
        portOf = link.portOf.map { index in links.first { $0.index == index }?.name ?? "\(index)" }
    }
}

extension InterfaceFacts.Address {
    fileprivate init(_ address: InterfaceAddress) {
        self.init(
            address.prefix,
            isOurs: address.tag == .vipSwitch,
            isPermanent: address.lifetime == .forever
        )
    }
}
