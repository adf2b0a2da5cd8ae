/// A neighbour advertisement (RFC 4861 §4.4) with the IPv6 header that it travels in.
package struct NeighbourAdvertisement: Hashable, Sendable {
    /// The flags of §4.4, in their place in the first byte of the field.
    package struct Flags: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }
        /// `R`: the sender is a router. Wrong either way, hosts drop routes over it or keep dead ones.
        package static let router = Flags(rawValue: 0x80)
        /// `S`: the answer to a solicitation; never in one that goes to all nodes (§7.1.2).
        package static let solicited = Flags(rawValue: 0x40)
        /// `O`: replace the hardware address that a cache already has.
        package static let override = Flags(rawValue: 0x20)
    }

    package var source: UInt128
    package var destination: UInt128
    package var flags: Flags
    package var target: UInt128
    /// The target link-layer address option.
    package var hardware: MACAddress?

    package init(source: UInt128, destination: UInt128, flags: Flags, target: UInt128, hardware: MACAddress?) {
        self.source = source
        self.destination = destination
        self.flags = flags
        self.target = target
        self.hardware = hardware
    }

    /// `ff02::1`: all nodes of the link.
    package static let allNodes: UInt128 = 0xff02 << 112 | 1

    /// RFC 4861 §4.4 and §4.6.1, RFC 8200 §3.
    fileprivate static let icmpType: UInt8 = 136
    fileprivate static let nextHeader: UInt8 = 58
    fileprivate static let hopLimit: UInt8 = 255
    fileprivate static let targetLinkLayerOption: UInt8 = 2
    private static let messageLength = 24
}

// MARK: - Writing

extension NeighbourAdvertisement {
    /// The packet from its IPv6 header on.
    package var bytes: [UInt8] {
        var message = self.message(checksum: 0)
        message = self.message(checksum: Self.checksum(of: message, from: source, to: destination))
        var bytes: [UInt8] = []
        bytes.append(bigEndian: UInt32(6) << 28)  // version; traffic class and flow label are zero
        bytes.append(bigEndian: UInt16(message.count))
        bytes.append(Self.nextHeader)
        bytes.append(Self.hopLimit)
        bytes.append(bigEndian: source)
        bytes.append(bigEndian: destination)
        return bytes + message
    }

    private func message(checksum: UInt16) -> [UInt8] {
        var bytes = [Self.icmpType, 0]
        bytes.append(bigEndian: checksum)
        bytes += [flags.rawValue, 0, 0, 0]
        bytes.append(bigEndian: target)
        // The option's length is counted in units of eight bytes.
        if let hardware { bytes += [Self.targetLinkLayerOption, 1] + hardware.bytes }
        return bytes
    }

    /// ICMPv6 counts the pseudo-header of RFC 8200 §8.1 too.
    private static func checksum(of message: [UInt8], from source: UInt128, to destination: UInt128) -> UInt16 {
        var pseudoHeader: [UInt8] = []
        pseudoHeader.append(bigEndian: source)
        pseudoHeader.append(bigEndian: destination)
        pseudoHeader.append(bigEndian: UInt32(message.count))
        pseudoHeader.append(bigEndian: UInt32(nextHeader))
        var checksum = InternetChecksum()
        checksum.add(pseudoHeader)
        checksum.add(message)
        return checksum.value
    }
}

// MARK: - Reading

extension NeighbourAdvertisement {
    /// Reads the payload of an Ethernet frame, with every check of RFC 4861 §7.1.2; filling behind it is ignored.
    package init(_ bytes: [UInt8]) throws(Malformed) {
        let span = unsafe bytes.span.bytes  // unsafe only for types with padding
        var offset = 0
        let length: Int
        (length, source, destination) = try span.readHeader(at: &offset)
        let start = offset
        let message = try span.readBytes(length, at: &offset)
        guard Self.checksum(of: message, from: source, to: destination) == 0 else { throw .invalid("wrong checksum") }
        guard message.count >= Self.messageLength else {
            throw .truncated(needed: Self.messageLength, left: message.count)
        }
        offset = start
        (flags, target) = try span.readMessage(at: &offset)
        hardware = try span.readOptions(at: &offset, end: start + length)
        try checkAddresses()
    }

    private func checkAddresses() throws(Malformed) {
        if Self.isMulticast(target) { throw .invalid("a multicast target") }
        if Self.isMulticast(destination), flags.contains(.solicited) {
            throw .invalid("solicited, yet sent to a multicast address")
        }
    }

    private static func isMulticast(_ address: UInt128) -> Bool { address >> 120 == 0xff }
}

extension RawSpan {
    fileprivate func readHeader(
        at offset: inout Int
    ) throws(Malformed) -> (length: Int, source: UInt128, destination: UInt128) {
        guard try readUInt32(at: &offset) >> 28 == 6 else { throw .invalid("not IPv6") }
        let length = Int(try readUInt16(at: &offset))
        guard try readUInt8(at: &offset) == NeighbourAdvertisement.nextHeader else { throw .invalid("not ICMPv6") }
        // A router would have counted the limit down: 255 proves that the sender is on the link.
        guard try readUInt8(at: &offset) == NeighbourAdvertisement.hopLimit else { throw .invalid("from another link") }
        let source = try readUInt128(at: &offset)
        return (length, source, try readUInt128(at: &offset))
    }

    fileprivate func readMessage(
        at offset: inout Int
    ) throws(Malformed) -> (flags: NeighbourAdvertisement.Flags, target: UInt128) {
        guard try readUInt8(at: &offset) == NeighbourAdvertisement.icmpType, try readUInt8(at: &offset) == 0 else {
            throw .invalid("not a neighbour advertisement")
        }
        _ = try readUInt16(at: &offset)  // checksum, already checked
        // What is reserved is ignored (§4.4).
        let flags = try readUInt32(at: &offset) >> 24 & 0xe0
        return (NeighbourAdvertisement.Flags(rawValue: UInt8(flags)), try readUInt128(at: &offset))
    }

    /// The target link-layer address; other options are skipped.
    fileprivate func readOptions(at offset: inout Int, end: Int) throws(Malformed) -> MACAddress? {
        var hardware: MACAddress?
        while offset < end {
            let type = try readUInt8(at: &offset)
            let length = Int(try readUInt8(at: &offset)) * 8
            guard length > 0 else { throw .invalid("an option of length zero") }
            guard offset - 2 + length <= end else { throw .truncated(needed: length, left: end - offset + 2) }
            let value = try readBytes(length - 2, at: &offset)
            if type == NeighbourAdvertisement.targetLinkLayerOption { hardware = MACAddress(bytes: value) }
        }
        return hardware
    }
}
