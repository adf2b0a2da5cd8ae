import Agent
import Control
import Doctor
import Time

/// The document of `doctor --json`. Scripts rely on its names: members are added, never renamed or removed.
extension Report {
    func json(_ facts: Facts) -> String {
        let best = facts.timing?.recommendation(facts.members, facts.disk)
        return JSONValue.object([
            .init("version", .string(programVersion)),
            .init("errors", .integer(Int64(count(.error)))),
            .init("warnings", .integer(Int64(count(.warning)))),
            .init("findings", .array(findings.map(\.value))),
            .init("members", .array(facts.members.map(\.value))),
            .init("disk", facts.disk?.value ?? .null),
            .init("recommended_timing", best?.value ?? .null),
        ]).text
    }
}

extension Finding {
    fileprivate var value: JSONValue {
        .object([
            .init("severity", .string(severity.rawValue)),
            .init("check", .string(check.rawValue)),
            .init("subject", subject.map(JSONValue.string) ?? .null),
            .init("why", .string(why)),
            .init("advice", advice.map(JSONValue.string) ?? .null),
        ])
    }
}

extension MemberFacts {
    fileprivate var value: JSONValue {
        .object([
            .init("id", .string(id)),
            .init("address", .string(address)),
            .init("sent", .integer(Int64(sent))),
            .init("received", .integer(Int64(roundTrips.count))),
            .init("round_trip_ms", number(median)),
            .init("worst_round_trip_ms", number(worst)),
            .init("newest_version", newestVersion.map { .integer(Int64($0)) } ?? .null),
        ])
    }
}

extension DiskFacts {
    fileprivate var value: JSONValue {
        .object([
            .init("directory", .string(directory)),
            .init("writes", .integer(Int64(writes.count))),
            .init("median_ms", number(median)),
            .init("worst_ms", number(worst)),
        ])
    }
}

extension Recommendation {
    fileprivate var value: JSONValue {
        .object([
            .init("profile", .string(profile.name)),
            .init("heartbeat_ms", number(profile.heartbeat)),
            .init("promise_ms", number(profile.promise)),
            .init("failover_ms", number(failover)),
        ])
    }
}

private func number(_ duration: Duration?) -> JSONValue {
    guard let duration else { return .null }
    return .number(Double(duration.nanoseconds / 1000) / 1000)
}
