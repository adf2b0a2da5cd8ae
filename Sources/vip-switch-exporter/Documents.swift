import Control
import Time

/// What /metrics says.
enum MetricsDocument {
    static func text(_ observation: Observation<StatusReport>, _ figures: Figures, _ answered: [Int: Int]) -> String {
        var text = Exposition()
        switch observation.result {
        case .success(let report):
            text.add(.up, true)
            report.write(to: &text)
        case .failure:
            text.add(.up, false)
        }
        let reasons = Problem.Reason.allCases.map {
            Sample(Double(figures.counts.failures[$0, default: 0]), $0.rawValue)
        }
        text.add(.exporterBuild, [Sample(1, programVersion)])
        text.add(.asked, figures.counts.asked)
        text.add(.failures, reasons)
        text.add(.waited, figures.counts.took)
        text.add(.lastWait, observation.took)
        text.add(.requests, answered.sorted { $0.key < $1.key }.map { Sample(Double($0.value), "\($0.key)") })
        text.add(.clients, figures.clients)
        text.add(.evicted, figures.evicted)
        return text.text
    }
}

/// What /status.json says: what `vip-switch status --json` prints, and what the exporter knows of its age.
///
/// `{"exporter":{"version":…,"answers":…,"problem":…,"reason":…,"took_ms":…},"age_ms":…,"status":{…}}`; where the agent
/// does not answer, `status` is the last that it said, and null where it never did.
enum StatusDocument {
    static func text(_ observation: Observation<ClusterReport>, _ last: Known<ClusterReport>?, at now: Instant)
        -> String
    {
        envelope(observation, last, "status", last?.value.json, at: now)
    }
}

/// What /history.json says: the same, with what `vip-switch history --json` prints as `history`.
enum HistoryDocumentOfAll {
    static func text(_ observation: Observation<HistoryStory>, _ last: Known<HistoryStory>?, at now: Instant) -> String
    {
        envelope(observation, last, "history", last?.value.json, at: now)
    }
}

private func envelope<Value>(
    _ observation: Observation<Value>,
    _ last: Known<Value>?,
    _ name: String,
    _ document: String?,
    at now: Instant
) -> String {
    var problem: Problem?
    if case .failure(let found) = observation.result { problem = found }
    let exporter = JSONValue.object([
        .init("version", .string(programVersion)),
        .init("answers", .boolean(problem == nil)),
        .init("problem", problem.map { .string($0.text) } ?? .null),
        .init("reason", problem.map { .string($0.reason.rawValue) } ?? .null),
        .init("took_ms", .number(observation.took.milliseconds)),
    ])
    let age = last.map { JSONValue.number(now.longestElapsed(since: $0.askedAt).milliseconds) } ?? .null
    return "{\"exporter\":\(exporter.text),\"age_ms\":\(age.text),\"\(name)\":\(document ?? "null")}"
}
