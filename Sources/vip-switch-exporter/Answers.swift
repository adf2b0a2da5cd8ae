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

    init?(_ path: String) { self.init(rawValue: path) }

    /// The page is the same whatever the agent says.
    var asksAgent: Bool { self != .page }
}

/// Makes the answers of each path, and counts them.
final class Answers {
    private var answered: [Int: Int] = [:]
    /// The last document of /status.json, which may be large, for all who ask within the same quarter of a second.
    private var shared: (at: Instant, response: HTTPResponse)?

    func answer(
        _ path: Path,
        _ request: HTTPRequest,
        _ observation: Observation?,
        _ figures: Figures
    ) -> HTTPResponse {
        let response =
            switch request.method {
            case "GET", "HEAD": content(path, request, observation, figures)
            // What HAProxy's httpchk sends where nothing else is configured: the status is the answer.
            case "OPTIONS": content(path, request, observation, figures).bare
            default: Self.notAllowed
            }
        return counted(response)
    }

    func unknown(_ request: HTTPRequest) -> HTTPResponse {
        let paths = Path.allCases.map { JSONValue.string($0.rawValue) }
        let text = JSONValue.object([.init("error", .string("no such path")), .init("paths", .array(paths))]).text
        return counted(.json(404, text))
    }

    private func content(
        _ path: Path,
        _ request: HTTPRequest,
        _ observation: Observation?,
        _ figures: Figures
    ) -> HTTPResponse {
        guard let observation else { return .page() }
        let report = observation.result.map(\.report)
        switch path {
        case .page: return .page()
        case .metrics: return .metrics(observation, figures, answered)
        case .health: return .verdict(.health(report))
        case .leader: return .verdict(.leader(report))
        case .holder: return .verdict(.holder(report, query: request.query))
        case .status: return status(observation, figures)
        }
    }

    private func status(_ observation: Observation, _ figures: Figures) -> HTTPResponse {
        if let shared, shared.at == observation.at { return shared.response }
        let response = HTTPResponse.json(200, StatusDocument.text(observation, figures.lastState, at: Clock.now()))
        shared = (observation.at, response)
        return response
    }

    private func counted(_ response: HTTPResponse) -> HTTPResponse {
        answered[response.status, default: 0] += 1
        return response
    }

    private static var notAllowed: HTTPResponse {
        .json(405, JSONValue.object([.init("error", .string("expected GET, HEAD or OPTIONS"))]).text)
    }
}

extension HTTPResponse {
    fileprivate static func page() -> HTTPResponse {
        let nonce = Page.nonce()
        return make(200, "text/html; charset=utf-8", Page.document(nonce: nonce), policy: Page.policy(nonce: nonce))
    }

    fileprivate static func metrics(
        _ observation: Observation,
        _ figures: Figures,
        _ answered: [Int: Int]
    ) -> HTTPResponse {
        make(200, Exposition.contentType, MetricsDocument.text(observation, figures, answered))
    }

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
                ("Allow", "GET, HEAD, OPTIONS"), ("Cache-Control", "no-store"), ("Content-Security-Policy", policy),
                ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"),
            ],
            body: Array(text.utf8)
        )
    }

    /// For what is no page.
    private static let quiet = "default-src 'none'; frame-ancestors 'none'"
}
