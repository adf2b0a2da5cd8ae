import Control
import Linux
import Time

/// What the agent answers to one question, for whoever asks here: one answer for all who come within a short time.
///
/// Each answer costs the agent's loop a little, so that it is asked as rarely as our clients allow, however many they are.
final class Source<Value> {
    private let question: Question<Value>
    private let path: String
    private let loop: EventLoop
    private var latest: Observation<Value>?
    /// What the agent said last, however long ago.
    private(set) var last: Known<Value>?
    private var waiting: [(Observation<Value>) -> Void] = []
    private(set) var counts = Counts()

    init(_ question: Question<Value>, at path: String, on loop: EventLoop) {
        self.question = question
        self.path = path
        self.loop = loop
    }

    /// Gives what is known, at once where that is fresh.
    func observe(_ body: @escaping (Observation<Value>) -> Void) {
        if let latest, Clock.now().longestElapsed(since: latest.at) < question.goodFor(latest) { return body(latest) }
        waiting.append(body)
        if waiting.count == 1 { ask() }
    }

    private func ask() {
        let start = Clock.now()
        _ = ControlQuestion(question.line, at: path, on: loop, waitingUpTo: question.patience) { [weak self] outcome in
            self?.hear(outcome, askedAt: start)
        }
    }

    private func hear(_ outcome: ControlQuestion.Outcome, askedAt start: Instant) {
        let now = Clock.now()
        let result = question.result(outcome)
        let observation = Observation(result: result, at: now, took: now.longestElapsed(since: start))
        counts.note(observation)
        if case .success(let value) = result { last = Known(value: value, askedAt: start) }
        latest = observation
        let served = waiting
        waiting = []
        for body in served { body(observation) }
    }
}

/// What came of asking the agent once.
struct Observation<Value> {
    var result: Result<Value, Problem>
    /// When the answer was there.
    var at: Instant
    var took: Duration

    func map<Other>(_ transform: (Value) -> Other) -> Observation<Other> {
        Observation<Other>(result: result.map(transform), at: at, took: took)
    }
}

/// What the agent once said.
struct Known<Value> {
    var value: Value
    /// From when on it may be out of date.
    var askedAt: Instant
}

/// How the asking went, for the metrics.
struct Counts: Hashable {
    var asked = 0
    var failures: [Problem.Reason: Int] = [:]
    /// Of all answers and failures, together.
    var took: Duration = .zero

    mutating func note(_ observation: Observation<some Any>) {
        asked += 1
        took += observation.took
        if case .failure(let problem) = observation.result { failures[problem.reason, default: 0] += 1 }
    }
}
