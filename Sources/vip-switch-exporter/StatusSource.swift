import Control
import Linux
import Time

/// The agent's status for whoever asks: one answer for all who come within a short time.
///
/// Each answer costs the agent's loop a little, so that the exporter asks as rarely as its clients allow, however many they
/// are: a status is good for a quarter of a second, and for longer where it was slow in coming.
final class StatusSource {
    static let freshness: Duration = .milliseconds(250)
    /// A status that took 20 ms is good for 400 ms: the agent spends at most a twentieth of its time on us.
    static let share = 20
    static let longestFreshness: Duration = .seconds(1)
    static let patience: Duration = .seconds(1)

    private let path: String
    private let loop: EventLoop
    private var latest: Observation?
    /// What the agent said last, however long ago.
    private(set) var lastState: AgentState?
    private var waiting: [(Observation) -> Void] = []
    private(set) var counts = Counts()

    struct Counts {
        var asked = 0
        var failures: [StatusProblem.Reason: Int] = [:]
        /// Of all answers and failures, together.
        var took: Duration = .zero
    }

    init(at path: String, on loop: EventLoop) {
        self.path = path
        self.loop = loop
    }

    /// Gives what is known of the agent, at once where that is fresh.
    func observe(_ body: @escaping (Observation) -> Void) {
        if let latest, latest.isFresh(at: Clock.now()) { return body(latest) }
        waiting.append(body)
        if waiting.count == 1 { ask() }
    }

    private func ask() {
        let start = Clock.now()
        _ = ControlQuestion(StatusReport.request, at: path, on: loop, waitingUpTo: Self.patience) { [weak self] outcome in
            self?.heard(outcome, askedAt: start)
        }
    }

    private func heard(_ outcome: ControlQuestion.Outcome, askedAt start: Instant) {
        let now = Clock.now()
        let observation = Observation(result: outcome.state(askedAt: start), at: now, took: now.longestElapsed(since: start))
        counts.asked += 1
        counts.took += observation.took
        switch observation.result {
        case .success(let state): lastState = state
        case .failure(let problem): counts.failures[problem.reason, default: 0] += 1
        }
        latest = observation
        let served = waiting
        waiting = []
        for body in served { body(observation) }
    }
}

/// What came of asking the agent once.
struct Observation {
    var result: Result<AgentState, StatusProblem>
    /// When the answer was there.
    var at: Instant
    var took: Duration

    func isFresh(at now: Instant) -> Bool { now.longestElapsed(since: at) < goodFor }

    /// Whoever does not answer costs nothing: it is asked again soon, whatever the wait.
    private var goodFor: Duration {
        guard case .success = result else { return StatusSource.freshness }
        return min(max(StatusSource.freshness, took * StatusSource.share), StatusSource.longestFreshness)
    }
}

/// What an agent said of itself.
struct AgentState {
    var report: StatusReport
    /// As the agent wrote it: one JSON object.
    var document: String
    /// From when on it may be out of date.
    var askedAt: Instant
}

/// Why there is nothing to tell.
struct StatusProblem: Error, Hashable {
    /// The raw value is a label of a metric.
    enum Reason: String, CaseIterable {
        case absent, denied, silent, broken, garbage, other
    }

    var reason: Reason
    /// A line for people.
    var text: String
}

extension ControlQuestion.Outcome {
    fileprivate func state(askedAt start: Instant) -> Result<AgentState, StatusProblem> {
        switch self {
        case .answer(let document):
            guard let report = StatusReport(json: document) else { return .failure(.garbage) }
            return .success(AgentState(report: report, document: document, askedAt: start))
        case .failure(let failure, let text):
            return .failure(StatusProblem(reason: .init(rawValue: failure.rawValue) ?? .other, text: text))
        }
    }
}

extension StatusProblem {
    fileprivate static let garbage = StatusProblem(
        reason: .garbage,
        text: "what answers on the socket is no agent that this version understands"
    )
}
