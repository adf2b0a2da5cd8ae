/// What an entry of the replicated log says.
package enum LogPayload: Hashable, Sendable {
    /// The first entry of each leader: committing it commits all that came before (§8).
    case leadership
    /// Who votes from here on.
    case membership(Membership)
    /// How the lease is timed from here on.
    case timing(ClusterTiming)
    /// What an operator says of a member. Only where all members know of such entries.
    case appointment(NodeID, Appointment)
    /// Something that the nodes agree on and the election does not read: at most `dataLimit` bytes.
    case data([UInt8])

    /// So that several such entries fit in a datagram.
    package static let dataLimit = 256
}

package struct LogEntry: Hashable, Sendable {
    package let index: LogIndex
    package let term: Term
    package let payload: LogPayload

    package init(index: LogIndex, term: Term, payload: LogPayload) {
        self.index = index
        self.term = term
        self.payload = payload
    }
}

/// What the log says, taken together.
package struct ClusterState: Hashable, Sendable {
    package var membership: Membership
    /// Nil until the nodes have agreed on one; each goes by its own configuration until then.
    package var timing: ClusterTiming?
    /// Of members of whom an operator has said something.
    package var appointments: [NodeID: Appointment]

    package init(
        membership: Membership,
        timing: ClusterTiming? = nil,
        appointments: [NodeID: Appointment] = [:]
    ) {
        self.membership = membership
        self.timing = timing
        self.appointments = appointments
    }

    package static let empty = ClusterState(membership: Membership(voters: []))

    package mutating func apply(_ payload: LogPayload) {
        switch payload {
        case .membership(let membership):
            self.membership = membership
            dropAppointmentsOfStrangers()
        case .timing(let timing): self.timing = timing
        case .appointment(let id, let appointment): appoint(id, appointment)
        case .leadership, .data: break
        }
    }
}

/// The log of one node: a snapshot, and the entries behind it without a gap.
///
/// The snapshot stands for committed entries that were thrown away (§7). A cluster's log begins with one: the founders',
/// at index 1 of term 0, which every founder computes by itself.
package struct Log: Hashable, Sendable {
    package private(set) var snapshot: Snapshot
    package private(set) var entries: [LogEntry]
    /// What all of the log says. It is in force as soon as it stands in the log (§6).
    package private(set) var state: ClusterState

    package init(snapshot: Snapshot = .none, entries: [LogEntry] = []) {
        self.snapshot = snapshot
        self.entries = entries
        state = snapshot.state
        for entry in entries { state.apply(entry.payload) }
    }

    package var lastIndex: LogIndex { LogIndex(snapshot.index.number + UInt64(entries.count)) }
    package var lastTerm: Term { entries.last?.term ?? snapshot.term }

    /// The term of an entry; nil when it is not here: not yet, or not any more.
    package func term(at index: LogIndex) -> Term? {
        if index == snapshot.index { return snapshot.term }
        return index > snapshot.index && index <= lastIndex ? entries[place(of: index)].term : nil
    }

    /// The entries behind `index`, which must not lie before the snapshot.
    package func entries(after index: LogIndex) -> ArraySlice<LogEntry> { entries[(place(of: index) + 1)...] }

    private func place(of index: LogIndex) -> Int { Int(index.number) - Int(snapshot.index.number) - 1 }

    /// What the log says up to `index`.
    func state(at index: LogIndex) -> ClusterState {
        if index >= lastIndex { return state }
        var state = snapshot.state
        for entry in entries.prefix(while: { $0.index <= index }) { state.apply(entry.payload) }
        return state
    }

    /// Where the newest membership stands; in the snapshot, where no entry has one.
    var membershipIndex: LogIndex {
        let latest = entries.last { if case .membership = $0.payload { true } else { false } }
        return latest?.index ?? snapshot.index
    }
}

extension Log {
    package mutating func append(_ news: some Sequence<LogEntry>) {
        for entry in news {
            entries.append(entry)
            state.apply(entry.payload)
        }
    }

    /// Drops what stands behind `index`.
    mutating func cutOff(after index: LogIndex) {
        guard index < lastIndex else { return }
        self = Log(snapshot: snapshot, entries: Array(entries[...place(of: index)]))
    }

    /// Lets a snapshot stand for everything up to `index`, which is committed.
    mutating func compact(upTo index: LogIndex) {
        guard let term = term(at: index), index > snapshot.index else { return }
        let rest = Array(entries(after: index))
        snapshot = Snapshot(index: index, term: term, state: state(at: index))
        entries = rest
    }

    /// Takes a snapshot of another node over. What stands behind it stays where it follows from it (§7).
    mutating func take(_ snapshot: Snapshot) {
        let follows = term(at: snapshot.index) == snapshot.term
        self = Log(snapshot: snapshot, entries: follows ? Array(entries(after: snapshot.index)) : [])
    }
}
