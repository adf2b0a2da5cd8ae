import Net
import Testing

@testable import Linux

/// A request to put an address on has the layout of the event that tells of it.
private let datagram = AddressRequest.replace(Lab.vip6, on: InterfaceIndex(7), lifetime: .seconds(30)).message(
    sequence: 9
)

@Suite struct `A netlink message` {
    @Test func `is read with all its attributes`() {
        let expected = InterfaceAddress(
            prefix: Lab.vip6,
            interface: InterfaceIndex(7),
            flags: [.noDuplicateDetection, .noPrefixRoute],
            tag: .vipSwitch,
            lifetime: .seconds(30)
        )
        #expect(read(datagram) == [expected])
        #expect(read(datagram + datagram) == [expected, expected])
    }

    @Test(arguments: 0..<datagram.count) func `is left out when its datagram is cut short`(length: Int) {
        #expect(read(Array(datagram[..<length])) == [])
        #expect(read(datagram + datagram[..<length]).count == 1)
    }

    @Test(arguments: 0..<datagram.count) func `has only the attributes that are whole`(length: Int) {
        var bytes = Array(datagram[..<length])
        if length >= 4 { bytes.replaceSubrange(0..<4, with: [UInt8(length), 0, 0, 0]) }
        // IFA_LOCAL ends behind the headers of 16 and 8 bytes and its own 4 and 16.
        #expect(read(bytes).map(\.prefix) == (length < 44 ? [] : [Lab.vip6]))
    }

    @Test(arguments: [0, 1, 3]) func `ends at an attribute shorter than its own header`(length: UInt8) {
        var bytes = datagram
        bytes[24] = length
        #expect(read(bytes) == [])
    }

    @Test func `is left out when it claims to be longer than its datagram`() {
        var bytes = datagram
        bytes[0] += 4
        #expect(read(bytes) == [])
    }

    @Test(arguments: [0, 15] as [UInt8]) func `of a length shorter than its header ends the datagram`(length: UInt8) {
        var bytes = datagram
        bytes[0] = length
        #expect(read(bytes + datagram) == [])
    }

    @Test func `with an address of the wrong family or prefix length is no address`() {
        var family = datagram
        family[16] = 2
        #expect(read(family) == [])
        var length = datagram
        length[17] = 129
        #expect(read(length) == [])
    }

    private func read(_ datagram: [UInt8]) -> [InterfaceAddress] {
        var found: [InterfaceAddress] = []
        unsafe datagram.withUnsafeBytes { bytes in
            unsafe NetlinkMessage.forEach(in: bytes) { if let address = InterfaceAddress($0) { found.append(address) } }
        }
        return found
    }
}

@Suite struct `A link's message` {
    /// `RTM_NEWLINK` of eth0, number 7, with `IFLA_EVENT`.
    private func message(event: UInt8) -> [UInt8] {
        let name: [UInt8] = [9, 0, 3, 0] + Array("eth0\0".utf8) + [0, 0, 0]
        let cause: [UInt8] = [8, 0, 44, 0, event, 0, 0, 0]
        let body: [UInt8] = [0, 0, 1, 0] + [7, 0, 0, 0] + [0x43, 0, 1, 0] + [0, 0, 0, 0] + name + cause
        return [UInt8(16 + body.count), 0, 0, 0] + [16, 0, 0, 0] + [0, 0, 0, 0] + [0, 0, 0, 0] + body
    }

    /// `IFLA_EVENT_BONDING_FAILOVER` and `IFLA_EVENT_NOTIFY_PEERS` among the events of <linux/if_link.h>.
    @Test(arguments: 0...6 as ClosedRange<UInt8>) func `asks for announcements after a failover`(event: UInt8) throws {
        var links: [Link] = []
        unsafe message(event: event).withUnsafeBytes { bytes in
            unsafe NetlinkMessage.forEach(in: bytes) { if let link = Link($0) { links.append(link) } }
        }
        let link = try #require(links.first)
        #expect(link.name == "eth0")
        #expect(link.isUsable)
        #expect(link.asksForAnnouncement == (event == 3 || event == 4))
    }
}

@Suite struct `An address request's message` {
    @Test(arguments: [Lab.vip4, Lab.vip6]) func `fits, so that a full batch stays below 32 KiB`(vip: Prefix) {
        let message = AddressRequest.replace(vip, on: InterfaceIndex(7), lifetime: .forever).message(sequence: 1)
        #expect(message.count <= NetlinkMessage.lengthLimit)
        #expect(message.count * Netlink.requestsPerBatch <= 32 * 1024)
    }
}
