/// What an operator has said of a member through the log: it goes before what the member's own configuration says.
package struct Appointment: Hashable, Sendable {
    /// Nil: as the member is configured.
    package var priority: UInt16?
    /// It votes and never holds the VIPs, whatever its configuration says.
    package var isWitness: Bool

    package init(priority: UInt16? = nil, isWitness: Bool = false) {
        self.priority = priority
        self.isWitness = isWitness
    }

    var isEmpty: Bool { self == Appointment() }
}

extension ClusterState {
    mutating func appoint(_ id: NodeID, _ appointment: Appointment) {
        guard membership.member(id) != nil else { return }
        appointments[id] = appointment.isEmpty ? nil : appointment
    }

    /// Whoever is no member any more comes back, if ever, with nothing said.
    mutating func dropAppointmentsOfStrangers() {
        guard !appointments.isEmpty else { return }
        appointments = appointments.filter { membership.member($0.key) != nil }
    }

    /// A new member hears all of it in one datagram: with so much more to say of each, names cannot all be the longest.
    var isTellable: Bool {
        appointments.isEmpty || membership.members.reduce(0) { $0 + $1.id.text.utf8.count } <= Self.longestNames
    }

    /// Ten names, less what ten appointments take.
    private static let longestNames = Membership.limit * 63 - Membership.limit * 5
}

extension RaftNode {
    /// What the operator has said of this node.
    var appointment: Appointment { log.state.appointments[id] ?? Appointment() }
}
