package import Linux
package import Net
package import Raft
package import Time

/// What the election wants of the rest of the agent.
package enum ElectionOutput {
    case persist(Persistence)
    /// The last will of a term, sealed for each peer: to the keeper, before the first lease of the term.
    case will(Term, [OutgoingDatagram])
    case leaseRenewed(Term, until: Instant)
    /// To be answered by `withdrawn(_:)`.
    case leaseEnded(Term)
    case roleChanged(Role)
    case joined(ClusterID, Membership)
    case resigned
    case notice(Notice)
    /// A datagram was not heard; strangers can cause any number of these.
    case refused(Refusal, from: Endpoint)
}

/// The election by Raft: the pure core between a socket, a timer and the agent.
///
/// Events are fed one after the other, never from within the handling of another's effects.
package final class RaftElection {
    private var node: RaftNode
    private var transport: SealedTransport
    private var questions: PeerQuestions?
    private var awaited = AwaitedRequests()
    private let socket: UDPSocket
    private var configured: [ConfiguredNode]
    private let loop: EventLoop
    private let output: (ElectionOutput) -> Void
    private var timer: (id: EventLoop.TimerID, deadline: Deadline)?
    private var queue: [Event] = []
    private var isFeeding = false
    /// Called when what was due has been done.
    package var whenStepped: () -> Void = {}
    private var registration: EventLoop.Registration?
    /// What each node was told last, for one that could not hear it because it did not know this run yet.
    private var unheard: [NodeID: Message] = [:]
    private var heard: [NodeID: Instant] = [:]
    /// Datagrams read in a row before timers are looked at again.
    private static let batch = 64

    package init(
        _ settings: Settings,
        stored: StoredState,
        transport: SealedTransport,
        socket: consuming UDPSocket,
        loop: EventLoop,
        output: @escaping (ElectionOutput) -> Void
    ) {
        node = RaftNode(settings, stored: stored, seed: Random.uint64(), at: Clock.now())
        self.transport = transport
        configured = settings.nodes
        self.transport.know(configured)
        self.socket = socket
        self.loop = loop
        self.output = output
        if stored.hardState.cluster != .none { enter(stored.hardState.cluster, node.membership) }
        questions = PeerQuestions(on: loop) { [unowned self] in send($0, to: $1) }
    }

    /// Begins to listen and to take part.
    package func start() throws(Errno) {
        registration = try loop.watch(socket.descriptor) { [unowned self] _ in receive() }
        feed(.timeElapsed)
    }

    /// Falls silent for good.
    package func stop() {
        if let registration { loop.ignore(registration) }
        if let timer { loop.cancel(timer.id) }
        (registration, timer) = (nil, nil)
        questions?.stop()
    }

    package func persisted(_ number: UInt64) { feed(.persisted(number)) }
    package func withdrawn(_ term: Term) { feed(.withdrawn(term)) }
    package func resign() { feed(.resign) }
    package func change(_ fitness: Fitness) { feed(.fitnessChanged(fitness)) }
    /// This node's configuration asks for another timing.
    package func wish(for timing: ClusterTiming) { feed(.timingWished(timing)) }
    /// D is another. Where it has grown, what takes longer to take off must wait for the end of the present lease.
    package func reckon(withdrawal: Duration) { feed(.withdrawalChanged(withdrawal)) }
    /// The configuration has other addresses of nodes.
    package func know(_ nodes: [ConfiguredNode]) {
        configured = nodes
        transport.know(nodes)
        sealWillAnew()
    }
    /// The key file has others for the cluster's datagrams: the first seals, all open.
    package func replaceSecrets(_ secrets: [ClusterSecret]) {
        guard !secrets.isEmpty, secrets != transport.secrets else { return }
        transport.replaceSecrets(secrets)
        sealWillAnew()
    }

    /// What the keeper has was sealed by the former secrets, for the former addresses.
    private func sealWillAnew() {
        guard case .leader(let term) = node.role else { return }
        output(.will(term, transport.sealWill(of: term)))
    }

    package var secrets: [ClusterSecret] { transport.secrets }
    /// Has the leader do something, which this node has to be; called back once, when it is done, or will not be.
    package func request(_ request: Request, then completion: @escaping (RequestOutcome) -> Void) {
        guard registration != nil else { return completion(.refused(.isEnding)) }
        feed(.requested(request, number: awaited.add(completion)))
    }

    /// Looks at its deadlines, however quiet it is.
    package func attend() { feed(.timeElapsed) }

    /// Who answers the other members' questions; set it before the start.
    package func answerPeers(_ listener: @escaping (PeerQuestion) -> Void) { questions?.listener = listener }

    /// Asks another member; the completion is called once, from the loop, within that time and a little.
    ///
    /// - Parameter orderer: Who wants it done here, for what changes something there; nil for a question.
    package func ask(
        _ peer: NodeID,
        _ line: String,
        orderer: String? = nil,
        within time: Duration = .seconds(1),
        then completion: @escaping (Result<String, QuestionFailure>) -> Void
    ) {
        guard peer != id, node.membership.member(peer) != nil else {
            questions?.fail(.unknownPeer, completion)
            return
        }
        questions?.ask(peer, line, orderer: orderer, within: time, then: completion)
    }

    /// For status.
    package var id: NodeID { node.id }
    package var term: Term { node.term }
    package var status: ElectionStatus { node.status }
    /// Why this node could not hand over now, to that node or to the best of the others; nil where it could.
    package func handoverFault(to heir: NodeID? = nil) -> RequestFault? { node.handoverFault(to: heir) }
    /// When a message of the node came last; who follows hears little but its leader.
    package func lastHeard(of node: NodeID) -> Instant? { heard[node] }
    package var refusals: [Refusal: UInt64] { transport.refusals }
    /// Which version of datagrams the cluster speaks, as far as this node knows.
    package var versionInUse: UInt8 {
        let leader: NodeID? = if case .follower(_, let leader) = node.status.role { leader } else { nil }
        return transport.versionInUse(following: leader)
    }
    package var sealingKey: String { transport.sealingKey }
    package func speech(of node: NodeID) -> Speech? { transport.speech(of: node) }
    /// The member at whose address something was sent from; only for words, since addresses can be forged.
    package func member(at address: IPAddress) -> NodeID? { transport.member(at: address) }
}

