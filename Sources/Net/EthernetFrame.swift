/// An Ethernet II frame without its check sequence.
package struct EthernetFrame: Hashable, Sendable {
    /// What a payload is (IEEE 802 numbers, "EtherType").
    package struct PayloadType: Hashable, Sendable {
        package let rawValue: UInt16
        package init(rawValue: UInt16) { self.rawValue = rawValue }
        package static let arp = PayloadType(rawValue: 0x0806)
        package static let ipv6 = PayloadType(rawValue: 0x86dd)
    }

    package var destination: MACAddress
    package var source: MACAddress
    package var type: PayloadType
    package var payload: [UInt8]

    package init(destination: MACAddress, source: MACAddress, type: PayloadType, payload: [UInt8]) {
        self.destination = destination
        self.source = source
        self.type = type
        self.payload = payload
    }

    /// The frame on the wire. The driver fills it up to the 60 bytes that Ethernet asks for.
    package var bytes: [UInt8] {
        var bytes = destination.bytes + source.bytes
        bytes.append(bigEndian: type.rawValue)
        return bytes + payload
    }

    /// Reads a frame; the payload includes what the frame was filled up with.
    package init(_ bytes: [UInt8]) throws(Malformed) {
        let span = unsafe bytes.span.bytes  // unsafe only for types with padding
        var offset = 0
        destination = try span.readMACAddress(at: &offset)
        source = try span.readMACAddress(at: &offset)
        type = PayloadType(rawValue: try span.readUInt16(at: &offset))
        payload = try span.readBytes(span.byteCount - offset, at: &offset)
    }
}

extension RawSpan {
    package func readMACAddress(at offset: inout Int) throws(Malformed) -> MACAddress {
        guard let address = MACAddress(bytes: try readBytes(6, at: &offset)) else {
            throw .invalid("a hardware address that has not six bytes")
        }
        return address
    }
}
