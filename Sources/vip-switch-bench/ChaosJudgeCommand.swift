/// Whether nothing was found.
func chaosJudge(_ options: Options) throws -> Bool {
    let directory = try options.required("run")
    guard let bound = Int64(try options.required("bound")), let count = Int(try options.required("nodes")) else {
        throw Complaint("--bound and --nodes are numbers")
    }
    let deeds = try Deeds(directory: directory)
    guard let exclusivity = ChaosJudge.Exclusivity(rawValue: try options.required("exclusivity")) else {
        throw Complaint("--exclusivity is prompt, strict or fenced")
    }
    var judge = ChaosJudge(
        deeds: deeds,
        holdings: try Recording.holdings(of: (1...count).map { "n\($0)" }, in: directory, until: deeds.end),
        answers: try Recording.answers(in: directory),
        exclusivity: exclusivity,
        bound: bound * 1_000_000
    )
    if exclusivity == .fenced {
        for node in judge.nodes { judge.answering[node] = try Answering(file: "\(directory)/alone-\(node)").spans }
    }
    if options["tail"] != nil {
        print(judge.story(around: deeds.end..<deeds.end).joined(separator: "\n"))
        return true
    }
    let violations = judge.violations
    // The first is where to look; the others mostly follow from it.
    for violation in violations.prefix(5) {
        print("VIOLATION: \(violation.text)")
        print(judge.story(around: violation.span).joined(separator: "\n"))
    }
    if violations.isEmpty {
        let overlaps = judge.overlaps
        let total = overlaps.reduce(0) { $0 + $1.upperBound - $1.lowerBound }
        print("on two nodes in the documented cases: \(overlaps.count) times, \(milliseconds(total)) ms")
    }
    return violations.isEmpty
}

extension Recording {
    static func holdings(
        of nodes: [String],
        in directory: String,
        until end: Int64
    ) throws -> [String: [Range<Int64>]] {
        var holdings: [String: [Range<Int64>]] = [:]
        for node in nodes {
            guard let events = try Event.read("\(directory)/holdings-\(node)") else {
                throw Complaint("nobody has observed \(node) in \(directory)")
            }
            holdings[node] = ranges(events.map { ($0.time, $0.words.first == "+") }, until: end)
        }
        return holdings
    }

    static func answers(in directory: String) throws -> [(time: Int64, node: String)] {
        guard let events = try Event.read("\(directory)/answers") else { throw Complaint("no answers in \(directory)") }
        return events.compactMap { event in event.words.first.map { (event.time, $0) } }
    }
}
