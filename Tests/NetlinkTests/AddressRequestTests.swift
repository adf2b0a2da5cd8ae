import Glibc
import Net
import Testing

@testable import Linux

@Suite(.enabled(if: Lab.isPossible, "network namespaces need root"))
struct `An address request` {
    @Test func `puts an IPv4 address on, tagged, and takes it off`() throws {
        let lab = try Lab()
        try lab.here.run {
            let netlink = try Netlink()
            try netlink.perform(.replace(Lab.vip4, on: lab.eth0, lifetime: .forever))
            let address = InterfaceAddress(
                prefix: Lab.vip4,
                interface: lab.eth0,
                flags: .permanent,
                tag: .vipSwitch,
                lifetime: .forever
            )
            #expect(try addresses(Lab.vip4) == [address])
            try netlink.perform(.remove(Lab.vip4, from: lab.eth0))
            #expect(try addresses(Lab.vip4) == [])
        }
    }

    @Test func `puts an IPv6 address on that is usable at once and never a source by itself`() throws {
        let lab = try Lab()
        try lab.here.run {
            let netlink = try Netlink()
            try netlink.perform(.replace(Lab.vip6, on: lab.eth0, lifetime: .forever))
            let address = InterfaceAddress(
                prefix: Lab.vip6,
                interface: lab.eth0,
                flags: [.permanent, .noDuplicateDetection, .noPrefixRoute, .deprecated],
                tag: .vipSwitch,
                lifetime: .forever
            )
            #expect(try addresses(Lab.vip6) == [address])
            try netlink.perform(.remove(Lab.vip6, from: lab.eth0))
            #expect(try addresses(Lab.vip6) == [])
        }
    }

    @Test(arguments: [Lab.vip4, Lab.vip6])
    func `renews a lifetime, ends it, begins it again`(vip: Prefix) throws {
        let lab = try Lab()
        try lab.here.run {
            let netlink = try Netlink()
            for lifetime in [.seconds(1000), .seconds(2000), .forever, .seconds(3000)] as [AddressLifetime] {
                try netlink.perform(.replace(vip, on: lab.eth0, lifetime: lifetime))
                let address = try #require(try addresses(vip).first)
                #expect(address.isNear(lifetime))
                #expect(address.flags.contains(.permanent) == (lifetime == .forever))
            }
        }
    }

    @Test(arguments: [Lab.vip4, Lab.vip6])
    func `leaves the removal to the kernel when nobody renews it`(vip: Prefix) throws {
        let lab = try Lab()
        try lab.here.run {
            try Netlink().perform(.replace(vip, on: lab.eth0, lifetime: .seconds(1)))
            #expect(try addresses(vip).count == 1)
            #expect(try eventually { try addresses(vip).isEmpty })
        }
    }

    @Test func `of another prefix length makes a second IPv4 address, and removes just the one that it names`() throws {
        let lab = try Lab()
        let wide = Prefix.of("192.0.2.10/24")
        try lab.here.run {
            let netlink = try Netlink()
            let both = netlink.perform([
                .replace(Lab.vip4, on: lab.eth0, lifetime: .forever), .replace(wide, on: lab.eth0, lifetime: .forever),
            ])
            #expect(both == [nil, nil])
            try netlink.perform(.remove(Lab.vip4, from: lab.eth0))
            #expect(try addresses(wide).count == 1)
            #expect(try addresses(Lab.vip4).isEmpty)
        }
    }

    @Test func `of another prefix length renews the IPv6 address that is there`() throws {
        let lab = try Lab()
        let wide = Prefix.of("2001:db8::10/64")
        try lab.here.run {
            let netlink = try Netlink()
            try netlink.perform(.replace(Lab.vip6, on: lab.eth0, lifetime: .forever))
            try netlink.perform(.replace(wide, on: lab.eth0, lifetime: .seconds(1000)))
            #expect(try addresses(wide).isEmpty)
            #expect(try addresses(Lab.vip6).map(\.lifetime) != [.forever])
            #expect(netlink.perform([.remove(wide, from: lab.eth0)]).map { $0?.errno } == [.addressNotAvailable])
            #expect(try addresses(Lab.vip6).count == 1)
        }
    }

    @Test(arguments: [Lab.vip4, Lab.vip6])
    func `to remove what is not there is told from other refusals`(vip: Prefix) throws {
        let lab = try Lab()
        try lab.here.run {
            let refusals = try Netlink().perform([.remove(vip, from: lab.eth0)])
            #expect(refusals.map { $0?.errno } == [.addressNotAvailable])
        }
    }

    @Test func `names an interface that is not there by its number`() throws {
        let lab = try Lab()
        try lab.here.run {
            let refusals = try Netlink().perform([.replace(Lab.vip4, on: InterfaceIndex(77), lifetime: .forever)])
            let text = "cannot add 192.0.2.10/32 to interface 77: No such device (ipv4: Device not found)"
            #expect(refusals.map { $0?.description } == [text])
        }
    }

