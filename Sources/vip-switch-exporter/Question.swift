import Control
import Time

/// One of the lines that the agent answers, and how often it may be troubled with it.
struct Question<Value>: Sendable {
    var line: String
    var patience: Duration
    /// For how long an answer is good.
    var freshness: Duration
    /// An answer that took long is good for so many times as long, so that the agent spends a small share of its time on us …
    var share: Int
    /// … but not for longer than this.
    var longestFreshness: Duration
    /// Nil for what is no answer.
    var read: @Sendable (String) -> Value?

    func goodFor(_ observation: Observation<Value>) -> Duration {
        // Whoever does not answer costs nothing: it is asked again soon, whatever the wait.
        guard case .success = observation.result else { return Self.pause }
        return min(max(freshness, observation.took * share), longestFreshness)
    }

    private static var pause: Duration { .milliseconds(250) }

    func result(_ outcome: ControlQuestion.Outcome) -> Result<Value, Problem> {
        switch outcome {
        case .answer(let document): read(document).map(Result.success) ?? .failure(.garbage)
        case .failure(let failure, let text):
            .failure(Problem(reason: Problem.Reason(rawValue: failure.rawValue) ?? .other, text: text))
        }
    }
}

/// Why there is no answer.
struct Problem: Error, Hashable {
    /// The raw value is a label of a metric.
    enum Reason: String, CaseIterable {
        case absent, denied, silent, broken, garbage, other
    }

    var reason: Reason
    /// A line for people.
    var text: String

    static let garbage = Problem(
        reason: .garbage,
        text: "what answers on the socket is no agent that this version understands"
    )
}

extension Question where Value == StatusReport {
    /// Of this node alone: for the metrics, and for what load balancers ask.
    static let status = Question(
        line: StatusReport.request,
        patience: .seconds(1),
        freshness: .milliseconds(250),
        share: 20,
        longestFreshness: .seconds(1),
        read: { StatusReport(json: $0) }
    )
}

extension Question where Value == ClusterReport {
    /// Of all nodes, which the agent asks; for the page.
    static let cluster = Question(
        line: StatusReport.requestOfAll,
        // The agent itself waits for half a second.
        patience: .seconds(2),
        freshness: .milliseconds(900),
        share: 20,
        longestFreshness: .seconds(2),
        read: { answer in
            var answers = answer.split(separator: "\n").compactMap { ClusterReport.Answer(json: String($0)) }
            // An agent of the version before answers that it does not know the question.
            guard let own = answers.first?.report else { return nil }
            answers.removeFirst()
            return ClusterReport(own, others: answers)
        }
    )
}

extension Question where Value == HistoryStory {
    /// Asked for the page only; every node is asked for its part.
    static let history = Question(
        line: HistoryDocument.requestOfAll,
        patience: .seconds(4),
        freshness: .seconds(5),
        share: 20,
        longestFreshness: .seconds(60),
        read: { answer in
            let lines = answer.split(separator: "\n")
            let documents = lines.compactMap { HistoryDocument(json: String($0)) }
            // An agent of the version before answers that it does not know the question.
            guard !documents.isEmpty, documents.count == lines.count else { return nil }
            return HistoryStory(documents).only(since: nil, node: nil, latest: mostEntries)
        }
    )

    private static var mostEntries: Int { 200 }
}
