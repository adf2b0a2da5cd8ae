/// The runs of one study: how the times are spread, beside what the arithmetic says.
package struct FailoverReport: Sendable {
    package let study: FailoverStudy
    private var runs: [FailoverRun] = []

    package init(_ study: FailoverStudy) { self.study = study }

    package mutating func add(_ run: FailoverRun) { runs.append(run) }

    package var failures: [FailoverRun] { runs.filter { $0.time == nil } }

    private var times: [Nanoseconds] { runs.compactMap(\.time) }
    private var bound: FailoverBound { FailoverBound(study.plan(seed: 1)) }

    package var text: String {
        let histogram = Histogram(times, marks: [(bound.least, "least"), (bound.latest, "latest")])
        return ([title] + bound.formula + histogram.lines + [spread, outside, campaigns] + failed)
            .joined(separator: "\n")
    }

    private var title: String {
        "\(study.profile.rawValue), \(study.nodes) nodes, the holder \(study.silence.words): \(runs.count) runs, "
            + "milliseconds from the fault to the address on the next holder"
    }

    private var spread: String {
        let spread = Spread(times)
        func at(_ part: Double) -> String { spread.time(part).map(ms) ?? "-" }
        return "shortest \(at(0)), median \(at(0.5)), 99 % \(at(0.99)), worst \(at(1)) ms"
    }

    /// What the bound leaves out, see there: such runs are named, for somebody to look.
    private var outside: String {
        let early = runs.filter { $0.time.map { $0 < bound.least } ?? false }
        let late = runs.filter { $0.time.map { $0 > bound.latest } ?? false }.sorted { ($0.time ?? 0) > ($1.time ?? 0) }
        return "outside: \(early.count) sooner than least\(seeds(early)), \(late.count) later than latest\(seeds(late))"
    }

    private func seeds(_ runs: [FailoverRun]) -> String {
        guard !runs.isEmpty else { return "" }
        let numbers = runs.prefix(Self.namedSeeds).map { "\($0.seed)" }.joined(separator: " ")
        return " (seeds \(numbers)\(runs.count > Self.namedSeeds ? " …" : ""))"
    }

    private static let namedSeeds = 12

    private var campaigns: String {
        let lost = runs.count { $0.lostTerms > 0 }
        let terms = runs.reduce(0) { $0 + $1.lostTerms }
        return "the first campaign was split or lost in \(lost) runs (\(terms) terms)"
    }

    private var failed: [String] { failures.map { "seed \($0.seed): nobody took over, or a rule was broken" } }
}
