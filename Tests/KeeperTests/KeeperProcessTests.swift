import Foundation
import Linux
import Net
import Raft
import Testing
import Time

@testable import Keeper

private let vips = ["192.0.2.10/32", "2001:db8::10/128"]
private let term = Term(3)

/// With the will of its term before it.
private func hold(_ interval: Duration, will: LastWill = LastWill(term: term, datagrams: [])) -> [KeeperRequest] {
    [.will(will), .hold(group: "web", term, until: Clock.now() + interval)]
}

/// The other machine's raft_addr.
private final class Mailbox {
    let socket: UDPSocket
    init() throws { socket = try UDPSocket(boundTo: Endpoint(address: .v4(0xc000_0202), port: 7946)) }
}

private let held = KeeperReport.held(group: "web", term, failures: nil)

extension FakeAgent {
    /// Ready, and holding for so long.
    fileprivate static func holding(
        _ interval: Duration,
        in lab: Lab,
        _ plan: KeeperPlan? = nil,
        will: LastWill = LastWill(term: term, datagrams: [])
    ) throws -> FakeAgent {
        var plan = plan ?? lab.plan
        plan.longestLease = .seconds(3600)
        let agent = try FakeAgent(in: lab, plan)
        #expect(try agent.report() == .ready)
        for request in hold(interval, will: will) { try agent.send(request) }
        #expect(try agent.report() == held)
        return agent
    }
}

