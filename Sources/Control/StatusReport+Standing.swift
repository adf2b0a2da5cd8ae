import Time

extension StatusReport {
    /// Whether a node would hold VIPs, and what is reckoned with.
    package struct Standing: Hashable, Sendable {
        /// As it counts now: 0 while the node ranks behind the others.
        package var priority: Int?
        /// Entries of the leader's log that it lacks.
        package var lag: Int?
        /// In the leader's list of successors: 1 is next.
        package var place: Int?
        /// Nil where it is not known.
        package var isEligible: Bool?
        /// Why it is not, or is so only behind others; for people.
        package var reasons: [String]

        package init(
            priority: Int? = nil,
            lag: Int? = nil,
            place: Int? = nil,
            isEligible: Bool? = nil,
            reasons: [String] = []
        ) {
            self.priority = priority
            self.lag = lag
            self.place = place
            self.isEligible = isEligible
            self.reasons = reasons
        }
    }

    /// How VIPs came to this node.
    package struct Failover: Hashable, Sendable {
        package var term: UInt64
        package var group: String
        package var from: String
        package var to: String
        /// When they were on and announced, in RFC 3339.
        package var time: String
        /// `silence`, `release`, `handover`, `replacement` or `own`.
        package var kind: String
        /// The same for people.
        package var cause: String
        /// From the former leader's last word to VIPs that are on and announced.
        package var took: Duration
        /// From the same to the election.
        package var electedAfter: Duration

        package init(
            term: UInt64,
            group: String,
            from: String,
            to: String,
            time: String,
            kind: String,
            cause: String,
            took: Duration,
            electedAfter: Duration
        ) {
            self.term = term
            self.group = group
            self.from = from
            self.to = to
            self.time = time
            self.kind = kind
            self.cause = cause
            self.took = took
            self.electedAfter = electedAfter
        }
    }
}

extension StatusReport.Standing {
    /// Of a peer; this node's own has neither place nor lag.
    var members: [JSONValue.Member] {
        [
            .init("priority", number(priority)), .init("lag", number(lag)), .init("place", number(place)),
        ] + ownMembers.dropFirst()
    }

    var ownMembers: [JSONValue.Member] {
        [
            .init("priority", number(priority)),
            .init("eligible", isEligible.map(JSONValue.boolean) ?? .null),
            .init("reasons", .array(reasons.map(JSONValue.string))),
        ]
    }

    init(_ value: JSONValue) {
        self.init(
            priority: value["priority"]?.integer.map(Int.init(clamping:)),
            lag: value["lag"]?.integer.map(Int.init(clamping:)),
            place: value["place"]?.integer.map(Int.init(clamping:)),
            isEligible: value["eligible"]?.boolean,
            reasons: value["reasons"]?.array?.compactMap(\.string) ?? []
        )
    }

    private func number(_ integer: Int?) -> JSONValue { integer.map { .integer(Int64($0)) } ?? .null }
}

extension StatusReport.Failover {
    var value: JSONValue {
        .object([
            .init("term", .integer(Int64(clamping: term))),
            .init("group", .string(group)),
            .init("from", .string(from)),
            .init("to", .string(to)),
            .init("time", .string(time)),
            .init("kind", .string(kind)),
            .init("cause", .string(cause)),
            .init("took_ms", milliseconds(took)),
            .init("elected_after_ms", milliseconds(electedAfter)),
        ])
    }

    init?(_ value: JSONValue) {
        guard let term = value["term"]?.integer.flatMap(UInt64.init(exactly:)), let group = value["group"]?.string,
            let from = value["from"]?.string, let to = value["to"]?.string, let time = value["time"]?.string,
            let took = value["took_ms"]?.duration, let electedAfter = value["elected_after_ms"]?.duration
        else { return nil }
        self.init(
            term: term,
            group: group,
            from: from,
            to: to,
            time: time,
            kind: value["kind"]?.string ?? "",
            cause: value["cause"]?.string ?? "",
            took: took,
            electedAfter: electedAfter
        )
    }
}
