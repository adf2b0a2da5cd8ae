import Linux
import Net
import Testing
import Time

@testable import Keeper

@Suite struct `A keeper that watches its links` {
    private func faults(_ scene: Scene) -> [String?] {
        scene.reports.compactMap { if case .link("web", let fault) = $0 { .some(fault) } else { nil } }
    }

    private func changed(_ change: (inout Interface) -> Void) -> Interface {
        var interface = Interface.eth0
        change(&interface)
        return interface
    }

    @Test func `says nothing where they are good`() {
        var scene = Scene()
        scene.deliver(.timeElapsed)
        #expect(scene.reports == [])
    }

    @Test func `says what is wrong, and when it is not any more`() {
        var scene = Scene()
        let faulty: [(Interface, String)] = [
            (changed { $0.isUsable = false }, "eth0 has no carrier"),
            (changed { ($0.isUp, $0.isUsable) = (false, false) }, "eth0 is down"),
            (
                changed { $0.portOf = .eth1 },
                "eth0 has become a port of eth1, where IPv6 does not answer and IPv4 by chance; configure the VIPs on eth1"
            ),
            (changed { $0.objection = "eth0 does no ARP" }, "eth0 does no ARP"),
            (changed { $0.name = "old0" }, "there is no interface eth0; this machine has old0, eth1"),
        ]
        for (interface, words) in faulty {
            scene.forget()
            scene.interfaces = [interface, .eth1]
            scene.deliver(.interfaceChanged(interface))
            scene.deliver(.interfaceChanged(interface))
            scene.interfaces = [.eth0, .eth1]
            scene.deliver(.interfaceChanged(.eth0))
            #expect(faults(scene) == [words, nil])
        }
    }

    @Test func `says that an interface is gone, and that it is there again under another number`() {
        var scene = Scene()
        scene.interfaces = [.eth1]
        scene.deliver(.interfaceGone(.eth0))
        let new = changed { $0.index = InterfaceIndex(9) }
        scene.interfaces.append(new)
        scene.deliver(.interfaceChanged(new))
        #expect(faults(scene) == ["there is no interface eth0; this machine has eth1", nil])
    }

    @Test func `says so at once where it begins without one`() {
        var core = KeeperCore(.web, interfaces: [.eth1])
        #expect(
            core.step(.timeElapsed, at: at(0)) == [
                .report(.link(group: "web", fault: "there is no interface eth0; this machine has eth1"))
            ]
        )
    }

    @Test func `looks at the interfaces that are tracked, for their state alone`() {
        var plan = KeeperPlan.web
        plan.groups[0].tracked = ["eth1"]
        var scene = Scene(plan)
        var port = Interface.eth1
        (port.portOf, port.objection) = (.eth0, "eth1 does no ARP")
        scene.deliver(.interfaceChanged(port))
        #expect(faults(scene) == [])
        port.isUsable = false
        scene.deliver(.interfaceChanged(port))
        #expect(faults(scene) == ["track_interfaces: eth1 has no carrier"])
    }

    @Test func `hears of a change that the events left out with the next list`() {
        var scene = Scene()
        scene.interfaces = [changed { $0.isUsable = false }, .eth1]
        scene.deliver(.eventsLost)
        #expect(faults(scene) == ["eth0 has no carrier"])
    }

    @Test func `goes on holding: the election decides who does`() {
        var scene = Scene()
        scene.hold(until: at(200))
        scene.deliver(.interfaceChanged(changed { $0.isUsable = false }))
        #expect(scene.addresses.count == 2)
    }
}
