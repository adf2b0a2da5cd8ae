import Linux
import Net
import Testing

private let thousand = (0..<1_000).map { Prefix(single: .v4(0xc612_0000 + UInt32($0))) }

@Suite(.enabled(if: Lab.isPossible), .serialized) struct `A thousand addresses` {
    @Test func `are put on, renewed and taken off, each with its answer`() throws {
        let lab = try Lab()
        try lab.here.run {
            let netlink = try Netlink()
            let add = thousand.map { AddressRequest.replace($0, on: lab.eth0, lifetime: .seconds(60)) }
            #expect(netlink.perform(add) == Array(repeating: nil, count: 1_000))
            #expect(try shown(netlink) == Set(thousand))
            #expect(netlink.perform(add) == Array(repeating: nil, count: 1_000))
            let remove = thousand.map { AddressRequest.remove($0, from: lab.eth0) }
            #expect(netlink.perform(remove) == Array(repeating: nil, count: 1_000))
            #expect(try shown(netlink) == [])
        }
    }

    @Test func `of which some are not there name just those`() throws {
        let lab = try Lab()
        try lab.here.run {
            let netlink = try Netlink()
            let absent = [0, 255, 256, 999]
            let present = thousand.indices.filter { !absent.contains($0) }
            _ = netlink.perform(present.map { .replace(thousand[$0], on: lab.eth0, lifetime: .forever) })
            let answers = netlink.perform(thousand.map { .remove($0, from: lab.eth0) })
            #expect(answers.indices.filter { answers[$0] != nil } == absent)
            #expect(absent.allSatisfy { answers[$0]?.errno == .addressNotAvailable })
            #expect(answers[256]?.object == "\(thousand[256]) from eth0")
            #expect(try shown(netlink) == [])
        }
    }

    @Test func `of IPv6 leave no route behind`() throws {
        let lab = try Lab()
        try lab.here.run {
            let netlink = try Netlink()
            let first: UInt128 = 0x2001_0db8_0000_0001_0000_0000_0000_0001
            let vips = (0..<100).map { Prefix(single: .v6(first + UInt128($0))) }
            let answers = netlink.perform(vips.map { .replace($0, on: lab.eth0, lifetime: .seconds(600)) })
            #expect(answers.allSatisfy { $0 == nil })
            #expect(try ip("-6 route show table local").contains("2001:db8:0:1::64 dev eth0"))
            #expect(netlink.perform(vips.map { .remove($0, from: lab.eth0) }).allSatisfy { $0 == nil })
            #expect(try !ip("-6 route show table all").contains("2001:db8:0:1:"))
        }
    }

    private func shown(_ netlink: Netlink) throws -> Set<Prefix> {
        let known = Set(thousand)
        return Set(try netlink.addresses().map(\.prefix)).intersection(known)
    }
}
