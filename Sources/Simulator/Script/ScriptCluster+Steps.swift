import Raft
import Time

/// How a node's core takes a step, and what becomes of its effects.
extension ScriptCluster {
    @discardableResult
    mutating func step(_ place: Int, _ event: Event) -> [Effect] {
        let now = nodes[place].now
        let effects = nodes[place].raft?.step(event, at: now) ?? []
        for effect in effects { perform(effect, of: place) }
        return effects
    }

    private mutating func perform(_ effect: Effect, of place: Int) {
        let id = nodes[place].id
        switch effect {
        case .persist(let write):
            nodes[place].writes.append(write)
            notes.noteDetail("\(id) writes \(write.words)")
        case .send(let message, let receiver): send(message, from: place, to: receiver)
        case .prepareWill(let term):
            nodes[place].keeper.will = term
            notes.noteDetail("\(id) prepares its will of term \(term)")
        case .hold(let term, let until):
            let isFirst = nodes[place].keeper.hold(term, until: until)
            let left = Deadline.either(until).remaining(at: nodes[place].now)
            let words = "\(id) holds the VIPs of term \(term) for \(left.words)"
            if isFirst { notes.note(words) } else { notes.noteDetail(words) }
        case .withdraw(let term):
            nodes[place].keeper.withdraw(term)
            notes.note("\(id) asks to take the VIPs of term \(term) off")
        case .roleChanged: noteRole(of: place)
        case .joined(let cluster, let membership):
            nodes[place].cluster = cluster
            notes.note("\(id) has \(membership.words)")
        case .resigned: notes.note("\(id) has resigned")
        case .answered(_, let answer): notes.note("\(id) answers: \(answer.words)")
        case .report(let notice): notes.note("\(id) reports \(notice.summary)")
        }
    }

    private mutating func send(_ message: Message, from place: Int, to receiver: NodeID) {
        let node = nodes[place]
        let parcel = Parcel(message: message, sender: node.sender, receiver: receiver, cluster: node.cluster)
        let isCut = cuts.contains(Link(from: node.id, to: receiver))
        notes.noteDetail("\(isCut ? "lost" : "sent"): \(parcel.words)")
        if !isCut { parcels.append(parcel) }
    }

    private mutating func noteRole(of place: Int) {
        guard let raft = nodes[place].raft else { return }
        let (state, leader) = raft.stateWords
        notes.note("\(raft.id) became \(state) Term:\(raft.term) Lead:\(leader)")
    }
}

/// Messages, disks and keepers.
extension ScriptCluster {
    /// Gives a message to its receiver.
    mutating func hand(_ parcel: Parcel) {
        notes.noteArrival(parcel.words)
        guard let place = nodes.firstIndex(where: { $0.id == parcel.receiver }), nodes[place].raft != nil else {
            return notes.noteArrival("lost: \(parcel.receiver) is down")
        }
        if case .hello = parcel.message {
        } else if parcel.cluster != nodes[place].cluster {
            return notes.noteArrival("refused: it names another cluster")
        }
        step(place, .received(parcel.message, from: parcel.sender))
    }

    /// Takes messages out, oldest first.
    mutating func take(to receivers: [NodeID], kind: String? = nil) -> [Parcel] {
        func isMeant(_ parcel: Parcel) -> Bool {
            receivers.contains(parcel.receiver) && (kind == nil || kind == parcel.message.kind)
        }
        let taken = parcels.filter(isMeant)
        parcels.removeAll(where: isMeant)
        return taken
    }

    /// False when there was nothing to write.
    mutating func finishWrites(of place: Int) -> Bool {
        guard let number = nodes[place].finishWrites() else { return false }
        notes.noteDetail("\(nodes[place].id) has on its disk: \(nodes[place].disk.hardState.words)")
        step(place, .persisted(number))
        return true
    }

    /// False when nothing was asked of the keeper.
    mutating func answerWithdrawal(of place: Int) -> Bool {
        guard let term = nodes[place].keeper.answer() else { return false }
        notes.note("\(nodes[place].id) has no VIP of term \(term)")
        step(place, .withdrawn(term))
        return true
    }

    /// Until nothing is left to write, to answer or to deliver among these nodes.
    mutating func settle(_ places: [Int]) throws(ScriptFault) {
        for _ in 0..<Self.stepLimit {
            var isDone = true
            for place in places {
                notes.beginSection("> \(nodes[place].id) has written")
                if finishWrites(of: place) { isDone = false }
                notes.beginSection("> \(nodes[place].id) hears from its keeper")
                if answerWithdrawal(of: place) { isDone = false }
            }
            for place in places {
                notes.beginSection("> \(nodes[place].id) receiving messages")
                for parcel in take(to: [nodes[place].id]) {
                    hand(parcel)
                    isDone = false
                }
            }
            notes.endSection()
            if isDone { return }
        }
        throw ScriptFault("not stable after \(Self.stepLimit) rounds")
    }
}
