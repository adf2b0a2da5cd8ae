import Net
import Time

extension AnnouncementTally {
    init(from span: RawSpan, at offset: inout Int) throws(Malformed) {
        self.init()
        frames.requests = try span.readUInt64(at: &offset)
        frames.replies = try span.readUInt64(at: &offset)
        frames.advertisements = try span.readUInt64(at: &offset)
        frames.failures = try span.readUInt64(at: &offset)
        conflicts = try span.readUInt64(at: &offset)
        defences = try span.readUInt64(at: &offset)
        duplicates = try span.readUInt64(at: &offset)
        guard try span.readFlag(at: &offset) else { return }
        rival = Rival(
            address: try span.readIPAddress(at: &offset),
            hardware: try span.readMACAddress(at: &offset),
            claims: try span.readUInt64(at: &offset),
            lastClaim: try span.readInstant(at: &offset)
        )
    }
}

extension [UInt8] {
    mutating func append(_ tally: AnnouncementTally) {
        append(bigEndian: tally.frames.requests)
        append(bigEndian: tally.frames.replies)
        append(bigEndian: tally.frames.advertisements)
        append(bigEndian: tally.frames.failures)
        append(bigEndian: tally.conflicts)
        append(bigEndian: tally.defences)
        append(bigEndian: tally.duplicates)
        append(flag: tally.rival != nil)
        guard let rival = tally.rival else { return }
        append(rival.address)
        append(contentsOf: rival.hardware.bytes)
        append(bigEndian: rival.claims)
        append(rival.lastClaim)
    }
}