@Suite(.enabled(if: isRoot)) struct `A keeper process` {
    @Test func `puts the addresses on with a lifetime and its tag, and tells the neighbours`() throws {
        let lab = try Lab()
        try lab.there.run {
            try ip("neigh add 192.0.2.10 lladdr 02:00:00:00:00:99 dev eth0 nud stale")
            try ip("neigh add 2001:db8::10 lladdr 02:00:00:00:00:99 dev eth0 nud stale")
        }
        let agent = try FakeAgent.holding(.seconds(3000), in: lab)
        #expect(try lab.addresses().sorted() == vips)
        let shown = try lab.here.run { try ip("address show dev eth0") }
        #expect(shown.contains("valid_lft 1sec") || shown.contains("valid_lft 0sec"))
        #expect(try eventually { try lab.neighbour("192.0.2.10") == Lab.hereMAC })
        #expect(try eventually { try lab.neighbour("2001:db8::10") == Lab.hereMAC })
        // Beyond the kernel's lifetime, so that it must have been renewed.
        sleep(3)
        #expect(try lab.addresses().sorted() == vips)
        withExtendedLifetime(agent) {}
    }

    @Test func `takes them off by itself when no later hold comes`() throws {
        let lab = try Lab()
        let agent = try FakeAgent.holding(.milliseconds(500), in: lab)
        #expect(try agent.report() == .expired(group: "web", term))
        #expect(try lab.addresses() == [])
    }

    @Test func `answers a release when they are off`() throws {
        let lab = try Lab()
        let agent = try FakeAgent.holding(.seconds(3000), in: lab)
        try agent.send(.release(.all, term))
        #expect(try agent.report() == .released(.all, term))
        #expect(try lab.addresses() == [])
        for request in hold(.seconds(3000)) { try agent.send(request) }
        #expect(try agent.report() == .held(group: "web", term, failures: "term 3 has been released"))
        #expect(try lab.addresses() == [])
    }

    @Test func `takes them off and sends the last will three times when the agent is killed`() throws {
        let lab = try Lab()
        let mailbox = try lab.there.run { try Mailbox() }
        let recipient = try mailbox.socket.localEndpoint()
        let will = LastWill(term: term, datagrams: [.init(recipient: recipient, bytes: Array("released 3".utf8))])
        let agent = try FakeAgent.holding(.seconds(3000), in: lab, will: will)
        try agent.die()
        var received: [Datagram] = []
        #expect(
            try eventually {
                while let datagram = try mailbox.socket.receive(limit: 100) { received.append(datagram) }
                return received.count == 3
            }
        )
        #expect(Set(received.map(\.bytes)) == [Array("released 3".utf8)])
        #expect(try lab.addresses() == [])
        #expect(eventually { !agent.isKeeperAlive })
        #expect(try lab.record().entries == [])
    }

    @Test func `obeys no hold that a dead agent had queued`() throws {
        let lab = try Lab()
        let agent = try FakeAgent(in: lab, lab.plan)
        #expect(try agent.report() == .ready)
        let monitor = try lab.here.run { try NetlinkMonitor() }
        kill(agent.keeperPID, SIGSTOP)
        for request in hold(.seconds(4)) { try agent.send(request) }
        usleep(300_000)
        try agent.die()
        kill(agent.keeperPID, SIGCONT)
        #expect(eventually { !agent.isKeeperAlive })
        #expect(try monitor.receive() == [])
    }

    @Test func `takes them off and installs nothing when it was frozen beyond the end`() throws {
        let lab = try Lab()
        var plan = lab.plan
        plan.kernelLifetime = 600
        let agent = try FakeAgent.holding(.milliseconds(500), in: lab, plan)
        kill(agent.keeperPID, SIGSTOP)
        try agent.send(.hold(group: "web", term, until: Clock.now() + .milliseconds(200)))
        usleep(800_000)
        #expect(try lab.addresses().sorted() == vips)
        let monitor = try lab.here.run { try NetlinkMonitor() }
        kill(agent.keeperPID, SIGCONT)
        let answers = [try agent.report(), try agent.report(), try agent.report()]
        #expect(answers.contains { if case .overran(_, allowed: plan.withdrawal) = $0 { true } else { false } })
        #expect(answers.contains(.expired(group: "web", term)))
        #expect(
            answers.contains(.held(group: "web", term, failures: "its time was over before it was on"))
        )
        #expect(try lab.addresses() == [])
        for event in try monitor.receive() {
            if case .addressSet = event { Issue.record("heard \(event)") }
        }
    }

    @Test func `leaves them to the kernel's lifetime when it is killed`() throws {
        let lab = try Lab()
        let agent = try FakeAgent.holding(.seconds(3000), in: lab)
        kill(agent.keeperPID, SIGKILL)
        #expect(try agent.report() == nil)
        #expect(try eventually { try lab.addresses() == [] })
    }

    @Test func `takes off at its start what a dead run left`() throws {
        let lab = try Lab()
        var plan = lab.plan
        plan.kernelLifetime = 0
        let first = try FakeAgent.holding(.seconds(3000), in: lab, plan)
        kill(first.keeperPID, SIGKILL)
        #expect(try first.report() == nil)
        #expect(try lab.addresses().sorted() == vips)
        let second = try FakeAgent(in: lab, plan)
        #expect(try second.anyReport()?.noticed == .leftoverRemoved)
        #expect(try second.report() == .ready)
        #expect(try lab.addresses() == [])
    }

    @Test func `leaves the addresses of another on the same data directory alone and names it`() throws {
        let lab = try Lab()
        let first = try FakeAgent.holding(.seconds(3000), in: lab)
        let second = try FakeAgent(in: lab, lab.plan)
        #expect(
            try second.report()
                == .refused(
                    "\(lab.folder) is in use by process \(first.keeperPID); stop that one first, "
                        + "or give this node another `node.data_dir`"
                )
        )
        #expect(try lab.addresses().sorted() == vips)
        #expect(throws: KeeperRefusal.self) { try lab.here.run { try releaseLeftovers(lab.plan) } }
        #expect(try lab.addresses().sorted() == vips)
    }

    @Test func `puts back what a stranger removes, and announces it`() throws {
        let lab = try Lab()
        let agent = try FakeAgent.holding(.seconds(3000), in: lab)
        // The bursts of the beginning are over only after 6 s: an entry that is wrong after them is put right by ours.
        sleep(6)
        try lab.there.run { try ip("neigh replace 192.0.2.10 lladdr 02:00:00:00:00:99 dev eth0 nud stale") }
        try lab.here.run { try ip("address del 192.0.2.10/32 dev eth0") }
        #expect(try agent.notice()?.event == .putBack)
        #expect(try eventually { try lab.addresses().sorted() == vips })
        #expect(try eventually { try lab.neighbour("192.0.2.10") == Lab.hereMAC })
    }

    @Test func `takes off what a stranger puts on while it is not held`() throws {
        let lab = try Lab()
        let agent = try FakeAgent(in: lab, lab.plan)
        #expect(try agent.report() == .ready)
        try lab.here.run { try ip("address replace 192.0.2.10/24 dev eth0") }
        #expect(try agent.anyReport()?.noticed == .strangerRemoved)
        #expect(try eventually { try lab.addresses() == [] })
    }

    @Test func `puts back what was taken off while so much happened that events were lost`() throws {
        let lab = try Lab()
        var plan = lab.plan
        plan.kernelLifetime = 600
        let agent = try FakeAgent.holding(.seconds(3000), in: lab, plan)
        kill(agent.keeperPID, SIGSTOP)
        // Far more events than the monitor has room for; those that tell of the VIPs come last, and are lost.
        try lab.here.run {
            let netlink = try Netlink()
            let eth0 = try #require(InterfaceIndex(named: "eth0"))
            let strangers = (0..<6000).map { Prefix(single: .v4(0x0a00_0001 + $0)) }
            _ = netlink.perform(strangers.map { .replace($0, on: eth0, lifetime: .forever) })
            try ip("address del 192.0.2.10/32 dev eth0")
            try ip("address del 2001:db8::10/128 dev eth0")
        }
        #expect(try lab.addresses() == [])
        kill(agent.keeperPID, SIGCONT)
        #expect(try eventually { try lab.addresses().sorted() == vips })
        withExtendedLifetime(agent) {}
    }

    @Test func `begins without its interface, and goes on when that comes`() throws {
        let lab = try Lab()
        try lab.here.run { try ip("link set eth0 down name wan0") }
        let agent = try FakeAgent(in: lab, lab.plan)
        #expect(
            try agent.report() == .link(group: "web", fault: "there is no interface eth0; this machine has lo, wan0")
        )
        #expect(try agent.report() == .ready)
        try lab.here.run {
            try ip("link set wan0 name eth0")
            try ip("link set eth0 up")
        }
        #expect(try eventually { try agent.report() == .link(group: "web", fault: nil) })
    }

    @Test func `says that the carrier is lost, and that it is back`() throws {
        let lab = try Lab()
        let agent = try FakeAgent.holding(.seconds(3000), in: lab)
        try lab.there.run { try ip("link set eth0 down") }
        #expect(try agent.report() == .link(group: "web", fault: "eth0 has no carrier"))
        try lab.there.run { try ip("link set eth0 up") }
        #expect(try agent.report() == .link(group: "web", fault: nil))
        #expect(try lab.addresses().sorted() == vips)
    }

    @Test func `says that its interface has become a port of a bridge`() throws {
        let lab = try Lab()
        let agent = try FakeAgent.holding(.seconds(3000), in: lab)
        try lab.here.run {
            try ip("link add br0 type bridge")
            try ip("link set eth0 master br0")
        }
        #expect(
            try agent.report()
                == .link(
                    group: "web",
                    fault: "eth0 has become a port of br0, where IPv6 does not answer and IPv4 by chance; "
                        + "configure the VIPs on br0"
                )
        )
        try lab.here.run { try ip("link set eth0 nomaster") }
        #expect(try agent.report() == .link(group: "web", fault: nil))
    }

    @Test func `backs off from somebody who does not stop, and says so`() throws {
        let lab = try Lab()
        let agent = try FakeAgent.holding(.seconds(3000), in: lab)
        let stranger = try lab.here.run { try Child(.init(path: "/bin/sh", arguments: ["-c", Self.takingOff])) }
        defer { try? stranger.signalGroup(.kill) }
        var report = try agent.report()
        guard case .contested(group: "web", let words?) = report else {
            Issue.record("said \(String(describing: report))")
            return
        }
        #expect(words.hasPrefix("192.0.2.10/32 was taken off 6 times, last by port "))
        try stranger.signalGroup(.kill)
        while case .contested(_, .some) = report { report = try agent.report() }
        #expect(report == .contested(group: "web", nil))
        #expect(try lab.addresses().sorted() == vips)
    }

    private static let takingOff = "while :; do ip address del 192.0.2.10/32 dev eth0 2>/dev/null; sleep 0.01; done"

    @Test func `puts IPv6 back when the link comes up again`() throws {
        let lab = try Lab()
        let agent = try FakeAgent.holding(.seconds(3000), in: lab)
        try lab.here.run { try ip("link set eth0 down") }
        #expect(try eventually { try lab.addresses() == ["192.0.2.10/32"] })
        try lab.here.run { try ip("link set eth0 up") }
        #expect(try eventually { try lab.addresses().sorted() == vips })
        withExtendedLifetime(agent) {}
    }

    @Test func `says that all is off and ends when it is asked to stop`() throws {
        let lab = try Lab()
        let agent = try FakeAgent.holding(.seconds(3000), in: lab)
        #expect(try lab.record().entries.count == 2)
        try agent.send(.stop)
        #expect(try agent.report() == .allOff)
        #expect(try lab.addresses() == [])
        #expect(eventually { !agent.isKeeperAlive })
        #expect(try lab.record().entries == [])
    }

    @Test func `ends up with two capabilities, a session of its own and no descriptor of the agent's`() throws {
        let lab = try Lab()
        let agent = try FakeAgent.holding(.seconds(3000), in: lab)
        let pid = agent.keeperPID
        for signal in [SIGTERM, SIGINT, SIGHUP] { kill(pid, signal) }
        let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        for line in [
            "CapInh:\t0000000000000000", "CapPrm:\t0000000000003000", "CapEff:\t0000000000003000",
            "CapAmb:\t0000000000000000",
        ] { #expect(status.contains(line)) }
        #expect(getsid(pid) == pid)
        let descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").sorted().compactMap {
            try? FileStatus.target(ofLink: "/proc/\(pid)/fd/\($0)")
        }
        #expect(!descriptors.contains { $0.contains("fifo") })
        // The agent's end, monitor, requests, one for each interface that was announced on, and one for the claims of each
        // family there.
        #expect(descriptors.count { $0.hasPrefix("socket:") } == 6)
        #expect(agent.isKeeperAlive)
    }

    @Test func `ends without a word where there is no configuration`() throws {
        let lab = try Lab()
        let agent = try FakeAgent(in: lab, nil)
        #expect(try agent.report() == nil)
        #expect(eventually { !agent.isKeeperAlive })
    }
}

