internal import Configuration
internal import Net

/// What the agent asks of the runner at a reload, told from a request by its first byte: that of a request is the highest
/// of its number, which never gets so far.
enum PlanOrder: Hashable {
    /// Read the configuration; answered by a `PlanAnswer`. Nothing changes yet.
    case prepare(ConfigurationDigest)
    /// Go by what was prepared.
    case adopt(ConfigurationDigest)

    private static let (preparing, adopting): (UInt8, UInt8) = (0xf1, 0xf2)

    var bytes: [UInt8] {
        switch self {
        case .prepare(let digest): Self.bytes(Self.preparing, digest)
        case .adopt(let digest): Self.bytes(Self.adopting, digest)
        }
    }

    private static func bytes(_ kind: UInt8, _ digest: ConfigurationDigest) -> [UInt8] {
        var bytes = [kind]
        bytes.append(bigEndian: digest.bits)
        return bytes
    }

    /// Nil for what is no order about plans.
    init?(_ message: [UInt8]) {
        let bytes = unsafe message.span.bytes
        var offset = 0
        guard let kind = try? bytes.readUInt8(at: &offset), [Self.preparing, Self.adopting].contains(kind),
            let bits = try? bytes.readUInt128(at: &offset), (try? bytes.expectEnd(at: offset)) != nil
        else { return nil }
        let digest = ConfigurationDigest(bits: bits)
        self = kind == Self.preparing ? .prepare(digest) : .adopt(digest)
    }
}

/// The answer to `PlanOrder.prepare`, likewise told from a report.
enum PlanAnswer: Hashable {
    case prepared(ConfigurationDigest)
    case unprepared(String)

    private static let (yes, no): (UInt8, UInt8) = (0xf1, 0xf2)

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        switch self {
        case .prepared(let digest):
            bytes.append(Self.yes)
            bytes.append(bigEndian: digest.bits)
        case .unprepared(let reason):
            bytes.append(Self.no)
            bytes.append(string: String(decoding: reason.utf8.prefix(4096), as: UTF8.self))
        }
        return bytes
    }

    /// Nil for what is no such answer.
    init?(_ message: [UInt8]) {
        let bytes = unsafe message.span.bytes
        var offset = 0
        switch try? bytes.readUInt8(at: &offset) {
        case Self.yes:
            guard let bits = try? bytes.readUInt128(at: &offset) else { return nil }
            self = .prepared(ConfigurationDigest(bits: bits))
        case Self.no:
            guard let reason = try? bytes.readString(at: &offset) else { return nil }
            self = .unprepared(reason)
        default: return nil
        }
    }
}
