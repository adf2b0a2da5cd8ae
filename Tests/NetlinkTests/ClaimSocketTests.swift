import Glibc
import Linux
import Net
import Testing

@Suite(.enabled(if: Lab.isPossible, "network namespaces need root"))
struct `A socket for claims` {
    static let stranger = MACAddress(bytes: [2, 0, 0, 0, 0, 0x99]) ?? .zero
    static let other = Prefix.of("192.0.2.77/32")
    static let other6 = Prefix.of("2001:db8::77/128")
    static let vips = [Lab.vip4.address, Lab.vip6.address]

    /// Listens `here`, has these frames sent from `there`, and returns what was heard before a last frame that always is.
    private func heard(
        _ family: ClaimSocket.Family,
        of addresses: [IPAddress] = vips,
        _ frames: [[UInt8]],
        in lab: Lab
    ) throws -> [AddressClaim?] {
        let socket = try lab.here.run { try ClaimSocket(on: lab.eth0, family, of: addresses) }
        let last = try #require(addresses.first { family.concerns([$0]) })
        let end = Announcement.frames(of: last, from: .zero, isRouter: false)[0]
        let sent = try lab.there.run { try PacketSocket(on: try shown("eth0").index).send(frames + [end]) }
        #expect(sent == frames.count + 1)
        var heard: [AddressClaim?] = []
        let isComplete = try eventually {
            while let frame = try socket.receive() { heard.append(AddressClaim(frame: frame)) }
            return heard.last??.hardware == .zero
        }
        #expect(isComplete)
        return heard.dropLast()
    }

    private func announcement(of vip: Prefix) -> [[UInt8]] {
        Announcement.frames(of: vip.address, from: Self.stranger, isRouter: false)
    }

    @Test func `hears both forms of ARP and nothing of other addresses`() throws {
        let lab = try Lab()
        let claim = AddressClaim(address: Lab.vip4.address, hardware: Self.stranger)
        let frames = announcement(of: Self.other) + announcement(of: Lab.vip4) + announcement(of: Lab.vip6)
        #expect(try heard(.arp, frames, in: lab) == [claim, claim])
    }

    @Test func `hears advertisements and nothing of other addresses`() throws {
        let lab = try Lab()
        let claim = AddressClaim(address: Lab.vip6.address, hardware: Self.stranger)
        let frames = announcement(of: Self.other6) + announcement(of: Lab.vip4) + announcement(of: Lab.vip6)
        #expect(try heard(.advertisement, frames, in: lab) == [claim])
    }

    @Test func `hears claims to any address where there are very many`() throws {
        let lab = try Lab()
        let many = (0..<1000).map { IPAddress.v4(0xc633_0000 + UInt32($0)) }
        let claim = AddressClaim(address: Self.other.address, hardware: Self.stranger)
        #expect(try heard(.arp, of: many, announcement(of: Self.other), in: lab) == [claim, claim])
    }

    @Test func `hears of as many addresses as it compares one by one`() throws {
        let lab = try Lab()
        let many = (0..<256).map { IPAddress.v4(0xc633_0000 + UInt32($0)) }
        let last = Prefix(single: many[255])
        let claim = AddressClaim(address: last.address, hardware: Self.stranger)
        let frames = announcement(of: Self.other) + announcement(of: last)
        #expect(try heard(.arp, of: many, frames, in: lab) == [claim, claim])
    }

    @Test func `hears nothing that a VLAN carries, that is for another machine, or that it sends itself`() throws {
        let lab = try Lab()
        let plain = announcement(of: Lab.vip4)[0]
        // Without an interface for it, the kernel hands a VLAN's frames to whoever listens on the one below.
        let tagged = Array(plain[..<12]) + [0x81, 0x00, 0x00, 0x05] + plain[12...]
        let elsewhere = [2, 0, 0, 0, 0, 0x55] + plain[6...]
        try lab.here.run { try ip("link set eth0 promisc on") }
        #expect(try heard(.arp, [tagged, elsewhere], in: lab) == [])
        try lab.here.run {
            let socket = try ClaimSocket(on: lab.eth0, .arp, of: Self.vips)
            let isSent = try PacketSocket(on: lab.eth0).send(plain)
            #expect(isSent)
            usleep(50_000)
            let frame = try socket.receive()
            #expect(frame == nil)
        }
    }

    @Test func `hears again when the interface is up again`() throws {
        let lab = try Lab()
        let socket = try lab.here.run { try ClaimSocket(on: lab.eth0, .arp, of: Self.vips) }
        try lab.here.run { try ip("link set eth0 down") }
        #expect(throws: PacketError.self) { try socket.receive() }
        let frame = try socket.receive()
        #expect(frame == nil)
        try lab.here.run { try ip("link set eth0 up") }
        let claim = AddressClaim(address: Lab.vip4.address, hardware: Self.stranger)
        let isHeard = try eventually {
            try lab.there.run { _ = try PacketSocket(on: try shown("eth0").index).send(announcement(of: Lab.vip4)) }
            return try socket.receive().flatMap { AddressClaim(frame: $0) } == claim
        }
        #expect(isHeard)
    }

    @Test func `says that there is no such interface`() throws {
        let lab = try Lab()
        lab.here.run {
            let error = #expect(throws: PacketError.self) {
                try ClaimSocket(on: InterfaceIndex(77), .arp, of: Self.vips)
            }
            #expect(error?.description == "cannot listen for claims on interface 77: No such device")
        }
    }
}
