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
            flags: .noDuplicateDetection,
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

@Suite struct `An address request's message` {
    @Test(arguments: [Lab.vip4, Lab.vip6]) func `fits, so that a full batch stays below 32 KiB`(vip: Prefix) {
        let message = AddressRequest.replace(vip, on: InterfaceIndex(7), lifetime: .forever).message(sequence: 1)
        #expect(message.count <= NetlinkMessage.lengthLimit)
        #expect(message.count * Netlink.requestsPerBatch <= 32 * 1024)
    }
}
