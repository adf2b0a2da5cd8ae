package import Time

/// What can happen to a node.
package enum Event: Hashable, Sendable {
    /// The deadline that `nextDeadline` asked for has passed. Harmless at any other time.
    case timeElapsed
    case received(Message, from: Sender)
    /// All writes up to this number are durable.
    case persisted(UInt64)
    /// The kernel has none of our VIPs any more, and the keeper will install none of this term or an older one.
    case withdrawn(Term)
    /// What this node's operator or its links say of it has changed.
    case fitnessChanged(Fitness)
    /// Give leadership up in good order: a stop, or an operator's wish. Answered by `Effect.resigned`.
    case resign
}

/// What the shell must do about it, in this order.
///
/// A message never depends on a write that is not yet durable: the core keeps it back until `Event.persisted`. So
/// `persist` and `send` of one step may run at the same time.
package enum Effect: Hashable, Sendable {
    case persist(Persistence)
    case send(Message, to: NodeID)
    /// Seal the last will of this term and give it to the keeper: comes before the first `hold` of the term.
    case prepareWill(Term)
    /// The lease lasts until then, by whichever clock gets there first: the VIPs may be held.
    case hold(Term, until: Instant)
    /// The lease is over or given up: take the VIPs off and answer with `Event.withdrawn` of at least this term.
    case withdraw(Term)
    case roleChanged(Role)
    /// The node belongs to a cluster from here on: seal datagrams with this id. Comes again when voters change.
    case joined(ClusterID, Membership)
    /// Nothing is held and no leadership is left: the node may stop.
    case resigned
    /// For the log; nothing depends on it.
    case report(Notice)
}

/// What a node is, for people and for hooks.
package enum Role: Hashable, Sendable {
    /// Not in a cluster yet.
    case waiting
    case follower(Term, leader: NodeID?)
    case candidate(Term)
    case leader(Term)
}

/// What an operator should read.
package enum Notice: Hashable, Sendable {
    /// This node's `cluster.nodes` and another's differ.
    case nodesDiffer(with: NodeID, onlyHere: [ConfiguredNode], onlyThere: [ConfiguredNode])
    /// The cluster exists and does not know this disk: its leader takes it in, if its configuration names this node.
    case awaitsAdmission(to: ClusterID, according: NodeID)
    /// The leader takes a new disk in under a known name, step by step.
    case membershipChanged(Membership, reason: String)
    /// A leader stopped leading.
    case steppedDown(Term, reason: String)
    case campaigning(Term, reason: String)
}
