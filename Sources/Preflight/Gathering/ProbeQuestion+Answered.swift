internal import Linux
internal import Net
internal import Time

/// What is done with privilege, and nothing else is.
extension ProbeQuestion {
    func answered() -> ProbeAnswer {
        switch self {
        case .whoHas(let targets): WhoHas(targets).asked()
        case .tryAddress(let prefix, let interface): Self.tried(prefix, interface)
        case .baseChains: Self.listed()
        }
    }

    /// Long enough to be seen, and gone by itself should this process die.
    private static let scratchLifetime = AddressLifetime.seconds(5)

    private static func tried(_ prefix: Prefix, _ interface: InterfaceIndex) -> ProbeAnswer {
        do throws(NetlinkError) {
            let netlink = try Netlink()
            let isThere = { (addresses: [InterfaceAddress]) in
                addresses.contains { $0.prefix.address == prefix.address }
            }
            if isThere(try netlink.addresses()) { return .failed("\(prefix.address) is on this machine already") }
            try netlink.perform(.replace(prefix, on: interface, lifetime: scratchLifetime))
            let wasSeen = isThere(try netlink.addresses())
            try netlink.perform(.remove(prefix, from: interface))
            if isThere(try netlink.addresses()) { return .failed("\(prefix) was taken off, and is there still") }
            return wasSeen ? .passed : .notSeen
        } catch {
            return .failed("\(error)")
        }
    }

    private static func listed() -> ProbeAnswer {
        do {
            let chains = try Nftables().baseChains().filter { $0.isDropping && !$0.table.hasPrefix("vip-switch-") }
            return .chains(chains.map { "\($0.hook) \($0.family) \($0.table)/\($0.name)" })
        } catch {
            return .failed("\(error)")
        }
    }
}

/// Asks the neighbours as RFC 5227 §2.1.1 and RFC 4862 §5.4.2 have it: from no address, so that nobody's table changes.
private struct WhoHas {
    private let targets: [ProbeQuestion.Target]
    private var claims: [Int: MACAddress] = [:]
    private var ears: [Ear] = []

    /// One interface.
    private struct Ear {
        let link: Link
        let hardware: MACAddress
        let voice: PacketSocket
        let sockets: [ClaimSocket]
    }

    /// `PROBE_NUM`, `PROBE_MIN` and `ANNOUNCE_WAIT` of RFC 5227 §1.1.
    private static let probes = 3
    private static let interval: Duration = .seconds(1)
    private static let lastWait: Duration = .seconds(2)
    private static let pause: Duration = .milliseconds(20)

    init(_ targets: [ProbeQuestion.Target]) { self.targets = targets }

    mutating func listen() throws {
        let links = try Netlink().links()
        for link in links where targets.contains(where: { $0.interface == link.index }) {
            guard let hardware = link.hardwareAddress else { continue }
            let addresses = targets.filter { $0.interface == link.index }.map(\.address)
            let sockets = try ClaimSocket.Family.allCases.filter { $0.concerns(addresses) }.map {
                try ClaimSocket(on: link.index, $0, of: addresses)
            }
            ears.append(Ear(link: link, hardware: hardware, voice: try PacketSocket(on: link.index), sockets: sockets))
        }
    }

    func asked() -> ProbeAnswer {
        var asking = self
        do {
            try asking.listen()
            let start = Clock.now()
            var sent = 0
            let end = start + Self.interval * (Self.probes - 1) + Self.lastWait
            while !Deadline.timer(end).hasPassed(at: Clock.now()), asking.claims.count < targets.count {
                if sent < Self.probes, Deadline.timer(start + Self.interval * sent).hasPassed(at: Clock.now()) {
                    try asking.ask()
                    sent += 1
                }
                Clock.sleep(for: Self.pause)
                try asking.hear()
            }
            return .claims(asking.claims)
        } catch {
            return .failed("\(error)")
        }
    }

    private func ask() throws {
        for ear in ears {
            let open = targets.enumerated().filter {
                claims[$0.offset] == nil && $0.element.interface == ear.link.index
            }
            _ = try ear.voice.send(open.map { Self.question($0.element.address, from: ear.hardware) })
        }
    }

    private static func question(_ address: IPAddress, from hardware: MACAddress) -> [UInt8] {
        switch address {
        case .v4(let address):
            EthernetFrame(
                destination: .broadcast,
                source: hardware,
                type: .arp,
                payload: ARPPacket.probe(for: address, from: hardware).bytes
            ).bytes
        case .v6(let address): NeighbourSolicitation(target: address).frame(from: hardware)
        }
    }

    private mutating func hear() throws {
        for ear in ears {
            for socket in ear.sockets {
                while let frame = try socket.receive() {
                    guard let claim = AddressClaim(frame: frame),
                        !ears.contains(where: { $0.hardware == claim.hardware })
                    else { continue }
                    for (place, target) in targets.enumerated()
                    where target.address == claim.address && target.interface == ear.link.index {
                        claims[place] = claim.hardware
                    }
                }
            }
        }
    }
}
