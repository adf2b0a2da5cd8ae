import Raft
import Time

/// The clocks: each node's own, so that they may run apart.
extension ScriptCluster {
    /// As long as any follower waits at most before it campaigns.
    static func electionTimeout(_ timing: Timing) -> Duration {
        timing.promise + timing.slot * (Membership.limit + 1)
    }

    /// Lets one node's own clock pass.
    mutating func tick(_ arguments: inout ScriptArguments, by span: (Timing) -> Duration) throws(ScriptFault) {
        let place = try running(&arguments)
        try pass(span(nodes[place].raft?.timing ?? ScriptNode.timing), on: [place])
    }

    mutating func advance(_ arguments: inout ScriptArguments) throws(ScriptFault) {
        let span = try duration(&arguments)
        try pass(span, on: placesOrAll(&arguments))
    }

    /// As `advance`, with a network and disks that are quicker than anybody can look; told without the messages.
    mutating func run(_ arguments: inout ScriptArguments) throws(ScriptFault) {
        let span = try duration(&arguments)
        try arguments.finish()
        notes.isQuick = true
        defer { notes.isQuick = false }
        try settle(Array(nodes.indices))
        try pass(span, on: Array(nodes.indices), settling: true)
    }

    /// The processes stand still and their clocks do not: they act when the next thing happens to them.
    mutating func sleep(_ arguments: inout ScriptArguments) throws(ScriptFault) {
        let span = try duration(&arguments)
        move(try places(&arguments), by: span)
    }

    private func duration(_ arguments: inout ScriptArguments) throws(ScriptFault) -> Duration {
        let word = try arguments.word("a duration such as 250ms")
        guard let span = Duration.script(word) else {
            throw ScriptFault("'\(word)' is no duration; expected one such as 50ms, 1.5s or 200us")
        }
        return span
    }

    /// Lets the clocks of these nodes pass, and each of them act when its time has come.
    private mutating func pass(_ span: Duration, on places: [Int], settling: Bool = false) throws(ScriptFault) {
        var left = span
        for _ in 0..<Self.stepLimit {
            guard let (place, wait) = nextDue(among: places), wait <= left else {
                return move(places, by: left)
            }
            move(places, by: wait)
            left -= wait
            step(place, .timeElapsed)
            if settling { try settle(places) }
        }
        throw ScriptFault("more than \(Self.stepLimit) deadlines in \(span.words)")
    }

    /// Who has to act first, and in how long.
    private func nextDue(among places: [Int]) -> (place: Int, wait: Duration)? {
        let waits = places.compactMap { place in
            nodes[place].raft?.nextDeadline.map { (place, wait: max(.zero, $0.remaining(at: nodes[place].now))) }
        }
        return waits.min { $0.wait < $1.wait }
    }

    private mutating func move(_ places: [Int], by span: Duration) {
        for place in places { nodes[place].now = nodes[place].now + span }
    }

    /// Lets the node's own clock pass until it campaigns: first the question whether it would be elected.
    mutating func campaign(_ arguments: inout ScriptArguments) throws(ScriptFault) {
        let place = try running(&arguments)
        for _ in 0..<Self.campaignPatience {
            if case .leader? = nodes[place].raft?.role { return notes.note("\(nodes[place].id) leads already") }
            guard let (_, wait) = nextDue(among: [place]) else { break }
            move([place], by: wait)
            if step(place, .timeElapsed).contains(where: \.isCampaign) { return }
        }
        notes.note("\(nodes[place].id) does not campaign")
    }

    /// How many deadlines may pass until then; a disk that has not written yet keeps a node from it for ever.
    private static let campaignPatience = 20
}

extension Effect {
    fileprivate var isCampaign: Bool {
        switch self {
        case .send(.preVote, to: _), .report(.campaigning): true
        default: false
        }
    }
}
