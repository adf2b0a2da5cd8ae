internal import Configuration
internal import Net

/// What the agent asks of the runner at a reload, told from a request by its first byte: that of a request is the highest
/// of its number, which never gets so far.
enum PlanOrder: Hashable {
    /// Read the configuration; answered by `prepared` or `unprepared` of that number. Nothing changes yet.
    case prepare(ConfigurationDigest, number: UInt64)
    /// Go by what was prepared under that number: answered by `adopted`, and not at all where it is not there.
    case adopt(number: UInt64)

    private static let (preparing, adopting): (UInt8, UInt8) = (0xf1, 0xf2)

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        switch self {
        case .prepare(let digest, let number):
            bytes.append(Self.preparing)
            bytes.append(bigEndian: number)
            bytes.append(bigEndian: digest.bits)
        case .adopt(let number):
            bytes.append(Self.adopting)
            bytes.append(bigEndian: number)
        }
        return bytes
    }

    /// Nil for what is no order about plans.
    init?(_ message: [UInt8]) {
        let bytes = unsafe message.span.bytes
        var offset = 0
        guard let kind = try? bytes.readUInt8(at: &offset), let number = try? bytes.readUInt64(at: &offset) else {
            return nil
        }
        switch kind {
        case Self.preparing:
            guard let bits = try? bytes.readUInt128(at: &offset) else { return nil }
            self = .prepare(ConfigurationDigest(bits: bits), number: number)
        case Self.adopting: self = .adopt(number: number)
        default: return nil
        }
        guard (try? bytes.expectEnd(at: offset)) != nil else { return nil }
    }
}

/// The answer to a `PlanOrder`, likewise told from a report.
enum PlanAnswer: Hashable {
    case prepared(number: UInt64)
    case unprepared(String, number: UInt64)
    case adopted(number: UInt64)

    private static let (yes, no, done): (UInt8, UInt8, UInt8) = (0xf1, 0xf2, 0xf3)

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        switch self {
        case .prepared(let number):
            bytes.append(Self.yes)
            bytes.append(bigEndian: number)
        case .unprepared(let reason, let number):
            bytes.append(Self.no)
            bytes.append(bigEndian: number)
            bytes.append(string: String(decoding: reason.utf8.prefix(4096), as: UTF8.self))
        case .adopted(let number):
            bytes.append(Self.done)
            bytes.append(bigEndian: number)
        }
        return bytes
    }

    /// Nil for what is no such answer.
    init?(_ message: [UInt8]) {
        let bytes = unsafe message.span.bytes
        var offset = 0
        guard let kind = try? bytes.readUInt8(at: &offset), let number = try? bytes.readUInt64(at: &offset) else {
            return nil
        }
        switch kind {
        case Self.yes: self = .prepared(number: number)
        case Self.no:
            guard let reason = try? bytes.readString(at: &offset) else { return nil }
            self = .unprepared(reason, number: number)
        case Self.done: self = .adopted(number: number)
        default: return nil
        }
    }
}
