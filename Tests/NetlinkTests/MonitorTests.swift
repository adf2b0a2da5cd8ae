import Linux
import Net
import Testing
import Time

@Suite(.enabled(if: Lab.isPossible, "network namespaces need root"))
struct `A monitor` {
    @Test func `tells our changes from the kernel's`() throws {
        let lab = try Lab()
        try lab.here.run {
            let (netlink, monitor) = (try Netlink(), try NetlinkMonitor())
            try netlink.perform(.replace(Lab.vip4, on: lab.eth0, lifetime: .seconds(1)))
            #expect(try monitor.events(of: Lab.vip4) == [.set(by: netlink.portID)])
            #expect(try eventually { try addresses(Lab.vip4).isEmpty })
            #expect(try monitor.events(of: Lab.vip4) == [.removed(by: .kernel)])
        }
    }

    @Test func `cannot tell who changed an IPv6 address`() throws {
        let lab = try Lab()
        try lab.here.run {
            let (netlink, monitor) = (try Netlink(), try NetlinkMonitor())
            try netlink.perform(.replace(Lab.vip6, on: lab.eth0, lifetime: .seconds(1)))
            // The kernel tells of a new IPv6 address from a work queue, a little after its answer.
            #expect(try eventually { try monitor.events(of: Lab.vip6) == [.set(by: nil)] })
            #expect(try eventually { try monitor.events(of: Lab.vip6) == [.removed(by: nil)] })
        }
    }

    @Test func `tells a stranger's changes from ours`() throws {
        let lab = try Lab()
        try lab.here.run {
            let (netlink, monitor) = (try Netlink(), try NetlinkMonitor())
            try ip("address add \(Lab.vip4) dev eth0")
            let events = try monitor.events(of: Lab.vip4)
            #expect(events.count == 1)
            #expect(!events.contains(.set(by: netlink.portID)) && !events.contains(.set(by: .kernel)))
            try netlink.perform(.remove(Lab.vip4, from: lab.eth0))
            #expect(try monitor.events(of: Lab.vip4) == [.removed(by: netlink.portID)])
        }
    }

    @Test func `hears that a link goes down, loses its IPv6 addresses, and comes back`() throws {
        let lab = try Lab()
        try lab.here.run {
            let (netlink, monitor) = (try Netlink(), try NetlinkMonitor())
            try netlink.perform(.replace(Lab.vip6, on: lab.eth0, lifetime: .forever))
            _ = try monitor.receive()
            try ip("link set eth0 down")
            let down = try monitor.receive()
            #expect(down.links.last?.flags.contains(.up) == false)
            #expect(down.contains { $0.change(of: Lab.vip6) == .removed(by: nil) })
            try ip("link set eth0 up")
            #expect(try eventually { try monitor.receive().links.last?.isUsable == true })
            try ip("link delete eth0")
            #expect(
                try monitor.receive().contains {
                    if case .linkRemoved(let link) = $0 { link.index == lab.eth0 } else { false }
                }
            )
        }
    }

    @Test func `hears that the cable is pulled`() throws {
        let lab = try Lab()
        let monitor = try lab.here.run { try NetlinkMonitor() }
        try lab.there.run { try ip("link set eth0 down") }
        // The kernel defers news of a carrier by up to a second.
        var seen: [Link] = []
        #expect(
            try eventually {
                seen += try monitor.receive().links
                return seen.last?.hasCarrier == false
            }
        )
        #expect(seen.last?.flags.contains(.up) == true)
    }

    @Test func `hears that an interface becomes a port of a bridge, and takes its leaving for no removal`() throws {
        let lab = try Lab()
        try lab.here.run {
            try ip("link add br0 type bridge")
            let monitor = try NetlinkMonitor()
            try ip("link set eth0 master br0")
            let bridge = try shown("br0").index
            #expect(try monitor.receive().links.last { $0.index == lab.eth0 }?.portOf == bridge)
            #expect(try shown("eth0").portOf == bridge)
            try ip("link set eth0 nomaster")
            let events = try monitor.receive()
            #expect(events.links.last { $0.index == lab.eth0 }?.portOf == nil)
            #expect(!events.contains { if case .linkRemoved = $0 { true } else { false } })
        }
    }

    @Test func `wakes the event loop`() throws {
        let lab = try Lab()
        try lab.here.run {
            let (netlink, monitor) = (try Netlink(), try NetlinkMonitor())
            let loop = try EventLoop()
            var seen: [Change] = []
            let registration = try loop.watch(monitor.descriptor) { _ in
                seen += (try? monitor.events(of: Lab.vip4)) ?? []
                if !seen.isEmpty { loop.stop() }
            }
            loop.schedule(after: .milliseconds(1)) {
                #expect(netlink.perform([.replace(Lab.vip4, on: lab.eth0, lifetime: .forever)]) == [nil])
            }
            loop.schedule(after: .seconds(10)) { loop.stop() }
            try loop.run()
            loop.ignore(registration)
            #expect(seen == [.set(by: netlink.portID)])
        }
    }

    @Test func `needs no privilege`() throws {
        let lab = try Lab()
        try lab.here.run {
            let monitor = try withoutCapabilities { try NetlinkMonitor() }
            let netlink = try Netlink()
            try netlink.perform(.replace(Lab.vip4, on: lab.eth0, lifetime: .forever))
            #expect(try monitor.events(of: Lab.vip4) == [.set(by: netlink.portID)])
        }
    }

    @Test func `says so when it has missed something, and goes on`() throws {
        let lab = try Lab()
        try lab.here.run {
            let (netlink, monitor) = (try Netlink(), try NetlinkMonitor())
            let renewals = Array(
                repeating: AddressRequest.replace(Lab.vip4, on: lab.eth0, lifetime: .seconds(1000)),
                count: 8192
            )
            #expect(netlink.perform(renewals).allSatisfy { $0 == nil })
            var events: [NetlinkEvent] = []
            while case let more = try monitor.receive(), !more.isEmpty { events += more }
            #expect(events.count { $0 == .overrun } == 1)
            try netlink.perform(.remove(Lab.vip4, from: lab.eth0))
            #expect(try monitor.events(of: Lab.vip4) == [.removed(by: netlink.portID)])
        }
    }

    @Test func `leaves the rest for the next turn when much has happened`() throws {
        let lab = try Lab()
        try lab.here.run {
            let (netlink, monitor) = (try Netlink(), try NetlinkMonitor())
            let count = NetlinkMonitor.datagramsPerTurn + 1
            _ = netlink.perform(
                Array(repeating: .replace(Lab.vip4, on: lab.eth0, lifetime: .seconds(1000)), count: count)
            )
            #expect(try monitor.receive().count == NetlinkMonitor.datagramsPerTurn)
            #expect(try !monitor.receive().isEmpty)
        }
    }
}

/// What has become of one address, and by whom.
private enum Change: Hashable {
    case set(by: PortID?)
    case removed(by: PortID?)
}

extension NetlinkMonitor {
    fileprivate func events(of prefix: Prefix) throws -> [Change] {
        try receive().compactMap { $0.change(of: prefix) }
    }
}

extension NetlinkEvent {
    fileprivate func change(of prefix: Prefix) -> Change? {
        switch self {
        case .addressSet(let address, let port) where address.prefix == prefix: .set(by: port)
        case .addressRemoved(let address, let port) where address.prefix == prefix: .removed(by: port)
        default: nil
        }
    }
}

extension [NetlinkEvent] {
    fileprivate var links: [Link] {
        compactMap { if case .linkSet(let link) = $0 { link } else { nil } }
    }
}
