internal import Configuration
internal import Hooks
internal import Net

/// A hook request on its way from the agent to the runner.
extension HookRequest {
    private static let events: [HookEvent] = [
        .toReady, .toMaster, .toSlave, .toDestroy, .beforeMaster, .beforeSlave,
    ]
    private static let noGroup = UInt32.max

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: number)
        bytes.append(UInt8(Self.events.firstIndex(of: event) ?? 0))
        bytes.append(bigEndian: group.map { UInt32($0) } ?? Self.noGroup)
        bytes.append(bigEndian: term)
        return bytes
    }

    init(_ bytes: RawSpan) throws(Malformed) {
        var offset = 0
        let number = try bytes.readUInt64(at: &offset)
        let event = Int(try bytes.readUInt8(at: &offset))
        guard Self.events.indices.contains(event) else { throw .invalid("event \(event)") }
        let group = try bytes.readUInt32(at: &offset)
        let term = try bytes.readUInt64(at: &offset)
        try bytes.expectEnd(at: offset)
        self.init(
            number: number,
            event: Self.events[event],
            group: group == Self.noGroup ? nil : Int(group),
            term: term
        )
    }
}
