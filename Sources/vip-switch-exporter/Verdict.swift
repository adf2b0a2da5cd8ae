import Configuration
import Control
import HTTP

/// What a load balancer is told: 200 sends it here, everything else does not.
struct Verdict: Hashable {
    var status: Int
    var body: JSONValue

    private init(_ status: Int, _ members: KeyValuePairs<String, JSONValue>) {
        self.status = status
        body = .object(members.map { JSONValue.Member($0.key, $0.value) })
    }
}

extension Verdict {
    /// 200 where `vip-switch status` ends with 0: the agent answers in time and knows a leader.
    static func health(_ result: Result<StatusReport, Problem>) -> Verdict {
        judged(result) { report in
            Verdict(
                report.leader == nil ? 503 : 200,
                ["node": .string(report.node), "role": .string(report.role), "leader": report.leaderValue]
            )
        }
    }

    /// 200 on the node that leads.
    static func leader(_ result: Result<StatusReport, Problem>) -> Verdict {
        judged(result) { report in
            Verdict(
                report.leader == report.node ? 200 : 503,
                ["node": .string(report.node), "leader": report.leaderValue]
            )
        }
    }

    /// 200 on the node that holds the group's VIPs; without a group, on the node that holds every group.
    ///
    /// All groups follow one leader, so that a check that names none goes on to be right when a second group is configured.
    static func holder(_ result: Result<StatusReport, Problem>, query: [HTTPRequest.Parameter]) -> Verdict {
        if let mistake = mistake(in: query) { return Verdict(400, ["error": .string(mistake)]) }
        return judged(result) { holder($0, group: query.first?.value) }
    }

    private static func holder(_ report: StatusReport, group name: String?) -> Verdict {
        let groups = report.groups.filter { name == nil || $0.name == name }
        if groups.isEmpty { return unknown(name, among: report.groups.map(\.name)) }
        let isHolder = groups.allSatisfy(\.isHeldHere)
        return Verdict(
            isHolder ? 200 : 503,
            ["node": .string(report.node), "groups": .array(groups.map(\.verdict))]
        )
    }

    private static func unknown(_ name: String?, among names: [String]) -> Verdict {
        let list = JSONValue.array(names.map(JSONValue.string))
        guard let name else { return Verdict(404, ["error": .string("there is no group here"), "groups": list]) }
        let hint = suggestion(for: name, among: names).map { "; did you mean \($0)?" } ?? ""
        return Verdict(404, ["error": .string("there is no group \(quoted(name))\(hint)"), "groups": list])
    }

    /// A mistyped parameter must not ask for something else than was meant.
    private static func mistake(in query: [HTTPRequest.Parameter]) -> String? {
        if let stranger = query.first(where: { $0.name != "group" }) {
            return "unknown parameter \(quoted(stranger.name)); expected group=NAME"
        }
        if query.count > 1 { return "group is given twice; expected it once" }
        return query.first?.value.isEmpty == true ? "group is empty; expected group=NAME" : nil
    }

    private static func judged(
        _ result: Result<StatusReport, Problem>,
        _ judge: (StatusReport) -> Verdict
    ) -> Verdict {
        switch result {
        case .success(let report): judge(report)
        case .failure(let problem): Verdict(503, ["error": .string(problem.text)])
        }
    }
}

extension StatusReport {
    fileprivate var leaderValue: JSONValue { leader.map(JSONValue.string) ?? .null }
}

extension StatusReport.Group {
    fileprivate var verdict: JSONValue {
        .object([
            .init("name", .string(name)), .init("held_here", .boolean(isHeldHere)),
            .init("holder", holder.map(JSONValue.string) ?? .null),
        ])
    }
}
