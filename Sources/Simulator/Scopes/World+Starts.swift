import Raft
import Time

/// How the scopes come to where they begin: in good weather, by actions that the explorer could take as well.
extension World {
    /// n1 leads, everybody has heard that its first entry and the timing are committed, and the latest heartbeat is
    /// acknowledged.
    mutating func lead() {
        settle { world in
            world.hosts.allSatisfy { $0.value.raft?.commitIndex == LogIndex(3) } && world.isQuiet
        }
    }

    /// n2 has decided for n1, and its write has begun; n3 has heard nothing and its turn to campaign has come.
    mutating func askForVote() {
        settle(without: 2) { $0.hosts[1].value.decided != nil }
        while !isDue(2) { perform(.timePasses) }
    }

    /// n3 has heard nothing since before its promise ended; n1 and n2 have just renewed theirs.
    mutating func leadWithoutThird() {
        lead()
        settle(without: 2) { $0.isDue(2) }
        settle(without: 2) { $0.isDue(0) }
        settle(without: 2) { $0.isQuiet && !$0.isDue(0) }
    }

    /// The VIP has just gone with the lease, or should have; nobody has acted meanwhile.
    mutating func letLeaseRunOut() {
        leadWithoutThird()
        while hosts[0].value.installed != nil, !isDue(1) { perform(.timePasses) }
    }

    mutating func loseLeader() {
        lead()
        allowance.crashes = 1
        perform(.crashes(0))
        while !(isDue(1) && isDue(2)) { perform(.timePasses) }
    }

    /// n3 has campaigned when n2 owed nothing, crashed over it, and nobody has heard of its new term.
    mutating func bringBackCandidate() {
        lead()
        allowance = Allowance(crashes: 1, restarts: 1)
        perform(.crashes(2))
        change(2) { host, setting in
            var state = host.disk.durable.hardState
            state.term = state.term.next
            state.vote = setting.settings[2].id
            host.disk.accept(Persistence(number: 1, hardState: state, keep: nil, entries: []))
            _ = host.disk.complete()
        }
        noteVote(of: 2)
        perform(.restarts(2))
        settle { $0.isDue(0) }
    }

    var isQuiet: Bool {
        underWay.isEmpty && hosts.allSatisfy { $0.value.disk.pendingCount == 0 && $0.value.asked == nil }
    }

    /// Lets happen what happens in good weather, until it is as it should be: every write, datagram and deadline at once.
    ///
    /// A node that is left out neither hears nor is heard, and does not wake.
    mutating func settle(without absent: Int? = nil, until isReached: (World) -> Bool) {
        for _ in 0..<10_000 {
            if let absent { underWay.removeAll { $0.value.to == absent || $0.value.from == absent } }
            if isReached(self) { return }
            guard let action = actions.first(where: { Self.isUsual($0, without: absent) }) else { break }
            perform(action)
        }
        preconditionFailure("nothing leads to where the scope begins")
    }

    private static func isUsual(_ action: Action, without absent: Int?) -> Bool {
        switch action {
        case .writeEnds, .keeperAnswers, .arrives, .timePasses: true
        case .wakes(let node): Int(node) != absent
        case .keeperCleans, .crashes, .restarts, .resigns, .arrivesTwice: false
        }
    }
}
