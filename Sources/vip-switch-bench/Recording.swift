/// What one run left in its folder: `marks`, `answers`, and of the nodes `holdings-n1` … and perhaps `direct-n1` …
struct Recording {
    /// What was done to which node.
    enum Mark: String {
        /// The thing that the run is about.
        case fault
        /// The first of the agents of a whole cluster is being started.
        case start
        /// From here on nothing of the node reaches the segment.
        case cut
        /// From here on it may again.
        case mend
        /// The node's agent is started or goes on.
        case back
        case end
    }

    var marks: [(time: Int64, mark: Mark, node: String)] = []
    var answers: [(time: Int64, node: String)] = []
    /// When each node answered one who asks that node and no other, in order; empty where nobody did.
    var direct: [String: [Int64]] = [:]
    /// When each node had the VIP, in order and without overlap.
    var holdings: [String: [Range<Int64>]] = [:]

    init() {}

    init(directory: String) throws {
        for event in try Event.read("\(directory)/marks") ?? [] {
            guard let word = event.words.first, let mark = Mark(rawValue: word) else { continue }
            marks.append((event.time, mark, event.words.count > 1 ? event.words[1] : ""))
        }
        answers =
            try Event.read("\(directory)/answers")?.compactMap { event in
                event.words.first.map { (event.time, $0) }
            } ?? []
        var number = 1
        while let events = try Event.read("\(directory)/holdings-n\(number)") {
            holdings["n\(number)"] = Self.ranges(events.map { ($0.time, $0.words.first == "+") }, until: end)
            if let answers = try Event.read("\(directory)/direct-n\(number)") {
                direct["n\(number)"] = answers.map(\.time)
            }
            number += 1
        }
    }

    /// The last moment that counts: when everything is taken down the nodes let go in any order.
    var end: Int64 { marks.last { $0.mark == .end }?.time ?? .max }

    /// The moment of the first mark of that kind.
    func moment(of mark: Mark) -> Int64? { marks.first { $0.mark == mark }?.time }

    /// The first fault and the node that it hit.
    var fault: (time: Int64, node: String)? {
        marks.first { $0.mark == .fault }.map { ($0.time, $0.node) }
    }

    /// When nothing of the node could reach the segment.
    func cuts(of node: String) -> [Range<Int64>] {
        let changes = marks.filter { $0.node == node && ($0.mark == .cut || $0.mark == .mend) }
        return Self.ranges(changes.map { ($0.time, $0.mark == .cut) }, until: end)
    }

    static func ranges(_ changes: [(time: Int64, isOn: Bool)], until end: Int64) -> [Range<Int64>] {
        var ranges: [Range<Int64>] = []
        var start: Int64?
        for (time, isOn) in changes where time < end {
            if isOn {
                start = start ?? time
            } else if let from = start.take() {
                ranges.append(from..<time)
            }
        }
        if let start { ranges.append(start..<end) }
        return ranges
    }
}
