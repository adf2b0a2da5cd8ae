import Linux
import Net
import Testing

@Suite(.enabled(if: Lab.isPossible, "network namespaces need root"))
struct `A packet socket` {
    /// The hardware address of the machine that had the VIP before.
    static let oldOwner = "02:00:00:00:00:99"

    @Test(arguments: [ARPPacket.Operation.request, .reply])
    func `moves the VIP in a neighbour's table by either form of gratuitous ARP`(form: ARPPacket.Operation) throws {
        let lab = try Lab()
        try lab.there.run { try ip("neighbour add \(Lab.vip4.address) lladdr \(Self.oldOwner) dev eth0 nud reachable") }
        let frames = try announcement(of: Lab.vip4, on: lab).filter {
            let payload = try EthernetFrame($0).payload
            return try ARPPacket(payload).operation == form
        }
        #expect(try lab.here.run { try PacketSocket(on: lab.eth0).send(frames) } == 1)
        #expect(try eventually { try neighbour(Lab.vip4, of: lab).contains("lladdr \(Lab.hereMAC)") })
    }

    @Test(arguments: [false, true])
    func `moves the VIP in a neighbour's table by an advertisement`(isRouter: Bool) throws {
        let lab = try Lab()
        try lab.there.run { try ip("neighbour add \(Lab.vip6.address) lladdr \(Self.oldOwner) dev eth0 nud reachable") }
        let frames = try announcement(of: Lab.vip6, on: lab, isRouter: isRouter)
        #expect(try lab.here.run { try PacketSocket(on: lab.eth0).send(frames) } == 1)
        #expect(try eventually { try neighbour(Lab.vip6, of: lab).contains("lladdr \(Lab.hereMAC)") })
        #expect(try neighbour(Lab.vip6, of: lab).contains("router") == isRouter)
    }

    @Test func `sends more frames than go in one call`() throws {
        let lab = try Lab()
        let vips = (0..<150).map { Prefix(single: .v4(0xc000_0264 + $0)) }
        try lab.there.run {
            for vip in vips { try ip("neighbour add \(vip.address) lladdr \(Self.oldOwner) dev eth0 nud reachable") }
        }
        let frames = try vips.map { try announcement(of: $0, on: lab)[0] }
        #expect(try lab.here.run { try PacketSocket(on: lab.eth0).send(frames) } == 150)
        #expect(
            try eventually {
                try lab.there.run { try ip("neighbour show") }.components(of: "lladdr \(Lab.hereMAC)") == 150
            }
        )
    }

    @Test func `sends nothing when there is nothing to send`() throws {
        let lab = try Lab()
        #expect(try lab.here.run { try PacketSocket(on: lab.eth0).send([]) } == 0)
    }

    @Test func `says that the interface is down`() throws {
        let lab = try Lab()
        try lab.here.run {
            let socket = try PacketSocket(on: lab.eth0)
            try ip("link set eth0 down")
            let frames = try announcement(of: Lab.vip4, on: lab)
            #expect(
                text { () throws(PacketError) in _ = try socket.send(frames) }
                    == "cannot announce on eth0: Network is down"
            )
        }
    }

    @Test func `says that there is no such interface`() throws {
        let lab = try Lab()
        lab.here.run {
            #expect(
                text { () throws(PacketError) in _ = try PacketSocket(on: InterfaceIndex(77)) }
                    == "cannot open a packet socket on interface 77: No such device"
            )
        }
    }

    @Test func `needs CAP_NET_RAW and says so`() throws {
        let lab = try Lab()
        try lab.here.run {
            try withoutCapabilities {
                #expect(
                    text { () throws(PacketError) in _ = try PacketSocket(on: lab.eth0) }
                        == "cannot open a packet socket on eth0: Operation not permitted; the keeper needs CAP_NET_RAW"
                )
            }
        }
    }

    private func announcement(of vip: Prefix, on lab: Lab, isRouter: Bool = false) throws -> [[UInt8]] {
        let hardware = try #require(try lab.here.run { try shown("eth0") }.hardwareAddress)
        return Announcement.frames(of: vip.address, from: hardware, isRouter: isRouter)
    }

    private func neighbour(_ vip: Prefix, of lab: Lab) throws -> String {
        try lab.there.run { try ip("neighbour show \(vip.address) dev eth0") }
    }

    private func text(_ act: () throws(PacketError) -> Void) -> String? {
        do throws(PacketError) {
            try act()
            return nil
        } catch {
            return error.description
        }
    }
}

extension String {
    /// How often `part` occurs.
    fileprivate func components(of part: String) -> Int { ranges(of: part).count }
}
