internal import Hooks
internal import Net
internal import Time

/// What the runner tells the agent about a request.
enum HookReport: Hashable {
    case began(number: UInt64, pid: Int32)
    /// One or more whole lines.
    case output(number: UInt64, stream: HookStream, lines: [String])
    case retrying(number: UInt64, reason: String, after: Duration)
    /// `took`: all its tries together; nil where it never began.
    case ended(number: UInt64, HookOutcome, took: Duration?)
}

/// Which of a hook's two outputs a line came from.
package enum HookStream: UInt8, Hashable, Sendable {
    case output = 1
    case errors = 2
}

extension HookReport {
    var number: UInt64 {
        switch self {
        case .began(let number, _), .output(let number, _, _), .retrying(let number, _, _), .ended(let number, _, _):
            number
        }
    }

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        switch self {
        case .began(let number, let pid):
            bytes.append(kind: 1, number)
            bytes.append(bigEndian: pid)
        case .output(let number, let stream, let lines):
            bytes.append(kind: 2, number)
            bytes.append(stream.rawValue)
            // A line holds no newline, so one separates them.
            bytes += lines.joined(separator: "\n").utf8
        case .retrying(let number, let reason, let interval):
            bytes.append(kind: 3, number)
            bytes.append(bigEndian: interval.nanoseconds)
            bytes.append(string: reason)
        case .ended(let number, let outcome, let took):
            bytes.append(kind: 4, number)
            bytes.append(bigEndian: took?.nanoseconds ?? -1)
            bytes.append(outcome)
        }
        return bytes
    }

    init(_ bytes: RawSpan) throws(Malformed) {
        var offset = 0
        let kind = try bytes.readUInt8(at: &offset)
        let number = try bytes.readUInt64(at: &offset)
        switch kind {
        case 1:
            self = .began(number: number, pid: Int32(bitPattern: try bytes.readUInt32(at: &offset)))
        case 2:
            let stream = HookStream(rawValue: try bytes.readUInt8(at: &offset))
            let text = String(decoding: try bytes.readBytes(bytes.byteCount - offset, at: &offset), as: UTF8.self)
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            self = .output(number: number, stream: stream ?? .errors, lines: lines)
        case 3:
            let interval = Duration.nanoseconds(try bytes.readInt64(at: &offset))
            self = .retrying(number: number, reason: try bytes.readString(at: &offset), after: interval)
        case 4:
            let nanoseconds = try bytes.readInt64(at: &offset)
            let took = nanoseconds < 0 ? nil : Duration.nanoseconds(nanoseconds)
            self = .ended(number: number, try HookOutcome(bytes, at: &offset), took: took)
        default:
            throw .invalid("report \(kind)")
        }
        try bytes.expectEnd(at: offset)
    }
}

extension [UInt8] {
    fileprivate mutating func append(kind: UInt8, _ number: UInt64) {
        append(kind)
        append(bigEndian: number)
    }

    fileprivate mutating func append(_ outcome: HookOutcome) {
        switch outcome {
        case .succeeded: append(1)
        case .failed(let reason, let aborts):
            append(aborts ? 3 : 2)
            append(string: reason)
        case .undone: append(4)
        case .notConfigured: append(5)
        }
    }
}

extension HookOutcome {
    fileprivate init(_ bytes: RawSpan, at offset: inout Int) throws(Malformed) {
        switch try bytes.readUInt8(at: &offset) {
        case 1: self = .succeeded
        case 2: self = .failed(try bytes.readString(at: &offset), aborts: false)
        case 3: self = .failed(try bytes.readString(at: &offset), aborts: true)
        case 4: self = .undone
        case 5: self = .notConfigured
        case let kind: throw .invalid("outcome \(kind)")
        }
    }
}
