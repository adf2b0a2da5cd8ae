import Configuration
import Control
import HTTP
import Linux
import Time

/// Joins the two ends: what HTTP clients ask, and what the agent says.
final class Exporter {
    private let status: Source<StatusReport>
    private let cluster: Source<ClusterReport>
    private let history: Source<HistoryStory>
    private let answers = Answers()
    private var server: HTTPServer?
    /// Nil before the agent was asked at all.
    private var answered: Bool?

    init(_ listener: consuming TCPListener, asking path: String, on loop: EventLoop) throws(Errno) {
        status = Source(.status, at: path, on: loop)
        cluster = Source(.cluster, at: path, on: loop)
        history = Source(.history, at: path, on: loop)
        server = try HTTPServer(listener, on: loop) { [unowned self] exchange in answer(exchange) }
    }

    /// Answers what is being answered, and calls `finish`.
    func stop(then finish: @escaping () -> Void) {
        guard let server else { return finish() }
        server.stop(within: .milliseconds(1500), then: finish)
    }

    private func answer(_ exchange: HTTPExchange) {
        let request = exchange.request
        guard let path = Path(rawValue: request.path) else { return exchange.respond(with: answers.unknown()) }
        guard Answers.methods.contains(request.method) else { return exchange.respond(with: answers.notAllowed()) }
        switch path {
        case .page: exchange.respond(with: answers.page(request))
        case .status: observeCluster { [unowned self] in exchange.respond(with: answers.status(request, $0, $1)) }
        case .history:
            history.observe { [unowned self] observation in
                exchange.respond(with: answers.history(request, observation, history.last))
            }
        case .metrics, .health, .leader, .holder:
            status.observe { [unowned self] observation in
                note(observation)
                exchange.respond(with: answers.answer(path, request, observation, figures))
            }
        }
    }

    /// An agent of the version before tells of itself alone.
    private func observeCluster(_ body: @escaping (Observation<ClusterReport>, Known<ClusterReport>?) -> Void) {
        cluster.observe { [unowned self] observation in
            guard case .failure(.garbage) = observation.result else { return body(observation, lastKnown) }
            status.observe { [unowned self] observation in
                note(observation)
                body(observation.map { ClusterReport($0, others: []) }, lastKnown)
            }
        }
    }

    /// What the agent said last: all of it, or what it said of itself since.
    private var lastKnown: Known<ClusterReport>? {
        let own = status.last.map { Known(value: ClusterReport($0.value, others: []), askedAt: $0.askedAt) }
        guard let whole = cluster.last else { return own }
        // Load balancers ask a moment after the page did: that is no reason to forget the other nodes.
        let since = own.map { $0.askedAt.longestElapsed(since: whole.askedAt) } ?? .zero
        return since > Self.moment ? own : whole
    }

    private static let moment: Duration = .seconds(10)

    private var figures: Figures {
        Figures(
            counts: status.counts,
            clients: server?.clientCount ?? 0,
            evicted: server?.evicted ?? 0
        )
    }

    /// One line whenever it changes whether the agent answers.
    private func note(_ observation: Observation<StatusReport>) {
        switch observation.result {
        case .success(let report):
            if answered != true { Program.say("the agent answers: node \(quoted(report.node))") }
            answered = true
        case .failure(let problem):
            if answered != false { Program.say(problem.text) }
            answered = false
        }
    }
}

/// What the exporter knows of itself when it answers.
struct Figures {
    var counts = Counts()
    var clients = 0
    var evicted = 0
}
