import CLinux
import CMnl
import Glibc
import Net
import Testing

@testable import Linux

@Suite(.enabled(if: Lab.isPossible, "network namespaces need root"))
struct `A list of links` {
    @Test func `has name, hardware address, type and size`() throws {
        let lab = try Lab()
        let link = try lab.here.run { try shown("eth0") }
        #expect(link.index == lab.eth0)
        #expect(link.hardwareAddress?.description == Lab.hereMAC)
        #expect(link.type == 1)
        #expect(link.mtu == 1500)
    }

    @Test func `tells an interface that is off from one without a cable`() throws {
        let lab = try Lab()
        #expect(try lab.here.run { try shown("eth0") }.isUsable)
        try lab.there.run { try ip("link set eth0 down") }
        let unplugged = try lab.here.run { try shown("eth0") }
        #expect(unplugged.flags.contains(.up))
        #expect(!unplugged.flags.contains(.lowerUp))
        #expect(!unplugged.hasCarrier)
        #expect(!unplugged.isUsable)
        try lab.here.run { try ip("link set eth0 down") }
        #expect(try !lab.here.run { try shown("eth0") }.flags.contains(.up))
    }

    @Test func `marks loopback and interfaces without ARP`() throws {
        let lab = try Lab()
        try lab.here.run {
            #expect(try shown("lo").flags.contains(.loopback))
            #expect(try !shown("eth0").flags.contains(.noARP))
            try ip("link set eth0 arp off")
            #expect(try shown("eth0").flags.contains(.noARP))
        }
    }
}

@Suite(.enabled(if: Lab.isPossible, "network namespaces need root"))
struct `A list of addresses` {
    @Test func `has the host's own, untagged`() throws {
        let lab = try Lab()
        try lab.here.run {
            let host = try #require(try addresses(.of("192.0.2.1/24")).first)
            #expect(host.tag == .none)
            #expect(host.lifetime == .forever)
            #expect(try addresses(.of("2001:db8::1/64")).count == 1)
        }
    }

    @Test func `needs no privilege`() throws {
        let lab = try Lab()
        try lab.here.run {
            try Netlink().perform(.replace(Lab.vip4, on: lab.eth0, lifetime: .seconds(1000)))
            try withoutCapabilities {
                let netlink = try Netlink()
                #expect(try netlink.addresses().contains { $0.prefix == Lab.vip4 && $0.tag == .vipSwitch })
                #expect(try netlink.links().count == 2)
            }
        }
    }

    @Test func `shows the own address of a point-to-point link, not the peer's`() throws {
        let lab = try Lab()
        try lab.here.run {
            try ip("address add 203.0.113.1 peer 203.0.113.2/32 dev eth0")
            #expect(try addresses(.of("203.0.113.1/32")).count == 1)
            #expect(try addresses(.of("203.0.113.2/32")).isEmpty)
        }
    }

    @Test func `shows that another machine has the address`() throws {
        let lab = try Lab()
        try lab.there.run { try ip("address add \(Lab.vip6) dev eth0 nodad") }
        try lab.here.run {
            try ip("address add \(Lab.vip6) dev eth0")
            #expect(try eventually { try addresses(Lab.vip6).first?.flags.contains(.duplicate) == true })
        }
    }

    @Test func `is read again when it changed meanwhile`() throws {
        try withChanges(upTo: 3) { list, attempts in
            let prefixes = try list()
            #expect(prefixes.count == 1001)
            #expect(attempts() == 4)
        }
    }

    @Test func `that changes every time is given up`() throws {
        try withChanges(upTo: .max) { list, attempts in
            let text = "cannot list addresses: Interrupted system call; it changed each time while it was read"
            #expect(throws: NetlinkError("list", "addresses", .interrupted)) { try list() }
            #expect(NetlinkError("list", "addresses", .interrupted).description == text)
            #expect(attempts() == Netlink.dumpAttempts)
        }
    }

    /// Hands `body` a list of so many addresses that it takes several datagrams, which changes in between for the first
    /// `changes` attempts, and a count of those attempts.
    private func withChanges(upTo changes: Int, _ body: (() throws -> [Prefix], () -> Int) throws -> Void) throws {
        let lab = try Lab()
        try lab.here.run {
            let (netlink, stranger) = (try Netlink(), try Netlink())
            _ = stranger.perform(
                (0..<1000).map { .replace(Prefix(single: .v4(0x0a00_0001 + $0)), on: lab.eth0, lifetime: .forever) }
            )
            var attempts = 0
            var sequence: UInt32 = 0
            let list = {
                try netlink.dump("addresses", RTM_GETADDR, ifaddrmsg()) { message -> Prefix? in
                    if message.sequence != sequence {
                        sequence = message.sequence
                        attempts += 1
                        if attempts <= changes { Self.change(by: stranger, on: lab.eth0) }
                    }
                    let address = InterfaceAddress(message)
                    return address?.tag == .vipSwitch ? address?.prefix : nil
                }
            }
            try stranger.perform(.replace(Lab.vip4, on: lab.eth0, lifetime: .forever))
            try body(list, { attempts })
        }
    }

    private static func change(by stranger: Netlink, on interface: InterfaceIndex) {
        let change: [AddressRequest] = [
            .remove(Lab.vip4, from: interface), .replace(Lab.vip4, on: interface, lifetime: .forever),
        ]
        #expect(stranger.perform(change) == [nil, nil])
    }
}

@Suite(.enabled(if: Lab.isPossible, "network namespaces need root"))
struct `Settings of an interface` {
    @Test func `tell whether it forwards IPv6 and whether IPv6 is off`() throws {
        let lab = try Lab()
        try lab.here.run {
            #expect(InterfaceSettings.forwardsIPv6(on: "eth0") == false)
            #expect(InterfaceSettings.disablesIPv6(on: "eth0") == false)
            try writeSetting("net/ipv6/conf/eth0/forwarding", "1")
            #expect(InterfaceSettings.forwardsIPv6(on: "eth0") == true)
            #expect(InterfaceSettings.forwardsIPv6(on: "eth1") == nil)
            #expect(InterfaceSettings.forwardsIPv6(on: "../conf/eth0") == nil)
        }
    }
}

/// Writes `/proc/sys/…` of the current namespace.
func writeSetting(_ path: String, _ value: String) throws {
    let file = unsafe FileDescriptor(owning: clinux_open("/proc/sys/" + path, O_WRONLY, 0))
    try file.writeAll(Array(value.utf8))
}
