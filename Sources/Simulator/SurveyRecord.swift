/// What became of one seed: short enough to be told by one process to another.
package struct SurveyRecord: Hashable, Sendable {
    package var seed: UInt64
    package var occurrences = 0
    package var terms = 0
    /// Of the holder.
    package var changes = 0
    package var recovery: Nanoseconds?
    /// What to print; nil: no rule was broken.
    package var failure: String?

    package init(seed: UInt64, failure: String? = nil) {
        self.seed = seed
        self.failure = failure
    }

    package static func run(
        _ seed: UInt64,
        _ swarm: Swarm,
        _ reduction: Reduction = .none,
        isMinimised: Bool = true
    ) -> SurveyRecord {
        let outcome = Simulation(Plan.random(seed: seed, swarm).reduced(by: reduction)).run()
        var record = SurveyRecord(seed: seed)
        record.occurrences = outcome.occurrences
        record.terms = outcome.terms
        record.changes = outcome.holdings.count
        record.recovery = outcome.recovery
        if let violation = outcome.violation {
            record.failure = Failure(seed, swarm, violation, reduction, isMinimised: isMinimised).description
        }
        return record
    }
}

extension SurveyRecord {
    /// A line of numbers, and behind it the failure.
    package var text: String {
        let numbers = [Int64(occurrences), Int64(terms), Int64(changes), recovery ?? -1]
        let line = "\(seed) " + numbers.map { "\($0)" }.joined(separator: " ")
        return failure.map { line + "\n" + $0 } ?? line
    }

    /// Nil when it is no record.
    package init?(text: String) {
        let parts = text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
        let words = (parts.first ?? "").split(separator: " ")
        let numbers = words.dropFirst().compactMap { Int64($0) }
        guard let seed = words.first.flatMap({ UInt64($0) }), words.count == 5, numbers.count == 4 else { return nil }
        self.init(seed: seed, failure: parts.count > 1 ? String(parts[1]) : nil)
        occurrences = Int(numbers[0])
        terms = Int(numbers[1])
        changes = Int(numbers[2])
        recovery = numbers[3] < 0 ? nil : numbers[3]
    }
}
