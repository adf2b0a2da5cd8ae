import Time

/// Who belongs to the cluster, and how each of them is: what `members` shows.
package struct MembersReport: Hashable, Sendable {
    package struct Member: Hashable, Sendable {
        package enum Role: String, Hashable, Sendable {
            case voter
            /// Gets the log, and a vote as soon as it has caught up.
            case entrant
            /// Gets the log and no vote.
            case learner
        }

        package enum State: String, Hashable, Sendable {
            case up
            case silent
            /// Nobody of this name has come yet.
            case invited
            /// There is no leader that would know.
            case unknown
        }

        package var id: String
        package var address: String
        package var role: Role
        package var state: State
        /// Whether it has all of the log that is committed; nil where nobody knows.
        package var isCaughtUp: Bool?
        /// What it says of itself; nil where it does not answer.
        package var word: MemberWord?
        /// What an operator has said of it, whether or not it has come by now.
        package var isAppointedWitness = false
        package var appointedPriority: Int?

        /// Nil where nobody knows: it may be configured as one.
        var isWitness: Bool? { word?.isWitness ?? (isAppointedWitness ? true : nil) }
        var priority: Int? { word?.priority ?? appointedPriority }

        package init(id: String, address: String, role: Role, state: State, isCaughtUp: Bool?) {
            self.id = id
            self.address = address
            self.role = role
            self.state = state
            self.isCaughtUp = isCaughtUp
        }
    }

    /// Whose view it is: the leader's, where there is one.
    package var node: String
    package var leader: String?
    /// How many voters make a quorum.
    package var quorum: Int
    /// The latest change is not committed yet.
    package var isChanging: Bool
    package var members: [Member] = []

    package init(node: String, leader: String?, quorum: Int, isChanging: Bool) {
        self.node = node
        self.leader = leader
        self.quorum = quorum
        self.isChanging = isChanging
    }

    /// What a client sends to get one.
    package static let request = "members"
    /// The same as the asked node knows it by itself.
    package static let localRequest = "members here"
}

/// The document of `members --json`: members are added, never renamed or removed, and one that has no value is null.
extension MembersReport {
    package var json: String {
        JSONValue.object([
            .init("node", .string(node)), .init("leader", .optional(leader)), .init("quorum", .integer(Int64(quorum))),
            .init("changing", .boolean(isChanging)), .init("members", .array(members.map(\.value))),
        ]).text
    }

    /// Reads what `json` wrote; nil for another document.
    package init?(json: String) {
        guard let value = JSONValue(parsing: json), let node = value["node"]?.string,
            let quorum = value["quorum"]?.integer, let members = value["members"]?.array
        else { return nil }
        self.init(
            node: plain(node),
            leader: (value["leader"]?.string).map(plain),
            quorum: Int(clamping: quorum),
            isChanging: value["changing"]?.boolean ?? false
        )
        self.members = members.compactMap(Member.init)
    }
}

extension MembersReport.Member {
    fileprivate var value: JSONValue {
        .object([
            .init("id", .string(id)), .init("address", .string(address)), .init("role", .string(role.rawValue)),
            .init("state", .string(state.rawValue)), .init("caught_up", isCaughtUp.map(JSONValue.boolean) ?? .null),
            .init("witness", isWitness.map(JSONValue.boolean) ?? .null),
            .init("priority", priority.map { .integer(Int64($0)) } ?? .null),
            .init("drained_since", .optional(word?.drainedSince)), .init("fault", .optional(word?.fault)),
            .init("version", .optional(word?.version)),
        ])
    }

    fileprivate init?(_ value: JSONValue) {
        guard let id = value["id"]?.string, let address = value["address"]?.string,
            let role = value["role"]?.string.flatMap(Role.init), let state = value["state"]?.string.flatMap(State.init)
        else { return nil }
        self.init(
            id: plain(id),
            address: plain(address),
            role: role,
            state: state,
            isCaughtUp: value["caught_up"]?.boolean
        )
        word = MemberWord(json: value.text)
        guard word == nil else { return }
        isAppointedWitness = value["witness"]?.boolean ?? false
        appointedPriority = value["priority"]?.integer.map { Int(clamping: $0) }
    }
}

extension MembersReport {
    package var text: String {
        let heading = ["MEMBER", "ADDRESS", "ROLE", "PRIORITY", "STATE", "LOG"]
        var text = table(heading, members.map { row($0) })
        let troubles = members.flatMap(\.troubles)
        if !troubles.isEmpty { text += "\n" + troubles.joined() }
        if isChanging { text += "\nThe latest change is not committed yet.\n" }
        if leader == nil { text += "\nNo leader is known; this is what \(node) has in its log.\n" }
        return text
    }

    private func row(_ member: Member) -> [String] {
        let role = member.isWitness == true ? "\(member.role.rawValue), witness" : member.role.rawValue
        let log = member.isCaughtUp.map { $0 ? "caught up" : "behind" } ?? "-"
        return [
            member.id, member.address, role + (member.id == leader ? ", leads" : ""),
            member.priority.map { "\($0)" } ?? "-", member.state.rawValue, log,
        ]
    }
}

extension MembersReport.Member {
    fileprivate var troubles: [String] {
        var troubles: [String] = []
        if let since = word?.drainedSince { troubles.append("\(id) is drained since \(since)\n") }
        if let fault = word?.fault { troubles.append("\(id) should hold nothing now: \(fault)\n") }
        if role == .entrant {
            troubles.append(
                state == .invited
                    ? "\(id) is invited and has not come; start its agent\n"
                    : "\(id) gets a vote as soon as it has caught up\n"
            )
        }
        return troubles
    }
}
