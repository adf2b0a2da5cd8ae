import Control
import HTTP
import Linux
import Net
import Time

/// Joins the two ends: what HTTP clients ask, and what the agent says.
final class Exporter {
    private let source: StatusSource
    private let answers = Answers()
    private var server: HTTPServer?
    private var lastReason: StatusProblem.Reason?
    private var hasHeard = false

    init(_ listener: consuming TCPListener, asking path: String, on loop: EventLoop) throws(Errno) {
        source = StatusSource(at: path, on: loop)
        server = try HTTPServer(listener, on: loop) { [unowned self] exchange in answer(exchange) }
    }

    /// Answers what is being answered, and calls `finish`.
    func stop(then finish: @escaping () -> Void) {
        guard let server else { return finish() }
        server.stop(within: .milliseconds(1500), then: finish)
    }

    private func answer(_ exchange: HTTPExchange) {
        guard let path = Path(exchange.request.path) else {
            return exchange.respond(with: answers.unknown(exchange.request))
        }
        guard path.asksAgent, ["GET", "HEAD", "OPTIONS"].contains(exchange.request.method) else {
            return exchange.respond(with: answers.answer(path, exchange.request, nil, figures))
        }
        source.observe { [unowned self] observation in
            note(observation)
            exchange.respond(with: answers.answer(path, exchange.request, observation, figures))
        }
    }

    private var figures: Figures {
        Figures(
            source: source.counts,
            lastState: source.lastState,
            clients: server?.clientCount ?? 0,
            evicted: server?.evicted ?? 0
        )
    }

    /// One line whenever it changes whether the agent answers.
    private func note(_ observation: Observation) {
        let reason: StatusProblem.Reason?
        let line: String
        switch observation.result {
        case .success(let state): (reason, line) = (nil, "the agent answers: \(state.report.node)")
        case .failure(let problem): (reason, line) = (problem.reason, problem.text)
        }
        guard !hasHeard || reason != lastReason else { return }
        (hasHeard, lastReason) = (true, reason)
        Program.say(line)
    }
}

/// What the exporter knows of itself when it answers.
struct Figures {
    var source: StatusSource.Counts
    var lastState: AgentState?
    var clients: Int
    var evicted: Int
}
