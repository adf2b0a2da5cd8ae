import Raft
import Time

extension World {
    /// All that may happen next.
    var actions: [Action] {
        var actions: [Action] = []
        for node in hosts.indices { addActions(of: node, to: &actions) }
        for (place, letter) in underWay.enumerated() {
            // Of two that are the same it does not matter which one comes.
            if underWay[..<place].contains(where: { $0.digest == letter.digest }) { continue }
            actions.append(.arrives(UInt8(place)))
            if allowance.duplicates > 0 { actions.append(.arrivesTwice(UInt8(place))) }
        }
        if nextMoment != nil { actions.append(.timePasses) }
        return actions
    }

    private func addActions(of node: Int, to actions: inout [Action]) {
        let host = hosts[node]
        let number = UInt8(node)
        guard let role = host.value.raft?.role else {
            if host.value.installed != nil || host.value.will != nil { actions.append(.keeperCleans(number)) }
            // The data directory is the old keeper's until it has cleaned up.
            if host.value.installed == nil, allowance.restarts > 0, setting.mortals.contains(node) {
                actions.append(.restarts(number))
            }
            return
        }
        if isDue(node) { actions.append(.wakes(number)) }
        if host.value.disk.pendingCount > 0 { actions.append(.writeEnds(number)) }
        if host.value.asked != nil { actions.append(.keeperAnswers(number)) }
        if allowance.crashes > 0, setting.mortals.contains(node) { actions.append(.crashes(number)) }
        if allowance.resignations > 0, case .leader = role { actions.append(.resigns(number)) }
    }

    /// When something becomes due that is not yet.
    var nextMoment: Nanoseconds? {
        var next: Nanoseconds?
        func consider(_ candidate: Nanoseconds?) {
            if let candidate, candidate > moment { next = min(next ?? candidate, candidate) }
        }
        for (host, clock) in zip(hosts, setting.clocks) {
            consider(host.value.raft?.nextDeadline.map(clock.moment(of:)))
            consider(host.value.installed?.offBy)
        }
        return next
    }

    /// The world behind an action; nil where it adds nothing: a datagram that changes nothing might as well stay under way,
    /// for whatever may happen without it may happen with it.
    func after(_ action: Action) -> World? {
        var world = self
        world.perform(action)
        guard case .arrives(let place) = action, world.violation == nil else { return world }
        let receiver = underWay[Int(place)].value.to
        let isNews = world.hosts[receiver].digest != hosts[receiver].digest || world.underWay.count >= underWay.count
        return isNews ? world : nil
    }

    mutating func perform(_ action: Action) {
        switch action {
        case .timePasses: passTime()
        case .wakes(let node): step(Int(node), .timeElapsed)
        case .writeEnds(let node): endWrite(of: Int(node))
        case .keeperAnswers(let node): answer(Int(node))
        case .keeperCleans(let node): clean(Int(node))
        case .crashes(let node): crash(Int(node))
        case .restarts(let node):
            allowance.restarts -= 1
            boot(Int(node))
        case .resigns(let node):
            allowance.resignations -= 1
            step(Int(node), .resign)
        case .arrives(let place): hear(underWay.remove(at: Int(place)).value)
        case .arrivesTwice(let place):
            allowance.duplicates -= 1
            hear(underWay[Int(place)].value)
        }
    }

    private mutating func hear(_ letter: Letter) {
        step(letter.to, .received(letter.message, from: letter.sender))
    }

    private mutating func passTime() {
        guard let next = nextMoment else { return }
        pass(to: next)
        // Harmless, and so nodes that differ only in when they were last asked are the same.
        for node in hosts.indices where !isDue(node) && hosts[node].value.raft != nil { step(node, .timeElapsed) }
    }

    /// Lets time pass without anybody's doing anything but the kernels.
    mutating func pass(to next: Nanoseconds) {
        guard next > moment else { return }
        moment = next
        for node in hosts.indices {
            change(node) { host, setting in
                host.owed.removeAll { $0.end <= next }
                if let installed = host.installed, installed.offBy <= next, setting.slip != .keeperWithoutDeadline {
                    host.installed = nil
                }
            }
        }
    }

    private mutating func crash(_ node: Int) {
        allowance.crashes -= 1
        // The transport hears nothing that was meant for an earlier run.
        underWay.removeAll { $0.value.to == node }
        change(node) { host, setting in
            host.raft = nil
            host.asked = nil
            host.receipts = []
            host.disk.loseUnwritten()
            if setting.slip == .lostState { host.disk.growOld() }
        }
        if setting.slip == .hastyWill { sendWill(of: node) }
    }

    private mutating func clean(_ node: Int) {
        change(node) { host, _ in host.installed = nil }
        sendWill(of: node)
    }

    private mutating func sendWill(of node: Int) {
        guard let will = hosts[node].value.will else { return }
        change(node) { host, _ in host.will = nil }
        claim(will)
        for other in hosts.indices where other != node { post(.released(will), from: node, to: other) }
    }

    mutating func boot(_ node: Int) {
        let now = now(at: node)
        change(node) { host, setting in
            host.run += 1
            host.will = nil
            host.released = Term(0)
            if setting.slip == .forgottenPromise { host.disk.forgetPromise() }
            let stored = host.disk.durable
            let seed = setting.seed << 8 | UInt64(node + 1)
            host.decided = stored.hardState.vote.map { Host.Ballot(term: stored.hardState.term, vote: $0) }
            host.raft = RaftNode(setting.settings[node], stored: stored, seed: seed, at: now)
        }
    }

    mutating func endWrite(of node: Int) {
        var number: UInt64?
        change(node) { host, _ in number = host.disk.complete() }
        noteVote(of: node)
        if let number { step(node, .persisted(number)) }
    }

    private mutating func answer(_ node: Int) {
        guard let asked = hosts[node].value.asked else { return }
        change(node) { host, _ in
            host.asked = nil
            host.installed = nil
        }
        step(node, .withdrawn(asked))
    }
}
