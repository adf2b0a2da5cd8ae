import Raft
import Time

/// What operators and configurations want of a node.
extension ScriptCluster {
    mutating func propose(_ arguments: inout ScriptArguments) throws(ScriptFault) {
        let place = try running(&arguments)
        request(.append(Array(try arguments.word("what shall be noted").utf8)), of: place)
    }

    /// `v4`: node 4 shall vote, `l4`: it shall learn and not vote, `r4`: it shall go. On the same line, or as input.
    mutating func proposeChange(_ arguments: inout ScriptArguments, _ input: [String]) throws(ScriptFault) {
        let place = try running(&arguments)
        var words = input.flatMap { $0.split(separator: " ").map(String.init) }
        while let word = arguments.word() { words.append(word) }
        guard let word = words.first, words.count == 1 else {
            throw ScriptFault("memberships change by one step at a time, such as v4, l4 or r4; found \(words.count)")
        }
        request(.change(try change(word, seenBy: place)), of: place)
    }

    private func change(_ word: String, seenBy place: Int) throws(ScriptFault) -> MembershipChange {
        let number = try ScriptArguments.number(String(word.dropFirst()), of: "'\(word)'")
        guard let id = ScriptNode.id(number), let raft = nodes[place].raft else {
            throw ScriptFault("no node \(number)")
        }
        let endpoint = ScriptNode.endpoint(of: number)
        switch word.first {
        case "v":
            let isLearner = raft.membership.learners.contains { $0.id == id }
            return isLearner ? .promote(id) : .add(id, endpoint, isLearner: false)
        case "l":
            return raft.membership.voter(id) == nil ? .add(id, endpoint, isLearner: true) : .demote(id)
        case "r": return .remove(id)
        default: throw ScriptFault("'\(word)' is no change; expected one such as v4, l4 or r4")
        }
    }

    /// Without `to=` the best of the others.
    mutating func transfer(_ arguments: inout ScriptArguments) throws(ScriptFault) {
        guard let from = try arguments.value("from") else { throw ScriptFault("transfer-leadership needs from=") }
        let place = try place(of: from)
        guard nodes[place].raft != nil else { throw ScriptFault("node \(from) is down") }
        var heir: NodeID?
        if let to = try arguments.value("to") { heir = nodes[try self.place(of: to)].id }
        request(.transfer(to: heir), of: place)
    }

    private mutating func request(_ request: Request, of place: Int) {
        requests += 1
        step(place, .requested(request, number: requests))
    }

    /// The node's configuration has another timing.
    mutating func changeTiming(_ arguments: inout ScriptArguments) throws(ScriptFault) {
        let place = try running(&arguments)
        guard let heartbeat = try duration("heartbeat", &arguments), let promise = try duration("promise", &arguments)
        else { throw ScriptFault("timing needs heartbeat= and promise=") }
        nodes[place].settings.timing.heartbeat = heartbeat
        nodes[place].settings.timing.promise = promise
        step(place, .timingWished(ClusterTiming(heartbeat: heartbeat, promise: promise)))
    }

    /// The node has more VIPs to take off, or fewer: `withdrawal 1 takes=40ms`.
    mutating func changeWithdrawal(_ arguments: inout ScriptArguments) throws(ScriptFault) {
        let place = try running(&arguments)
        guard let time = try duration("takes", &arguments) else { throw ScriptFault("withdrawal needs takes=") }
        nodes[place].settings.timing.withdrawal = time
        step(place, .withdrawalChanged(time))
    }

    private func duration(_ key: String, _ arguments: inout ScriptArguments) throws(ScriptFault) -> Duration? {
        guard let word = try arguments.value(key) else { return nil }
        guard let duration = Duration.script(word) else { throw ScriptFault("\(key)= takes a duration such as 50ms") }
        return duration
    }

    mutating func changeFitness(_ arguments: inout ScriptArguments) throws(ScriptFault) {
        let place = try running(&arguments)
        var fitness = nodes[place].fitness
        if let priority = try arguments.number("priority") {
            fitness.priority = UInt16(clamping: priority)
        }
        switch try arguments.value("may-hold") {
        case nil: break
        case "true": fitness.mayHold = true
        case "false": fitness.mayHold = false
        case let other?: throw ScriptFault("may-hold= is true or false, found '\(other)'")
        }
        switch try arguments.value("impaired") {
        case nil: break
        case "true": fitness.isImpaired = true
        case "false": fitness.isImpaired = false
        case let other?: throw ScriptFault("impaired= is true or false, found '\(other)'")
        }
        nodes[place].fitness = fitness
        step(place, .fitnessChanged(fitness))
    }

    mutating func resign(_ arguments: inout ScriptArguments) throws(ScriptFault) {
        step(try running(&arguments), .resign)
    }
}

extension Answer {
    var words: String {
        switch self {
        case .handingOver(let heir): "handing over to \(heir)"
        case .appended(let index): "in the log at \(index)"
        case .refused(let fault): "refused, \(fault.words)"
        }
    }
}

extension RequestFault {
    fileprivate var words: String {
        switch self {
        case .isNoLeader(let leader): "this is no leader" + (leader.map { ", \($0) is" } ?? "")
        case .isEnding: "the leadership is ending"
        case .isChanging: "the last change is not settled, or nothing of this term is committed"
        case .membership(let fault): fault.words
        case .isNoVoter(let id): "\(id) has no vote"
        case .leadsAlready: "it leads already"
        case .isBehind(let id): "\(id) is behind or silent"
        case .mayNotHold(let id): "\(id) may not hold the VIPs"
        case .hasNoSuccessor: "there is no successor"
        case .isTooLong(let count): "\(count) bytes are too long"
        case .namesTooLong: "the names are too long"
        }
    }
}

extension MembershipFault {
    fileprivate var words: String {
        switch self {
        case .isMember(let id): "\(id) is a member"
        case .isNoMember(let id): "\(id) is no member"
        case .isNoLearner(let id): "\(id) is no learner"
        case .isNoVoter(let id): "\(id) is no voter"
        case .isLastVoter(let id): "\(id) is the last voter"
        case .isFull(let limit): "there are \(limit) members"
        case .hasAddress(let endpoint, let id): "\(id) has the address \(endpoint)"
        }
    }
}
