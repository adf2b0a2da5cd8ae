internal import Net
internal import Time

/// What the scribe says about one request: a number in eight bytes, then the record, or lines of the history.
enum ScribeAnswer: Hashable {
    case persisted(number: UInt64, syncTime: Duration)
    case failed(String)
    /// Lines of the history were written, but for so many.
    case noted(lost: Int, reason: String)

    /// The number of a request that is none of the election's.
    static let history = UInt64.max

    /// Persists the request's record, unless an earlier one failed.
    ///
    /// After a failed fsync(2) the kernel may have thrown the pages away and report success the next time: nothing is
    /// written any more.
    init(to request: [UInt8], _ failure: inout String?, _ persist: ([UInt8]) throws -> Duration) {
        if let failure {
            self = .failed(failure)
            return
        }
        do {
            let bytes = unsafe request.span.bytes
            var offset = 0
            let number = try bytes.readUInt64(at: &offset)
            let record = try bytes.readBytes(bytes.byteCount - offset, at: &offset)
            self = .persisted(number: number, syncTime: try persist(record))
        } catch {
            failure = "\(error)"
            self = .failed("\(error)")
        }
    }

    /// Nil for a request of the election.
    static func historyLines(in request: [UInt8]) -> [UInt8]? {
        let bytes = unsafe request.span.bytes
        var offset = 0
        guard let number = try? bytes.readUInt64(at: &offset), number == history else { return nil }
        return Array(request.dropFirst(offset))
    }

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        switch self {
        case .persisted(let number, let syncTime):
            bytes.append(1)
            bytes.append(bigEndian: number)
            bytes.append(bigEndian: syncTime.nanoseconds)
        case .failed(let text):
            bytes.append(2)
            bytes.append(string: String(decoding: text.utf8.prefix(4096), as: UTF8.self))
        case .noted(let lost, let reason):
            bytes.append(3)
            bytes.append(bigEndian: UInt64(lost))
            bytes.append(string: String(decoding: reason.utf8.prefix(4096), as: UTF8.self))
        }
        return bytes
    }

    init(_ bytes: RawSpan) throws(Malformed) {
        var offset = 0
        switch try bytes.readUInt8(at: &offset) {
        case 1:
            let number = try bytes.readUInt64(at: &offset)
            self = .persisted(number: number, syncTime: .nanoseconds(try bytes.readInt64(at: &offset)))
        case 2: self = .failed(try bytes.readString(at: &offset))
        case 3:
            let lost = Int(clamping: try bytes.readUInt64(at: &offset))
            self = .noted(lost: lost, reason: try bytes.readString(at: &offset))
        case let kind: throw .invalid("answer \(kind)")
        }
        try bytes.expectEnd(at: offset)
    }
}
