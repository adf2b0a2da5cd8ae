extension StatusReport {
    /// How a node speaks to others: by version and key.
    package struct Speech: Hashable, Sendable {
        /// The newest version of datagrams that its release speaks; nil before it was heard.
        package var newestVersion: Int?
        /// The version of what comes from it, where the node that tells so does not understand it.
        package var foreignVersion: Int?
        /// Tells which secret it seals with, and nothing about it.
        package var key: String?

        package init() {}
    }
}

extension StatusReport.Speech {
    var members: [JSONValue.Member] {
        let number = { (number: Int?) in number.map { JSONValue.integer(Int64($0)) } ?? .null }
        return [
            .init("newest_version", number(newestVersion)),
            .init("foreign_version", number(foreignVersion)),
            .init("key", key.map(JSONValue.string) ?? .null),
        ]
    }

    init(_ value: JSONValue) {
        newestVersion = value["newest_version"]?.integer.map(Int.init(clamping:))
        foreignVersion = value["foreign_version"]?.integer.map(Int.init(clamping:))
        key = value["key"]?.string
    }
}

extension StatusReport.Peer {
    /// What is to be done about a peer that `report`'s node does not understand; nil for one that it does.
    func strangeness(to report: StatusReport) -> String? {
        guard let foreign = speech.foreignVersion, let newest = report.speech.newestVersion else { return nil }
        let advice =
            foreign > newest
            ? "upgrade \(plain(report.node)), one release after the other"
            : "upgrade \(plain(id)), one release after the other"
        return
            "\(plain(id)) speaks datagrams of version \(foreign), and \(plain(report.node)) up to \(newest): \(advice)"
    }
}
