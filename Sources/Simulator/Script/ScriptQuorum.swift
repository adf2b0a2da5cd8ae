import Raft

/// The arithmetic of majorities, asked as etcd's tests of theirs ask: the values stand in the order of the ids in `cfg`,
/// one for each voter, and `_` for one of whom nothing is known.
///
/// The conventions for a configuration without voters, which agrees to everything, are theirs: joint quorums need them.
/// Ours decides nothing without a voter.
enum ScriptQuorum {
    static func committed(_ arguments: inout ScriptArguments, isDrawing: Bool) throws(ScriptFault) -> [String] {
        let voters = try voters(&arguments)
        var matches: [LogIndex?] = []
        for value in try values("idx", of: voters, &arguments) {
            let index = try value.map { (text) throws(ScriptFault) in try ScriptArguments.number(text, of: "idx=") }
            if index == 0 { throw ScriptFault("idx=: 0 is no index; a voter of whom nothing is known is _") }
            matches.append(index.map(LogIndex.init))
        }
        if voters.isEmpty { return [isDrawing ? "<empty majority quorum>∞" : "∞"] }
        let committed = Quorum(of: voters.count).committed(matches.compactMap(\.self)).description
        return (isDrawing ? picture(of: matches, voters) : []) + [committed]
    }

    /// A bar for each voter, as long as the number of those that are behind it.
    private static func picture(of matches: [LogIndex?], _ voters: [UInt64]) -> [String] {
        let known = matches.map { $0 ?? LogIndex(0) }
        let rows = zip(voters, matches).sorted { $0.0 < $1.0 }.map { voter, match in
            let length = match.map { match in known.count { $0 < match } } ?? 0
            let bar = String(repeating: "x", count: length) + (match == nil ? "?" : ">")
            let index = String((match ?? LogIndex(0)).number)
            let margin = String(repeating: " ", count: voters.count - length + 1 + max(0, 5 - index.count))
            return bar + margin + index + "    (id=\(String(voter, radix: 16)))"
        }
        return [String(repeating: " ", count: voters.count + 4) + "idx"] + rows
    }

    static func vote(_ arguments: inout ScriptArguments) throws(ScriptFault) -> [String] {
        let values = try self.values("votes", of: voters(&arguments), &arguments)
        for case let value? in values where !["y", "n"].contains(value) {
            throw ScriptFault("votes= takes y, n and _, found '\(value)'")
        }
        if values.isEmpty { return ["VoteWon"] }
        let outcome = Quorum(of: values.count)
            .outcome(granted: values.count { $0 == "y" }, refused: values.count { $0 == "n" })
        switch outcome {
        case .won: return ["VoteWon"]
        case .lost: return ["VoteLost"]
        case .pending: return ["VotePending"]
        }
    }

    private static func voters(_ arguments: inout ScriptArguments) throws(ScriptFault) -> [UInt64] {
        guard try arguments.values("cfgj") == nil else {
            throw ScriptFault(
                "cfgj=: there are no joint configurations here; memberships change by one voter at a time"
            )
        }
        var voters: [UInt64] = []
        // A voter is one however often it is named, as theirs.
        for id in try arguments.numbers("cfg") ?? [] where !voters.contains(id) { voters.append(id) }
        return voters
    }

    /// The values of the voters; nil where there is a `_`.
    private static func values(
        _ key: String,
        of voters: [UInt64],
        _ arguments: inout ScriptArguments
    ) throws(ScriptFault) -> [String?] {
        let values = try arguments.values(key) ?? []
        try arguments.finish()
        guard values.count == voters.count else {
            throw ScriptFault(
                "\(key)= has \(values.count) values for \(voters.count) voters; one of whom nothing is known is _"
            )
        }
        return values.map { $0 == "_" ? nil : $0 }
    }
}
