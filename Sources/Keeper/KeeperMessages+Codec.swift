package import Net
import Raft
import Time

/// Bytes of a name and of a line; longer lines are cut.
private let longestName = KeeperPlan.Limit.name
private let longestText = 4_096
private let mostFields = 16
/// Why a plan cannot be followed; together they fit into one message.
private let mostReasons = 32
private let longestReason = 1_024

extension KeeperRequest {
    private enum Kind: UInt8 { case will = 1, hold, release, announce, stop, prepare, adopt, forget }

    package func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        switch self {
        case .will(let will):
            bytes.append(Kind.will.rawValue)
            bytes.append(bigEndian: will.term.number)
            bytes.append(bigEndian: UInt16(will.datagrams.count))
            for datagram in will.datagrams {
                bytes.append(datagram.recipient)
                bytes.append(bigEndian: UInt16(datagram.bytes.count))
                bytes.append(contentsOf: datagram.bytes)
            }
        case .hold(let group, let term, let until):
            bytes.append(Kind.hold.rawValue)
            bytes.append(string: group)
            bytes.append(bigEndian: term.number)
            bytes.append(until)
        case .release(let scope, let term):
            bytes.append(Kind.release.rawValue)
            bytes.append(scope)
            bytes.append(bigEndian: term.number)
        case .announce(let group):
            bytes.append(Kind.announce.rawValue)
            bytes.append(string: group)
        case .prepare(let digest, let number):
            bytes.append(Kind.prepare.rawValue)
            bytes.append(bigEndian: digest.bits)
            bytes.append(bigEndian: number.count)
        case .adopt(let number):
            bytes.append(Kind.adopt.rawValue)
            bytes.append(bigEndian: number.count)
        case .forget: bytes.append(Kind.forget.rawValue)
        case .stop:
            bytes.append(Kind.stop.rawValue)
        }
        return bytes
    }

    package init(decoding bytes: [UInt8]) throws(Malformed) {
        let span = unsafe bytes.span.bytes
        var offset = 0
        let kind = try span.readUInt8(at: &offset)
        switch Kind(rawValue: kind) {
        case .will: self = .will(try LastWill(from: span, at: &offset))
        case .hold:
            let group = try span.readText(upTo: longestName, at: &offset)
            let term = Term(try span.readUInt64(at: &offset))
            self = .hold(group: group, term, until: try span.readInstant(at: &offset))
        case .release:
            let scope = try span.readScope(at: &offset)
            self = .release(scope, Term(try span.readUInt64(at: &offset)))
        case .announce: self = .announce(group: try span.readText(upTo: longestName, at: &offset))
        case .prepare:
            let digest = PlanDigest(bits: try span.readUInt128(at: &offset))
            self = .prepare(digest, PlanNumber(try span.readUInt64(at: &offset)))
        case .adopt: self = .adopt(PlanNumber(try span.readUInt64(at: &offset)))
        case .forget: self = .forget
        case .stop: self = .stop
        case nil: throw .invalid("a request of kind \(kind)")
        }
        try span.expectEnd(at: offset)
    }
}

extension LastWill {
    fileprivate init(from span: RawSpan, at offset: inout Int) throws(Malformed) {
        term = Term(try span.readUInt64(at: &offset))
        datagrams = []
        for _ in 0..<(try span.readCount(upTo: Limit.datagrams, at: &offset)) {
            let recipient = try span.readEndpoint(at: &offset)
            let length = try span.readCount(upTo: Limit.bytes, at: &offset)
            datagrams.append(Datagram(recipient: recipient, bytes: try span.readBytes(length, at: &offset)))
        }
    }
}

extension KeeperReport {
    private enum Kind: UInt8 {
        case ready = 1, refused, held, released, expired, notice, allOff, tallied, contested, link
        case late = 16, assigning, overran
        case prepared = 24, unprepared, adopted, settled
    }

