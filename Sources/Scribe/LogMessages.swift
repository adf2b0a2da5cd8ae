internal import Net

/// What the agent asks of the log writer; the first byte of a message.
enum LogRequest {
    /// The bytes that follow are a line.
    static let line: UInt8 = 1
    /// SIGUSR1: the file was rotated.
    static let reopen: UInt8 = 2
    /// The bytes that follow are the path of another file, none for standard error.
    static let move: UInt8 = 3
}

/// What the log writer has to say, which is nothing as long as it can write.
enum LogAnswer: Hashable {
    /// The first line that could not be written, and why.
    case failing(String)
    /// Lines are written again; so many were lost.
    case recovered(lost: Int)

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        switch self {
        case .failing(let text):
            bytes.append(1)
            bytes.append(string: text)
        case .recovered(let lost):
            bytes.append(2)
            bytes.append(bigEndian: UInt64(lost))
        }
        return bytes
    }

    init(_ bytes: RawSpan) throws(Malformed) {
        var offset = 0
        switch try bytes.readUInt8(at: &offset) {
        case 1: self = .failing(try bytes.readString(at: &offset))
        case 2: self = .recovered(lost: Int(clamping: try bytes.readUInt64(at: &offset)))
        case let kind: throw .invalid("answer \(kind)")
        }
        try bytes.expectEnd(at: offset)
    }
}
