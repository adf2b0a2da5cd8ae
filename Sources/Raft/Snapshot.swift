/// What the log said up to an entry that is committed.
package struct Snapshot: Hashable, Sendable {
    /// The last entry that it stands for.
    package let index: LogIndex
    package let term: Term
    package let state: ClusterState

    package init(index: LogIndex, term: Term, state: ClusterState) {
        self.index = index
        self.term = term
        self.state = state
    }

    /// Before the first entry, where there is no cluster.
    package static let none = Snapshot(index: LogIndex(0), term: Term(0), state: .empty)
}

/// A part of a snapshot on its way to a node whose next entry was thrown away.
///
/// All pieces of one snapshot go out together. Should one be lost, the next heartbeat is refused and all are sent again;
/// those that arrived are kept.
package struct SnapshotPiece: Hashable, Sendable {
    /// One fact of a snapshot's state.
    package enum Fact: Hashable, Sendable {
        case voter(Member)
        case entrant(Member)
        case learner(Member)
        case timing(ClusterTiming)
        case appointment(NodeID, Appointment)
    }

    package let term: Term
    /// As a heartbeat's: what is accepted of a leader is promised for.
    package let sequence: UInt64
    package let promise: Duration
    /// The last entry that the whole snapshot stands for.
    package let index: LogIndex
    package let indexTerm: Term
    /// Counted from 0.
    package let place: UInt8
    package let count: UInt8
    package let facts: [Fact]

    package init(
        term: Term,
        sequence: UInt64,
        promise: Duration,
        index: LogIndex,
        indexTerm: Term,
        place: UInt8,
        count: UInt8,
        facts: [Fact]
    ) {
        self.term = term
        self.sequence = sequence
        self.promise = promise
        self.index = index
        self.indexTerm = indexTerm
        self.place = place
        self.count = count
        self.facts = facts
    }

    /// With the longest names, four members take a third of a datagram.
    package static let factLimit = 4
}

extension Snapshot {
    /// Its facts, a few to a piece; at least one piece.
    var pieces: [[SnapshotPiece.Fact]] {
        let facts = facts
        return stride(from: 0, to: max(1, facts.count), by: SnapshotPiece.factLimit).map {
            Array(facts[$0..<min(facts.count, $0 + SnapshotPiece.factLimit)])
        }
    }

    private var facts: [SnapshotPiece.Fact] {
        let membership = state.membership
        return membership.voters.map { .voter($0) } + membership.entrants.map { .entrant($0) }
            + membership.learners.map { .learner($0) } + (state.timing.map { [.timing($0)] } ?? [])
            + state.appointments.sorted { $0.key < $1.key }.map { .appointment($0.key, $0.value) }
    }

    init(index: LogIndex, term: Term, facts: [SnapshotPiece.Fact]) {
        var voters: [Member] = []
        var entrants: [Member] = []
        var learners: [Member] = []
        var timing: ClusterTiming?
        var appointments: [NodeID: Appointment] = [:]
        for fact in facts {
            switch fact {
            case .voter(let member): voters.append(member)
            case .entrant(let member): entrants.append(member)
            case .learner(let member): learners.append(member)
            case .timing(let agreed): timing = agreed
            case .appointment(let id, let appointment): appointments[id] = appointment
            }
        }
        let membership = Membership(voters: voters, entrants: entrants, learners: learners)
        var state = ClusterState(membership: membership, timing: timing, appointments: appointments)
        state.dropAppointmentsOfStrangers()
        self.init(index: index, term: term, state: state)
    }
}

/// The pieces of one snapshot as they come in.
struct SnapshotParts: Hashable, Sendable {
    private let index: LogIndex
    private let term: Term
    private var parts: [[SnapshotPiece.Fact]?]

    /// The most pieces that a snapshot can have: one fact to each, of a member, what was said of it, and the timing.
    static let limit = Membership.limit * 2 + 1

    /// Nil for a piece that no leader sends.
    init?(for piece: SnapshotPiece) {
        guard (1...Self.limit).contains(Int(piece.count)) else { return nil }
        index = piece.index
        term = piece.indexTerm
        parts = Array(repeating: nil, count: Int(piece.count))
    }

    func belongs(_ piece: SnapshotPiece) -> Bool {
        piece.index == index && piece.indexTerm == term && piece.count == parts.count
    }

    /// Takes a piece in; the whole snapshot when it was the last that was missing, unless no leader can have sent it.
    mutating func take(_ piece: SnapshotPiece) -> Snapshot? {
        guard belongs(piece), piece.place < piece.count else { return nil }
        parts[Int(piece.place)] = piece.facts
        let known = parts.compactMap(\.self)
        guard known.count == parts.count else { return nil }
        let snapshot = Snapshot(index: index, term: term, facts: known.flatMap(\.self))
        return snapshot.state.membership.isPossible ? snapshot : nil
    }
}