extension RaftElection {
    private func receive() {
        for _ in 0..<Self.batch {
            guard let datagram = try? socket.receive(limit: SealedTransport.datagramLimit) else { return }
            switch transport.open(datagram.bytes, from: datagram.source, at: Clock.now()) {
            case .message(let message, let sender):
                heard[sender.id] = Clock.now()
                feed(.received(message, from: sender))
            case .letter(let letter, let sender):
                questions?.receive(letter, from: sender, isMember: isMember(sender))
            case .introduced(let peer):
                repeatUnheard(to: peer)
                questions?.introduce(peer)
            case .probed(let answer): send(answer)
            case .refused(let refusal, let answer):
                if let answer { send(answer) }
                output(.refused(refusal, from: datagram.source))
            }
        }
    }

    private func feed(_ event: Event) {
        guard registration != nil else { return }
        queue.append(event)
        guard !isFeeding else { return }
        isFeeding = true
        while !queue.isEmpty, registration != nil {
            for effect in node.step(queue.removeFirst(), at: Clock.now()) { perform(effect) }
        }
        isFeeding = false
        armTimer()
        whenStepped()
        for settled in awaited.settle(role: node.role, commitIndex: node.commitIndex, termAt: node.log.term) {
            settled.completion(settled.outcome)
        }
    }

    private func perform(_ effect: Effect) {
        switch effect {
        case .persist(let persistence): output(.persist(persistence))
        case .send(let message, let receiver): send(message, to: receiver)
        case .prepareWill(let term): output(.will(term, transport.sealWill(of: term)))
        case .hold(let term, let until): output(.leaseRenewed(term, until: until))
        case .withdraw(let term): output(.leaseEnded(term))
        case .roleChanged(let role): output(.roleChanged(role))
        case .joined(let cluster, let membership):
            enter(cluster, membership)
            output(.joined(cluster, membership))
        case .resigned: output(.resigned)
        case .answered(let number, let answer): awaited.note(number, answer, in: node.term)
        case .report(let notice): output(.notice(notice))
        }
    }

    private func enter(_ cluster: ClusterID, _ membership: Membership) {
        transport.cluster = cluster
        transport.members = Set(membership.members.map(\.id)).subtracting([node.id])
        transport.know(membership.members.map { ConfiguredNode(id: $0.id, endpoint: $0.endpoint) })
        // Votes count by name and disk, so an address may change: the configuration's is the newer one.
        transport.know(configured)
    }

    private func send(_ message: Message, to receiver: NodeID) {
        guard let datagram = transport.seal(message, to: receiver) else { return }
        send(datagram)
        switch message {
        // A leader may fall silent at any moment, and then nothing of its term may leave any more; and an answer is
        // for the run that asked.
        case .append, .appendReply, .snapshot, .preVoteReply, .voteReply: unheard[receiver] = nil
        case .preVote, .vote, .timeoutNow, .released, .hello: unheard[receiver] = message
        }
    }

    private func send(_ letter: Letter, to receiver: NodeID) {
        guard registration != nil, let datagram = transport.seal(letter, to: receiver) else { return }
        send(datagram)
    }

    /// With this very disk.
    private func isMember(_ sender: Sender) -> Bool {
        node.membership.member(sender.id)?.storage == sender.storage
    }

    private func repeatUnheard(to receiver: NodeID) {
        guard let message = unheard.removeValue(forKey: receiver), let datagram = transport.seal(message, to: receiver)
        else { return }
        send(datagram)
    }

    /// What cannot be sent is lost, like much else on a network: Raft tolerates it, and says so by its silence.
    private func send(_ datagram: OutgoingDatagram) {
        try? socket.send(datagram.bytes, to: datagram.destination)
    }

    private func armTimer() {
        guard registration != nil, let deadline = node.nextDeadline else { return }
        if let timer {
            if timer.deadline == deadline { return }
            loop.cancel(timer.id)
        }
        let id = loop.schedule(deadline) { [unowned self] in
            timer = nil
            feed(.timeElapsed)
        }
        timer = (id, deadline)
    }
}
