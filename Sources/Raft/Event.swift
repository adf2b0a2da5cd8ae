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
    /// This node's configuration has another timing: it is agreed on when a quorum of the voters has it, too.
    case timingWished(ClusterTiming)
    /// D is another: this node's VIPs have become more or fewer, or are taken off in another way. Where it has grown, what
    /// takes longer must not be on before the present lease is over.
    case withdrawalChanged(Duration)
    /// An operator wants something of the leader. Answered at once by `Effect.answered` with the same number.
    case requested(Request, number: UInt64)
    /// Give leadership up in good order, to stop. Answered by `Effect.resigned`.
    case resign
}

/// What an operator may want of a leader.
package enum Request: Hashable, Sendable {
    /// That this node leads, or the best of the others; the VIPs are off before it is told to.
    case transfer(to: NodeID?)
    case change(MembershipChange)
    /// What is said of a member; the shell sees to it that all members know of such entries.
    case appoint(NodeID, Appointment)
    /// That all nodes note these bytes, at most `LogPayload.dataLimit`.
    case append([UInt8])
}

/// What becomes of a request.
package enum Answer: Hashable, Sendable {
    /// The VIPs are being taken off, and then that node is told to campaign.
    case handingOver(to: NodeID)
    /// It stands in the log at this index, and counts when it is committed.
    case appended(LogIndex)
    case refused(RequestFault)
}

/// Why a leader does not do what it was asked for.
package enum RequestFault: Error, Hashable, Sendable {
    case isNoLeader(leader: NodeID?)
    case isEnding
    /// The last change is not settled yet, or no entry of this term is committed: try again.
    case isChanging
    case membership(MembershipFault)
    case isNoVoter(NodeID)
    case leadsAlready
    /// It was not heard of lately, or its log is behind: try again.
    case isBehind(NodeID)
    case mayNotHold(NodeID)
    case hasNoSuccessor
    case isTooLong(Int)
    /// Something was said of members, and then their names may not all be the longest.
    case namesTooLong
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
    /// The node belongs to a cluster from here on: seal datagrams with this id. Comes again when members change.
    case joined(ClusterID, Membership)
    /// Nothing is held and no leadership is left: the node may stop.
    case resigned
    case answered(UInt64, Answer)
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
    /// The cluster exists and does not know this disk: its leader takes it in, if the membership has this name.
    case awaitsAdmission(to: ClusterID, according: NodeID)
    case membershipChanged(Membership, reason: String)
    /// The nodes have agreed on another timing.
    case timingChanged(ClusterTiming)
    /// A leader stopped leading.
    case steppedDown(Term, reason: String)
    /// A leader goes on until its VIPs are off, and then stops leading.
    case ending(Term, reason: String)
    case campaigning(Term, reason: CampaignReason)
}

/// Why a node asks for votes.
package enum CampaignReason: Hashable, Sendable {
    /// It is the only voter.
    case isAlone
    /// No leader was heard for as long as it had been promised to one.
    case hearsNoLeader
    /// The leader of that term holds nothing any more, by its own word or its last will.
    case released(Term)
    /// The leader has told this node to.
    case handedOver
}

extension CampaignReason: CustomStringConvertible {
    package var description: String {
        switch self {
        case .isAlone: "alone in the cluster"
        case .hearsNoLeader: "no leader is heard"
        case .released(let term): "the leader of term \(term) has released"
        case .handedOver: "leadership was handed over"
        }
    }
}
