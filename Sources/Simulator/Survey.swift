/// Many seeds and what became of them; a sum of records, whoever ran the seeds.
package struct Survey: Sendable {
    package let swarm: Swarm
    package private(set) var runs = 0
    package private(set) var failures = 0
    private var occurrences = 0
    private var terms = 0
    private var changes = 0
    private var recoveries: [Nanoseconds] = []

    package init(_ swarm: Swarm) { self.swarm = swarm }

    /// Runs a seed; returns what to print when it failed.
    package mutating func run(_ seed: UInt64) -> String? {
        let record = SurveyRecord.run(seed, swarm)
        add(record)
        return record.failure
    }

    package mutating func add(_ record: SurveyRecord) {
        runs += 1
        occurrences += record.occurrences
        terms += record.terms
        changes += record.changes
        if let recovery = record.recovery { recoveries.append(recovery) }
        if record.failure != nil { failures += 1 }
    }

    package var summary: String {
        let times = Spread(recoveries)
        return "\(runs) seeds, \(failures) failed; \(occurrences) occurrences, \(terms) leaders, \(changes) changes of "
            + "the holder; recovery median \(times.text(0.5)), 99 % \(times.text(0.99)), worst \(times.text(1))"
    }
}

/// How some times are spread.
package struct Spread: Sendable {
    private let sorted: [Nanoseconds]

    package init(_ times: [Nanoseconds]) { sorted = times.sorted() }

    /// The time that this part of them does not exceed; nil when there are none.
    package func time(_ part: Double) -> Nanoseconds? {
        sorted.isEmpty ? nil : sorted[Int(Double(sorted.count - 1) * part)]
    }

    /// In whole milliseconds.
    func text(_ part: Double) -> String { time(part).map { "\($0 / 1_000_000) ms" } ?? "-" }
}

extension Swarm {
    /// The options of `vip-switch-simulate` that give the same plans.
    package var arguments: [String] {
        var arguments = ["--nodes", "\(nodes.lowerBound)..\(nodes.upperBound)", "--seconds", "\(seconds)"]
        if let profile { arguments += ["--profile", profile.rawValue] }
        if exclusivity != .spared { arguments.append("--\(exclusivity.rawValue)") }
        if let sabotage { arguments += ["--sabotage", sabotage.rawValue] }
        return arguments
    }
}
