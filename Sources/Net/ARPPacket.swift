/// An ARP packet for IPv4 over Ethernet (RFC 826).
package struct ARPPacket: Hashable, Sendable {
    package enum Operation: UInt16, Sendable {
        case request = 1
        case reply = 2
    }

    /// One side of the exchange: a hardware address and an IPv4 address.
    package struct Side: Hashable, Sendable {
        package var hardware: MACAddress
        package var address: UInt32

        package init(hardware: MACAddress, address: UInt32) {
            self.hardware = hardware
            self.address = address
        }
    }

    package var operation: Operation
    package var sender: Side
    package var target: Side

    package init(operation: Operation, sender: Side, target: Side) {
        self.operation = operation
        self.sender = sender
        self.target = target
    }

    /// RFC 826's `ar$hrd`, `ar$pro`, `ar$hln`, `ar$pln`.
    private static let ethernet: UInt16 = 1
    private static let ipv4: UInt16 = 0x0800
    private static let hardwareLength: UInt8 = 6
    private static let addressLength: UInt8 = 4

    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: Self.ethernet)
        bytes.append(bigEndian: Self.ipv4)
        bytes.append(Self.hardwareLength)
        bytes.append(Self.addressLength)
        bytes.append(bigEndian: operation.rawValue)
        for side in [sender, target] {
            bytes += side.hardware.bytes
            bytes.append(bigEndian: side.address)
        }
        return bytes
    }

    /// Reads the payload of an Ethernet frame; what the frame was filled up with is ignored.
    package init(_ bytes: [UInt8]) throws(Malformed) {
        let span = unsafe bytes.span.bytes  // unsafe only for types with padding
        var offset = 0
        guard try span.readUInt16(at: &offset) == Self.ethernet else { throw .invalid("not for Ethernet") }
        guard try span.readUInt16(at: &offset) == Self.ipv4 else { throw .invalid("not for IPv4") }
        guard try span.readUInt8(at: &offset) == Self.hardwareLength,
            try span.readUInt8(at: &offset) == Self.addressLength
        else { throw .invalid("wrong address lengths") }
        guard let operation = Operation(rawValue: try span.readUInt16(at: &offset)) else {
            throw .invalid("neither request nor reply")
        }
        self.operation = operation
        sender = try span.readSide(at: &offset)
        target = try span.readSide(at: &offset)
    }
}

extension RawSpan {
    fileprivate func readSide(at offset: inout Int) throws(Malformed) -> ARPPacket.Side {
        let hardware = try readMACAddress(at: &offset)
        return ARPPacket.Side(hardware: hardware, address: try readUInt32(at: &offset))
    }
}
