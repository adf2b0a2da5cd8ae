import Control
import Time

/// What /metrics says.
enum MetricsDocument {
    static func text(_ observation: Observation, _ figures: Figures, _ answered: [Int: Int]) -> String {
        var text = Exposition()
        switch observation.result {
        case .success(let state):
            text.add(.up, true)
            state.report.write(to: &text)
        case .failure:
            text.add(.up, false)
        }
        text.add(.exporterBuild, [Sample(1, programVersion)])
        text.add(.asked, figures.source.asked)
        text.add(
            .failures,
            StatusProblem.Reason.allCases.map { Sample(Double(figures.source.failures[$0, default: 0]), $0.rawValue) }
        )
        text.add(.waited, figures.source.took)
        text.add(.lastWait, observation.took)
        text.add(.requests, answered.sorted { $0.key < $1.key }.map { Sample(Double($0.value), "\($0.key)") })
        text.add(.clients, figures.clients)
        text.add(.evicted, figures.evicted)
        return text.text
    }
}

/// What /status.json says: the agent's own document, and what the exporter knows of its age.
///
/// `{"exporter":{"version":…,"answers":…,"problem":…,"reason":…,"took_ms":…},"age_ms":…,"status":{…}}`; where the agent
/// does not answer, `status` is the last that it said, and null where it never did.
enum StatusDocument {
    static func text(_ observation: Observation, _ lastState: AgentState?, at now: Instant) -> String {
        var problem: StatusProblem?
        if case .failure(let found) = observation.result { problem = found }
        let exporter = JSONValue.object([
            .init("version", .string(programVersion)),
            .init("answers", .boolean(problem == nil)),
            .init("problem", problem.map { .string($0.text) } ?? .null),
            .init("reason", problem.map { .string($0.reason.rawValue) } ?? .null),
            .init("took_ms", .number(observation.took.milliseconds)),
        ])
        let age = lastState.map { JSONValue.number(now.longestElapsed(since: $0.askedAt).milliseconds) } ?? .null
        // The agent's document has been read, so it is one JSON object.
        return "{\"exporter\":\(exporter.text),\"age_ms\":\(age.text),\"status\":\(lastState?.document ?? "null")}"
    }
}
