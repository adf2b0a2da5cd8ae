package import Raft
package import Time

/// What this node has to do with a group's VIPs.
package enum Holding: Hashable, Sendable {
    /// Not held here, nor asked for.
    case off
    /// Its BeforeMaster runs, and nothing is asked for before that has ended.
    case preparing(Term)
    /// Its BeforeMaster failed: it is asked for only where no other node takes over, `since` then for long enough.
    case reluctant(Term, since: Instant)
    /// Asked for; the keeper has not answered yet.
    case assigning(Term)
    /// On the interface and announced.
    case held(Term, since: Instant)
    /// Asked back; the kernel may still have some of them.
    case withdrawing(Term, wasHeld: Bool)
}

/// A group as this node sees it.
package struct Group: Hashable, Sendable {
    package let name: String
    /// What the keeper is asked for: the group's VIPs of one interface each. A group without VIPs has hooks only, and is
    /// held as soon as the lease is.
    package internal(set) var parts: [String]
    /// Whether a hook is to be run, and to succeed, before any of it is assigned.
    package internal(set) var hasBeforeMaster: Bool
    package internal(set) var holding: Holding = .off
    /// The parts that the keeper has not assigned yet.
    var missing: Set<String> = []
    /// Why the keeper could not assign it at the last try; nil when it could.
    package internal(set) var failure: String?
    /// Whether a hook has been run here for a role that is to be undone by ToSlave.
    var owesToSlave = false

    /// The configuration does not have it any more; it is here until its last part is off.
    package internal(set) var isLeaving = false

    package init(name: String, parts: [String], hasBeforeMaster: Bool = false) {
        self.name = name
        self.parts = parts
        self.hasBeforeMaster = hasBeforeMaster
    }

    /// Whether what the keeper says of the term still matters: it is neither over nor being given up.
    func wants(_ term: Term) -> Bool {
        switch holding {
        case .assigning(let current), .held(let current, _): current == term
        case .off, .preparing, .reluctant, .withdrawing: false
        }
    }
}
