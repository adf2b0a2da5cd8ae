import Control
import HTTP
import Linux
import Time

/// The paths there are.
enum Path: String, CaseIterable {
    case page = "/"
    case metrics = "/metrics"
    case health = "/healthz"
    case leader = "/leader"
    case holder = "/holder"
    case status = "/status.json"
    case history = "/history.json"
}

/// Makes the answers of each path, and counts them.
final class Answers {
    static let methods = ["GET", "HEAD", "OPTIONS"]

    private var answered: [Int: Int] = [:]
    /// The last documents, which may be large, for all who ask until there is a newer one.
    private var shared: [Path: (at: Instant, response: HTTPResponse)] = [:]

    func page(_ request: HTTPRequest) -> HTTPResponse { finish(.page(), request) }

    /// Of the paths that tell of this node's status.
    func answer(
        _ path: Path,
        _ request: HTTPRequest,
        _ observation: Observation<StatusReport>,
        _ figures: Figures
    ) -> HTTPResponse {
        let response: HTTPResponse =
            switch path {
            case .metrics: .metrics(MetricsDocument.text(observation, figures, answered))
            case .health: .verdict(.health(observation.result))
            case .leader: .verdict(.leader(observation.result))
            case .holder: .verdict(.holder(observation.result, query: request.query))
            case .page, .status, .history: preconditionFailure("\(path) tells nothing of this node's status")
            }
        return finish(response, request)
    }

    func status(
        _ request: HTTPRequest,
        _ observation: Observation<ClusterReport>,
        _ last: Known<ClusterReport>?
    ) -> HTTPResponse {
        finish(share(.status, observation.at) { StatusDocument.text(observation, last, at: Clock.now()) }, request)
    }

    func history(
        _ request: HTTPRequest,
        _ observation: Observation<HistoryStory>,
        _ last: Known<HistoryStory>?
    ) -> HTTPResponse {
        finish(
            share(.history, observation.at) { HistoryDocumentOfAll.text(observation, last, at: Clock.now()) },
            request
        )
    }

    func unknown() -> HTTPResponse {
        let paths = JSONValue.array(Path.allCases.map { .string($0.rawValue) })
        return counted(
            .json(404, JSONValue.object([.init("error", .string("no such path")), .init("paths", paths)]).text)
        )
    }

    func notAllowed() -> HTTPResponse {
        let words = "expected GET, HEAD or OPTIONS"
        return counted(.json(405, JSONValue.object([.init("error", .string(words))]).text))
    }

    private func share(_ path: Path, _ at: Instant, _ text: () -> String) -> HTTPResponse {
        if let shared = shared[path], shared.at == at { return shared.response }
        let response = HTTPResponse.json(200, text())
        shared[path] = (at, response)
        return response
    }

    /// OPTIONS is what HAProxy's httpchk sends where nothing else is configured: the status is the answer.
    private func finish(_ response: HTTPResponse, _ request: HTTPRequest) -> HTTPResponse {
        counted(request.method == "OPTIONS" ? response.bare : response)
    }

    private func counted(_ response: HTTPResponse) -> HTTPResponse {
        answered[response.status, default: 0] += 1
        return response
    }
}

extension HTTPResponse {
    fileprivate static func page() -> HTTPResponse {
        let nonce = Page.nonce()
        return make(200, "text/html; charset=utf-8", Page.document(nonce: nonce), policy: Page.policy(nonce: nonce))
    }

    fileprivate static func metrics(_ text: String) -> HTTPResponse { make(200, Exposition.contentType, text) }

    fileprivate static func verdict(_ verdict: Verdict) -> HTTPResponse { json(verdict.status, verdict.body.text) }

    fileprivate static func json(_ status: Int, _ text: String) -> HTTPResponse {
        make(status, "application/json", text + "\n")
    }

    /// The same status without a body.
    fileprivate var bare: HTTPResponse { .make(status, nil, "") }

    private static func make(_ status: Int, _ type: String?, _ text: String, policy: String = quiet) -> HTTPResponse {
        HTTPResponse(
            status: status,
            headers: (type.map { [("Content-Type", $0)] } ?? []) + [
                ("Allow", Answers.methods.joined(separator: ", ")), ("Cache-Control", "no-store"),
                ("Content-Security-Policy", policy), ("X-Content-Type-Options", "nosniff"),
                ("Referrer-Policy", "no-referrer"),
            ],
            body: Array(text.utf8)
        )
    }

    /// For what is no page.
    private static let quiet = "default-src 'none'; frame-ancestors 'none'"
}
