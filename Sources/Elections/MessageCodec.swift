package import Net
package import Raft
internal import Storage
internal import Time

/// Messages as bytes: a kind, then the fields in the order of their declaration.
extension Message {
    private enum Kind: UInt8 {
        case preVote = 1
        case preVoteReply, vote, voteReply, append, appendReply, timeoutNow, released, hello, snapshot
    }

    package func encoded() -> [UInt8] {
        var writer = FieldWriter()
        switch self {
        case .preVote(let request): writer.append(Kind.preVote.rawValue, request)
        case .preVoteReply(let reply): writer.append(Kind.preVoteReply.rawValue, reply)
        case .vote(let request): writer.append(Kind.vote.rawValue, request)
        case .voteReply(let reply): writer.append(Kind.voteReply.rawValue, reply)
        case .append(let append): writer.append(Kind.append.rawValue, append)
        case .appendReply(let reply): writer.append(Kind.appendReply.rawValue, reply)
        case .timeoutNow(let handover): writer.append(Kind.timeoutNow.rawValue, handover)
        case .released(let term):
            writer.append(Kind.released.rawValue)
            writer.append(term)
        case .hello(let hello): writer.append(Kind.hello.rawValue, hello)
        case .snapshot(let piece): writer.append(Kind.snapshot.rawValue, piece)
        }
        return writer.bytes
    }

    /// Reads a whole message; refuses what is cut short, has bytes to spare, or says what no sender says.
    package init(decoding bytes: [UInt8]) throws(Malformed) {
        var reader = FieldReader(bytes)
        let number = try reader.integer(UInt8.self)
        guard let kind = Kind(rawValue: number) else { throw .invalid("a message of kind \(number)") }
        switch kind {
        case .preVote: self = .preVote(try reader.voteRequest())
        case .preVoteReply: self = .preVoteReply(try reader.voteReply())
        case .vote: self = .vote(try reader.voteRequest())
        case .voteReply: self = .voteReply(try reader.voteReply())
        case .append: self = .append(try reader.append())
        case .appendReply: self = .appendReply(try reader.appendReply())
        case .timeoutNow: self = .timeoutNow(try reader.timeoutNow())
        case .released: self = .released(try reader.term())
        case .hello: self = .hello(try reader.hello())
        case .snapshot: self = .snapshot(try reader.snapshotPiece())
        }
        try reader.expectEnd()
    }

    /// At most `limit` bytes; nil when that cannot be.
    ///
    /// An append that is too long is cut to the entries that fit: the leader sends the rest when it hears where the
    /// receiver's log ends.
    func encoded(limit: Int) -> [UInt8]? {
        let bytes = encoded()
        if bytes.count <= limit { return bytes }
        guard case .append(let append) = self, !append.entries.isEmpty else { return nil }
        return Message.append(append.droppingLastEntry()).encoded(limit: limit)
    }
}

extension Append {
    fileprivate func droppingLastEntry() -> Append {
        Append(
            term: term,
            sequence: sequence,
            promise: promise,
            previousIndex: previousIndex,
            previousTerm: previousTerm,
            commit: commit,
            entries: entries.dropLast(),
            successors: successors
        )
    }
}

private enum FactKind: UInt8 {
    case voter = 1
    case entrant, learner, timing, appointment
}

extension FieldWriter {
    fileprivate mutating func append(_ kind: UInt8, _ request: VoteRequest) {
        append(kind)
        append(request.term)
        append(request.lastIndex)
        append(request.lastTerm)
        append(request.released)
    }

    fileprivate mutating func append(_ kind: UInt8, _ reply: VoteReply) {
        append(kind)
        append(reply.term)
        append(reply.asked)
        append(reply.isGranted)
        append(reply.promiseLeft)
    }

    /// An entry's index is not written: entries follow each other from `previousIndex` on.
    fileprivate mutating func append(_ kind: UInt8, _ message: Append) {
        append(kind)
        append(message.term)
        append(message.sequence)
        append(message.promise)
        append(message.previousIndex)
        append(message.previousTerm)
        append(message.commit)
        append(count: message.entries.count)
        for entry in message.entries {
            append(entry.term)
            append(entry.payload)
        }
        append(count: message.successors.count)
        for successor in message.successors { append(successor) }
    }

    fileprivate mutating func append(_ kind: UInt8, _ reply: AppendReply) {
        append(kind)
        append(reply.term)
        append(reply.sequence)
        append(reply.promise)
        append(reply.index)
        append(reply.isAccepted)
        append(reply.fitness.priority)
        append(reply.fitness.mayHold)
        append(reply.fitness.isImpaired)
        append(reply.wish)
    }

    fileprivate mutating func append(_ kind: UInt8, _ handover: TimeoutNow) {
        append(kind)
        append(handover.term)
        append(handover.lastIndex)
    }

    /// The id 0 says that there is no cluster: with a flag of its own, that of the greatest would be a byte too long.
    fileprivate mutating func append(_ kind: UInt8, _ hello: Hello) {
        append(kind)
        append(count: hello.nodes.count)
        for node in hello.nodes { append(node) }
        append(hello.storage)
        append(hello.cluster?.id ?? .none)
        if let cluster = hello.cluster {
            append(cluster.snapshot)
            append(cluster.receiver != nil)
            if let receiver = cluster.receiver { append(receiver) }
        }
        append(hello.wantsReply)
    }