@Suite(.enabled(if: isRoot)) struct `A keeper process refuses to start` {
    private func refusal(_ lab: Lab, _ plan: KeeperPlan? = nil, _ more: String...) throws -> String? {
        let agent =
            try more.isEmpty ? FakeAgent(in: lab, plan ?? lab.plan) : FakeAgent(in: lab, plan ?? lab.plan, more[0])
        let report = try agent.report()
        #expect(eventually { !agent.isKeeperAlive })
        guard case .refused(let text) = report else {
            Issue.record("said \(String(describing: report))")
            return nil
        }
        return text.replacing(lab.folder, with: "DIR")
    }

    @Test func `over a VIP that somebody else has put on, unless told to adopt it`() throws {
        let lab = try Lab()
        try lab.here.run { try ip("address add 192.0.2.10/32 dev eth0") }
        #expect(
            try refusal(lab)
                == "192.0.2.10/32 is on eth0 already, and vip-switch did not put it there; "
                + "`ip address del 192.0.2.10/32 dev eth0`, or start with --adopt to take it over"
        )
        #expect(try lab.addresses() == ["192.0.2.10/32"])
        var plan = lab.plan
        plan.adopts = true
        let agent = try FakeAgent(in: lab, plan)
        #expect(try agent.report() == .ready)
        #expect(try lab.addresses() == [])
    }

    @Test func `for a VIP that is the machine's own address`() throws {
        let lab = try Lab()
        var plan = lab.plan
        plan.groups[0].vips = [prefix("192.0.2.1/32")]
        plan.adopts = true
        #expect(
            try refusal(lab, plan)
                == "192.0.2.1 of group web is this machine's own address (192.0.2.1/24 is on eth0); "
                + "a VIP must be an address that no node has"
        )
    }

    @Test func `on an interface that cannot carry a VIP`() throws {
        let lab = try Lab()
        var plan = lab.plan
        plan.groups[0].interface = "lo"
        #expect(
            try refusal(lab, plan) == "group web: lo is a loopback interface; a VIP needs one with neighbours"
        )
        try lab.here.run { try ip("link set eth0 arp off") }
        #expect(
            try refusal(lab)
                == "group web: eth0 does no ARP, so no neighbour would learn of a VIP; `ip link set eth0 arp on`, "
                + "or take another interface"
        )
    }

    @Test func `with an IPv6 address where IPv6 is off`() throws {
        let lab = try Lab()
        try lab.here.run {
            try run("sysctl -q net.ipv6.conf.eth0.disable_ipv6=1 || echo 1 > /proc/sys/net/ipv6/conf/eth0/disable_ipv6")
        }
        #expect(
            try refusal(lab)
                == "group web: 2001:db8::10/128 cannot be added to eth0, where IPv6 is off; "
                + "`sysctl net.ipv6.conf.eth0.disable_ipv6=0`"
        )
    }

    @Test func `where the data directory is missing or full`() throws {
        let lab = try Lab()
        var plan = lab.plan
        plan.dataDirectory += "/missing/deeper"
        #expect(
            try refusal(lab, plan)
                == "cannot create DIR/missing/deeper: No such file or directory; create the folder that it stands in"
        )
        plan.dataDirectory = "\(lab.folder)/full"
        try FileManager.default.createDirectory(atPath: plan.dataDirectory, withIntermediateDirectories: false)
        try run("mount -t tmpfs -o size=4k,nr_inodes=2 full \(plan.dataDirectory)")
        defer { _ = try? run("umount \(plan.dataDirectory)") }
        #expect(
            try refusal(lab, plan)
                == "cannot write DIR/full/addresses: No space left on device; make room there"
        )
    }

    @Test func `without its capabilities`() throws {
        let lab = try Lab()
        #expect(
            try refusal(lab, nil, "dropped")
                == "the keeper needs CAP_NET_ADMIN and CAP_NET_RAW; grant both in the unit (AmbientCapabilities), or, where only "
                + "its group may execute the binary (mode 0750), `setcap cap_net_admin,cap_net_raw+ep` it"
        )
    }
}

@Suite(.enabled(if: isRoot)) struct `The command release` {
    @Test func `takes off what a dead run left`() throws {
        let lab = try Lab()
        var plan = lab.plan
        plan.kernelLifetime = 0
        let agent = try FakeAgent.holding(.seconds(3000), in: lab, plan)
        kill(agent.keeperPID, SIGKILL)
        #expect(try agent.report() == nil)
        let released = try lab.here.run { try releaseLeftovers(plan) }
        #expect(released == vips.map { Leftover(prefix: prefix($0), interface: "eth0") })
        #expect(try lab.addresses() == [])
        #expect(try lab.here.run { try releaseLeftovers(plan) } == [])
    }

    @Test func `leaves alone what others put on`() throws {
        let lab = try Lab()
        try lab.here.run { try ip("address add 192.0.2.10/32 dev eth0") }
        #expect(try lab.here.run { try releaseLeftovers(lab.plan) } == [])
        #expect(try lab.addresses() == ["192.0.2.10/32"])
    }
}