    @Test func `is refused in the operator's words without CAP_NET_ADMIN`() throws {
        let lab = try Lab()
        let (add, remove) = try lab.here.run {
            try withoutCapabilities {
                let netlink = try Netlink()
                let refusals = netlink.perform([
                    .replace(Lab.vip4, on: lab.eth0, lifetime: .forever), .remove(Lab.vip6, from: lab.eth0),
                ])
                return (refusals[0], refusals[1])
            }
        }
        let reason = "Operation not permitted; the keeper needs CAP_NET_ADMIN"
        #expect(add?.description == "cannot add 192.0.2.10/32 to eth0: \(reason)")
        #expect(remove?.description == "cannot remove 2001:db8::10/128 from eth0: \(reason)")
    }

    @Test func `is refused with the kernel's own text where IPv6 is off`() throws {
        let lab = try Lab()
        try lab.here.run {
            try writeSetting("net/ipv6/conf/eth0/disable_ipv6", "1")
            #expect(InterfaceSettings.disablesIPv6(on: "eth0") == true)
            let refusals = try Netlink().perform([.replace(Lab.vip6, on: lab.eth0, lifetime: .forever)])
            let text = "cannot add 2001:db8::10/128 to eth0: Permission denied (ipv6: IPv6 is disabled on this device)"
            #expect(refusals.map { $0?.description } == [text])
        }
    }
}

@Suite(.enabled(if: Lab.isPossible, "network namespaces need root"))
struct `A batch of address requests` {
    static let vips = (0..<1000).map { Prefix(single: .v4(0x0a00_0001 + UInt32($0))) }

    @Test func `of a thousand is answered one by one`() throws {
        let lab = try Lab()
        try lab.here.run {
            let netlink = try Netlink()
            let added = netlink.perform(Self.vips.map { .replace($0, on: lab.eth0, lifetime: .seconds(1000)) })
            #expect(added == Array(repeating: nil, count: 1000))
            #expect(try ours(netlink) == Set(Self.vips))
            let removed = netlink.perform(Self.vips.map { .remove($0, from: lab.eth0) })
            #expect(removed == Array(repeating: nil, count: 1000))
            #expect(try ours(netlink) == [])
        }
    }

    @Test func `is carried out to its end though some are refused`() throws {
        let lab = try Lab()
        try lab.here.run {
            let netlink = try Netlink()
            let answers = netlink.perform(
                (0..<600).map { place in
                    let interface = place % 3 == 0 ? InterfaceIndex(77) : lab.eth0
                    return .replace(Self.vips[place], on: interface, lifetime: .forever)
                }
            )
            #expect(answers.map { $0?.errno } == (0..<600).map { $0 % 3 == 0 ? .noDevice : nil })
            #expect(try ours(netlink).count == 400)
        }
    }

    @Test func `of a thousand refusals loses none without CAP_NET_ADMIN, where the receive buffer is small`() throws {
        let lab = try Lab()
        try lab.here.run {
            try withoutCapabilities {
                let answers = try Netlink().perform(Self.vips.map { .remove($0, from: lab.eth0) })
                #expect(answers.map { $0?.errno } == Array(repeating: .notPermitted, count: 1000))
            }
        }
    }

    @Test func `says which answers were lost, and confuses no later answer with them`() throws {
        let lab = try Lab()
        try lab.here.run {
            let netlink = try Netlink()
            var smallest: Int32 = 1
            let size = socklen_t(MemoryLayout<Int32>.size)
            unsafe setsockopt(netlink.socket.descriptor.rawValue, SOL_SOCKET, SO_RCVBUFFORCE, &smallest, size)
            let batch = Self.vips.prefix(Netlink.requestsPerBatch)
            let answers = netlink.perform(batch.map { .remove($0, from: lab.eth0) })
            let lost = zip(batch, answers).filter { $1?.errno == .noBufferSpace }
            #expect(!lost.isEmpty && lost.count < batch.count)
            #expect(answers.count { $0?.errno == .addressNotAvailable } == batch.count - lost.count)
            #expect(
                lost.allSatisfy { prefix, refusal in
                    refusal == NetlinkError("remove", "\(prefix) from eth0", .noBufferSpace)
                }
            )
            #expect(netlink.perform([.remove(Lab.vip4, from: lab.eth0)]).map { $0?.errno } == [.addressNotAvailable])
        }
    }

    @Test func `may be empty`() throws {
        #expect(try Netlink().perform([]).isEmpty)
    }

    private func ours(_ netlink: Netlink) throws -> Set<Prefix> {
        Set(try netlink.addresses().filter { $0.tag == .vipSwitch }.map(\.prefix))
    }
}

extension InterfaceAddress {
    /// Whether the lifetime is the given one, or a few seconds less by now.
    fileprivate func isNear(_ wanted: AddressLifetime) -> Bool {
        switch (wanted, lifetime) {
        case (.forever, .forever): true
        case (.seconds(let wanted), .seconds(let left)): left <= wanted && left + 60 > wanted
        case (.forever, .seconds), (.seconds, .forever): false
        }
    }
}