    package func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        switch self {
        case .ready:
            bytes.append(Kind.ready.rawValue)
        case .refused(let text):
            bytes.append(Kind.refused.rawValue)
            bytes.append(text: text, upTo: longestText)
        case .held(let group, let term, let failures):
            bytes.append(Kind.held.rawValue)
            bytes.append(string: group)
            bytes.append(bigEndian: term.number)
            bytes.append(flag: failures != nil)
            if let failures { bytes.append(text: failures, upTo: longestText) }
        case .assigning(let group, let term, let left):
            bytes.append(Kind.assigning.rawValue)
            bytes.append(string: group)
            bytes.append(bigEndian: term.number)
            bytes.append(bigEndian: left)
        case .released(let scope, let term):
            bytes.append(Kind.released.rawValue)
            bytes.append(scope)
            bytes.append(bigEndian: term.number)
        case .overran(let time, let allowed):
            bytes.append(Kind.overran.rawValue)
            bytes.append(min(max(time, .zero), KeeperPlan.Limit.interval))
            bytes.append(allowed)
        case .expired(let group, let term):
            bytes.append(Kind.expired.rawValue)
            bytes.append(string: group)
            bytes.append(bigEndian: term.number)
        case .link(let group, let fault):
            bytes.append(Kind.link.rawValue)
            bytes.append(string: group)
            bytes.append(flag: fault != nil)
            if let fault { bytes.append(text: fault, upTo: longestText) }
        case .contested(let group, let text):
            bytes.append(Kind.contested.rawValue)
            bytes.append(string: group)
            bytes.append(flag: text != nil)
            if let text { bytes.append(text: text, upTo: longestText) }
        case .notice(let notice):
            bytes.append(Kind.notice.rawValue)
            bytes.append(notice)
        case .late(let lateness):
            bytes.append(Kind.late.rawValue)
            bytes.append(bigEndian: lateness.nanoseconds)
        case .prepared(let digest, let number):
            bytes.append(Kind.prepared.rawValue)
            bytes.append(bigEndian: digest.bits)
            bytes.append(bigEndian: number.count)
        case .unprepared(let reasons, let number):
            bytes.append(Kind.unprepared.rawValue)
            bytes.append(bigEndian: number.count)
            bytes.append(bigEndian: UInt16(min(reasons.count, mostReasons)))
            for reason in reasons.prefix(mostReasons) { bytes.append(text: reason, upTo: longestReason) }
        case .adopted(let number):
            bytes.append(Kind.adopted.rawValue)
            bytes.append(bigEndian: number.count)
        case .settled: bytes.append(Kind.settled.rawValue)
        case .allOff:
            bytes.append(Kind.allOff.rawValue)
        case .tallied(let group, let tally):
            bytes.append(Kind.tallied.rawValue)
            bytes.append(string: group)
            bytes.append(tally)
        }
        return bytes
    }

    package init(decoding bytes: [UInt8]) throws(Malformed) {
        let span = unsafe bytes.span.bytes
        var offset = 0
        let kind = try span.readUInt8(at: &offset)
        switch Kind(rawValue: kind) {
        case .ready: self = .ready
        case .refused: self = .refused(try span.readText(upTo: longestText, at: &offset))
        case .held:
            let group = try span.readText(upTo: longestName, at: &offset)
            let term = Term(try span.readUInt64(at: &offset))
            self = .held(group: group, term, failures: try span.readOptionalText(at: &offset))
        case .assigning:
            let group = try span.readText(upTo: longestName, at: &offset)
            let term = Term(try span.readUInt64(at: &offset))
            self = .assigning(group: group, term, left: try span.readUInt32(at: &offset))
        case .overran:
            let time = try span.readDuration(at: &offset)
            self = .overran(time, allowed: try span.readDuration(at: &offset))
        case .released:
            let scope = try span.readScope(at: &offset)
            self = .released(scope, Term(try span.readUInt64(at: &offset)))
        case .expired:
            let group = try span.readText(upTo: longestName, at: &offset)
            self = .expired(group: group, Term(try span.readUInt64(at: &offset)))
        case .link:
            let group = try span.readText(upTo: longestName, at: &offset)
            self = .link(group: group, fault: try span.readOptionalText(at: &offset))
        case .contested:
            let group = try span.readText(upTo: longestName, at: &offset)
            self = .contested(group: group, try span.readOptionalText(at: &offset))
        case .notice: self = .notice(try KeeperNotice(from: span, at: &offset))
        case .late: self = .late(.nanoseconds(try span.readInt64(at: &offset)))
        case .prepared:
            let digest = PlanDigest(bits: try span.readUInt128(at: &offset))
            self = .prepared(digest, PlanNumber(try span.readUInt64(at: &offset)))
        case .unprepared:
            let number = PlanNumber(try span.readUInt64(at: &offset))
            var reasons: [String] = []
            for _ in 0..<(try span.readCount(upTo: mostReasons, at: &offset)) {
                reasons.append(try span.readText(upTo: longestReason, at: &offset))
            }
            self = .unprepared(reasons, number)
        case .adopted: self = .adopted(PlanNumber(try span.readUInt64(at: &offset)))
        case .settled: self = .settled
        case .allOff: self = .allOff
        case .tallied:
            let group = try span.readText(upTo: longestName, at: &offset)
            self = .tallied(group: group, try AnnouncementTally(from: span, at: &offset))
        case nil: throw .invalid("a report of kind \(kind)")
        }
        try span.expectEnd(at: offset)
    }
}

extension KeeperNotice {
    fileprivate init(from span: RawSpan, at offset: inout Int) throws(Malformed) {
        let number = try span.readUInt8(at: &offset)
        guard let event = Event(rawValue: number) else { throw .invalid("a notice of kind \(number)") }
        self.init(event)
        for _ in 0..<(try span.readCount(upTo: mostFields, at: &offset)) {
            let name = try span.readText(upTo: longestName, at: &offset)
            fields.append(Field(name, try span.readText(upTo: longestText, at: &offset)))
        }
    }
}

extension RawSpan {
    fileprivate func readOptionalText(at offset: inout Int) throws(Malformed) -> String? {
        try readFlag(at: &offset) ? try readText(upTo: longestText, at: &offset) : nil
    }

    fileprivate func readScope(at offset: inout Int) throws(Malformed) -> KeeperScope {
        let isAll = try readFlag(at: &offset)
        let name = try readText(upTo: isAll ? 0 : longestName, at: &offset)
        return isAll ? .all : .group(name)
    }
}

extension [UInt8] {
    fileprivate mutating func append(_ scope: KeeperScope) {
        switch scope {
        case .all:
            append(flag: true)
            append(string: "")
        case .group(let name):
            append(flag: false)
            append(string: name)
        }
    }

    fileprivate mutating func append(_ notice: KeeperNotice) {
        append(notice.event.rawValue)
        append(bigEndian: UInt16(Swift.min(notice.fields.count, mostFields)))
        for field in notice.fields.prefix(mostFields) {
            append(text: field.name, upTo: longestName)
            append(text: field.value, upTo: longestText)
        }
    }
}