    fileprivate mutating func append(_ kind: UInt8, _ piece: SnapshotPiece) {
        append(kind)
        append(piece.term)
        append(piece.sequence)
        append(piece.promise)
        append(piece.index)
        append(piece.indexTerm)
        append(piece.place)
        append(piece.count)
        append(count: piece.facts.count)
        for fact in piece.facts { append(fact) }
    }

    private mutating func append(_ fact: SnapshotPiece.Fact) {
        switch fact {
        case .voter(let member):
            append(FactKind.voter.rawValue)
            append(member)
        case .entrant(let member):
            append(FactKind.entrant.rawValue)
            append(member)
        case .learner(let member):
            append(FactKind.learner.rawValue)
            append(member)
        case .timing(let timing):
            append(FactKind.timing.rawValue)
            append(timing)
        case .appointment(let id, let appointment):
            append(FactKind.appointment.rawValue)
            append(id, appointment)
        }
    }
}

extension FieldReader {
    fileprivate mutating func voteRequest() throws(Malformed) -> VoteRequest {
        VoteRequest(term: try term(), lastIndex: try index(), lastTerm: try term(), released: try term())
    }

    fileprivate mutating func voteReply() throws(Malformed) -> VoteReply {
        VoteReply(term: try term(), asked: try term(), isGranted: try flag(), promiseLeft: try duration())
    }

    fileprivate mutating func append() throws(Malformed) -> Append {
        let (term, sequence, promise) = (try term(), try integer(UInt64.self), try duration())
        let (previousIndex, previousTerm, commit) = (try index(), try self.term(), try index())
        var entries: [LogEntry] = []
        for place in 0..<(try count(limit: Int(UInt8.max))) {
            let index = LogIndex(previousIndex.number + UInt64(place) + 1)
            entries.append(LogEntry(index: index, term: try self.term(), payload: try payload()))
        }
        var successors: [NodeID] = []
        for _ in 0..<(try count(limit: Membership.limit)) { successors.append(try name()) }
        return Append(
            term: term,
            sequence: sequence,
            promise: promise,
            previousIndex: previousIndex,
            previousTerm: previousTerm,
            commit: commit,
            entries: entries,
            successors: successors
        )
    }

    fileprivate mutating func appendReply() throws(Malformed) -> AppendReply {
        AppendReply(
            term: try term(),
            sequence: try integer(UInt64.self),
            promise: try duration(),
            index: try index(),
            isAccepted: try flag(),
            fitness: Fitness(priority: try integer(UInt16.self), mayHold: try flag(), isImpaired: try flag()),
            wish: try timing()
        )
    }

    fileprivate mutating func timeoutNow() throws(Malformed) -> TimeoutNow {
        TimeoutNow(term: try term(), lastIndex: try index())
    }

    fileprivate mutating func hello() throws(Malformed) -> Hello {
        var nodes: [ConfiguredNode] = []
        for _ in 0..<(try count(limit: Membership.limit)) { nodes.append(try node()) }
        let (storage, id) = (try storage(), try cluster())
        guard storage != .none else { throw .invalid("a hello without a disk") }
        let cluster = id == .none ? nil : try knownCluster(id)
        return Hello(nodes: nodes, storage: storage, cluster: cluster, wantsReply: try flag())
    }

    private mutating func knownCluster(_ id: ClusterID) throws(Malformed) -> KnownCluster {
        KnownCluster(id: id, snapshot: try snapshot(), receiver: try flag() ? try storage() : nil)
    }

    fileprivate mutating func snapshotPiece() throws(Malformed) -> SnapshotPiece {
        let (term, sequence, promise) = (try term(), try integer(UInt64.self), try duration())
        let (index, indexTerm) = (try index(), try self.term())
        let (place, count) = (try integer(UInt8.self), try integer(UInt8.self))
        guard place < count else { throw .invalid("piece \(place) of \(count)") }
        var facts: [SnapshotPiece.Fact] = []
        for _ in 0..<(try self.count(limit: SnapshotPiece.factLimit)) { facts.append(try fact()) }
        return SnapshotPiece(
            term: term,
            sequence: sequence,
            promise: promise,
            index: index,
            indexTerm: indexTerm,
            place: place,
            count: count,
            facts: facts
        )
    }

    private mutating func fact() throws(Malformed) -> SnapshotPiece.Fact {
        let number = try integer(UInt8.self)
        guard let kind = FactKind(rawValue: number) else { throw .invalid("a fact of kind \(number)") }
        return switch kind {
        case .voter: .voter(try voter())
        case .entrant: .entrant(try member())
        case .learner: .learner(try member())
        case .timing: .timing(try agreedTiming())
        case .appointment: try factOfAppointment()
        }
    }

    private mutating func factOfAppointment() throws(Malformed) -> SnapshotPiece.Fact {
        let (id, appointment) = try appointment()
        return .appointment(id, appointment)
    }
}
