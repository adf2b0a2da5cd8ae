import Time

/// What a node and, through it, all others tell of the cluster at this moment.
package struct ClusterReport: Hashable, Sendable {
    /// One of the nodes, the asked one included.
    package struct Node: Hashable, Sendable {
        package var id: String
        /// Nil where it did not answer.
        package var report: StatusReport?
        /// Why it did not.
        package var error: String?
        /// How the node is seen that did not answer, and the link to one that did: by the leader, or whoever else answered.
        package var view: StatusReport.Peer?
        /// What the leader reckons with.
        package var standing = StatusReport.Standing()
    }

    /// What the asked node tells, with what others know better: who holds what, and the last failover.
    package let own: StatusReport
    package let nodes: [Node]

    /// - Parameter others: The answers of the other members.
    package init(_ own: StatusReport, others: [Answer]) {
        let reports = [own] + others.compactMap(\.report)
        // The leader reckons; in doubt the one of the newest term.
        let leader = reports.filter { $0.role == "leader" }.max { $0.term < $1.term }
        var completed = own
        for index in completed.groups.indices { completed.groups[index].learn(from: reports) }
        completed.lastFailover = reports.compactMap(\.lastFailover).max { ($0.term, $0.time) < ($1.term, $1.time) }
        self.own = completed
        // An agent of the previous version answers for itself alone.
        let unasked = own.peers.map(\.id).filter { id in !others.contains { $0.node == id } }.map { Answer(node: $0) }
        nodes = ([Answer(node: own.node, report: own)] + others + unasked)
            .map { Node($0, of: reports, leader: leader) }.sorted { $0.id < $1.id }
    }

    /// A line of an agent's answer to `StatusReport.requestOfAll`.
    package struct Answer: Hashable, Sendable {
        package var node: String
        package var report: StatusReport?
        package var error: String?

        package init(node: String, report: StatusReport? = nil, error: String? = nil) {
            self.node = node
            self.report = report
            self.error = error
        }

        /// Nil for what is neither a report nor an error.
        package init?(json: String) {
            if let report = StatusReport(json: json) {
                self.init(node: report.node, report: report)
            } else if let value = JSONValue(parsing: json), let node = value["node"]?.string,
                let error = value["error"]?.string
            {
                self.init(node: node, error: error)
            } else {
                return nil
            }
        }
    }
}

extension ClusterReport.Node {
    fileprivate init(_ answer: ClusterReport.Answer, of reports: [StatusReport], leader: StatusReport?) {
        id = answer.node
        report = answer.report
        error = answer.error
        let views = ([leader].compactMap(\.self) + reports).flatMap(\.peers).filter { $0.id == answer.node }
        view = views.first { $0.state != "unknown" } ?? views.first
        standing = leader?.peers.first { $0.id == answer.node }?.standing ?? StatusReport.Standing()
        // Of itself a node knows the reasons, and not only that there are some.
        guard let own = answer.report?.standing else { return }
        standing.priority = own.priority ?? standing.priority
        standing.isEligible = own.isEligible.map { $0 && standing.isEligible != false } ?? standing.isEligible
        if !own.reasons.isEmpty { standing.reasons = own.reasons }
    }
}

extension StatusReport.Group {
    /// Whoever holds it knows since when.
    fileprivate mutating func learn(from reports: [StatusReport]) {
        guard !isHeldHere else { return }
        for report in reports {
            guard let group = report.groups.first(where: { $0.name == name && $0.isHeldHere }) else { continue }
            (holder, since, heldFor) = (report.node, group.since, group.heldFor)
        }
    }
}

extension ClusterReport {
    /// The asked node's document, and in it `nodes`.
    package var json: String { own.value(beside: [.init("nodes", .array(nodes.map(\.value)))]).text }
}

extension ClusterReport.Node {
    fileprivate var value: JSONValue {
        let own: [JSONValue.Member] = [
            .init("id", .string(id)),
            .init("answered", .boolean(report != nil)),
            .init("error", error.map(JSONValue.string) ?? .null),
            .init("silent_ms", milliseconds(report == nil ? view?.lastHeard : nil)),
            .init("version", report.map { .string($0.version) } ?? .null),
            .init("role", report.map { .string($0.role) } ?? .null),
            .init("term", report.map { .integer(Int64(clamping: $0.term)) } ?? .null),
            .init("leader", report?.leader.map(JSONValue.string) ?? .null),
            .init("lease_left_ms", milliseconds(report?.leaseLeft)),
            .init("uptime_ms", milliseconds(report?.uptime)),
        ]
        return .object(
            own + standing.members + [
                .init("groups", report.map { .array($0.groups.map(\.value)) } ?? .null),
                .init("last_failover", report?.lastFailover?.value ?? .null),
            ]
        )
    }
}
