internal import Net
internal import Time

/// What the scribe says about one request: a number in eight bytes, then the record.
enum ScribeAnswer: Hashable {
    case persisted(number: UInt64, syncTime: Duration)
    case failed(String)

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
        case let kind: throw .invalid("answer \(kind)")
        }
        try bytes.expectEnd(at: offset)
    }
}
