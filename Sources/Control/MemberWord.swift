/// What a node says of itself as a member: the answer to `member`, which the others put together for `members`.
package struct MemberWord: Hashable, Sendable {
    package var version: String
    package var priority: Int
    package var isWitness: Bool
    /// In RFC 3339; nil where it is not drained.
    package var drainedSince: String?
    /// Why it should not hold VIPs now; nil where nothing is wrong.
    package var fault: String?

    package init(version: String, priority: Int, isWitness: Bool, drainedSince: String? = nil, fault: String? = nil) {
        self.version = version
        self.priority = priority
        self.isWitness = isWitness
        self.drainedSince = drainedSince
        self.fault = fault
    }

    package static let request = "member"

    package var json: String {
        JSONValue.object([
            .init("version", .string(version)), .init("priority", .integer(Int64(priority))),
            .init("witness", .boolean(isWitness)), .init("drained_since", .optional(drainedSince)),
            .init("fault", .optional(fault)),
        ]).text
    }

    /// Nil for another document.
    package init?(json: String) {
        guard let value = JSONValue(parsing: json), let version = value["version"]?.string,
            let priority = value["priority"]?.integer, let isWitness = value["witness"]?.boolean
        else { return nil }
        self.init(
            version: plain(version),
            priority: Int(clamping: priority),
            isWitness: isWitness,
            drainedSince: (value["drained_since"]?.string).map(plain),
            fault: (value["fault"]?.string).map(plain)
        )
    }
}

extension JSONValue {
    static func optional(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }
}
