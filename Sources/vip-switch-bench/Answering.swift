/// When a node surely answered on the VIP, from what a prober got that asks this node alone (`probe --stamps yes`).
///
/// Each answer names the time at which its question was sent. A span begins when an answer had arrived and ends when the
/// last question that was answered left: a late look at an answer makes it shorter, never longer. So two spans that overlap
/// prove two nodes that answered, however busy the machine was.
struct Answering {
    /// A longer silence ends a span: the VIP may have been elsewhere meanwhile.
    static let longestGap: Int64 = 10_000_000

    private(set) var spans: [Range<Int64>] = []

    /// - Parameter answers: In order of their arrival.
    init(_ answers: [(sent: Int64, received: Int64)]) {
        var first: Int64?
        var last: Int64 = 0
        for answer in answers {
            if let from = first, answer.sent - last > Self.longestGap { end(from, last, next: &first) }
            if first == nil { first = answer.received }
            last = max(last, answer.sent)
        }
        if let from = first { end(from, last, next: &first) }
    }

    private mutating func end(_ from: Int64, _ last: Int64, next: inout Int64?) {
        if from < last { spans.append(from..<last) }
        next = nil
    }

    init(file: String) throws {
        guard let events = try Event.read(file) else { throw Complaint("nobody has asked \(file)") }
        self.init(
            events.compactMap { event in
                event.words.count > 1 ? Int64(event.words[1]).map { (sent: $0, received: event.time) } : nil
            }
        )
    }
}
