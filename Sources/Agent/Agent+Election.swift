import Configuration
import Elections
import Failover
import Keeper
import Linux
import Observability
import Net
import Raft
import Scribe
import Storage
import Time

extension Agent {
    /// Hears the election.
    func hear(_ output: ElectionOutput) {
        switch output {
        case .persist(let persistence):
            metering.noteWrite(persistence.number, at: Clock.now())
            links.scribe?.persist(persistence.encoded(), number: persistence.number)
        case .will(let term, let datagrams): links.keeper.send(.will(LastWill(term, datagrams)))
        case .leaseRenewed(let term, let until): feed(.leaseRenewed(term, until: until))
        case .leaseEnded(let term):
            feed(.leaseEnded(term))
            abandonPreparation()
        case .roleChanged(let role): note(role)
        case .joined(let cluster, let membership): note(cluster, membership)
        // Not at once: the effects that led here are being performed, and ToSlave among them comes before ToDestroy.
        case .resigned: loop.schedule(after: .zero) { [unowned self] in finishRelease() }
        case .notice(let notice): write(notice)
        case .refused(let refusal, let source): note(refusal, from: source)
        }
    }

    /// The first time it is news; later the leader's line says why the members changed.
    private func note(_ cluster: ClusterID, _ membership: Membership) {
        let event: LogEvent = hasJoined ? .membersKnown : .joined
        hasJoined = true
        log.write(
            event,
            [
                "cluster": LogValue(cluster), "voters": .list(membership.voters.map(\.id.text)),
                "entrants": .list(membership.entrants.map(\.id.text)),
                "learners": .list(membership.learners.map(\.id.text)),
            ]
        )
    }

    /// All refusals are counted; those that tell of a mistake or an attack are written, a line a minute for each kind.
    private func note(_ refusal: Refusal, from source: Endpoint) {
        switch refusal {
        // A node that has just started, and a network that repeats itself.
        case .staleBoot, .replayed: return
        // Of the cluster that is about to take this node in: a notice has said so.
        case .foreignCluster where !hasJoined: return
        case .versionTooNew where isSettlingVersions(with: source): return
        case .versionTooOld where isSettlingVersions(with: source): return
        case .oversized, .cutShort, .wrongMagic, .versionTooNew, .versionTooOld, .unknownKind, .unknownGroup, .notForUs,
            .unknownSender, .flood, .wrongKey, .malformed, .foreignCluster:
            log.write(
                refusal.event,
                ["reason": LogValue(refusal.rawValue), "from": LogValue(source), "node": nameOfSender(at: source)],
                besides: ["from", "node"]
            )
        }
    }

    private func note(_ role: Role) {
        defer { tellStatus() }
        noteLoss(role)
        switch role {
        case .waiting:
            let awaited = founders.map { $0.sorted().map(\.text) } ?? configuration.cluster.nodes.map(\.id)
            let others = awaited.filter { $0 != configuration.node.id }
            log.write(.awaitsNodes, ["nodes": .list(others)])
        case .follower(let term, let leader):
            self.leader = leader.map { ($0, Clock.now()) }
            if let leader { log.write(.following, ["leader": LogValue(leader), "term": LogValue(term.number)]) }
            feed(.following(leader: leader))
        case .candidate(let term):
            leader = nil
            log.write(.candidate, ["term": LogValue(term.number)])
        case .leader(let term):
            leader = election.map { ($0.id, Clock.now()) }
            metering.noteLeadership()
            log.write(.leading, ["term": LogValue(term.number)])
        }
    }

    private func noteLoss(_ role: Role) {
        guard let election else { return }
        let now = Clock.now()
        let loss = failoverWatch.note(role, of: election.id, lastHeard: election.lastHeard, at: now)
        // Of its own leadership the election has said why it is over.
        guard let loss, loss.kind != .own else { return }
        log.write(
            .leaderLost,
            [
                "leader": LogValue(loss.leader), "term": LogValue(loss.term.number),
                "kind": LogValue(loss.kind.rawValue), "reason": LogValue(loss.cause),
                "silent_ms": LogValue(now.longestElapsed(since: loss.lastWord)),
            ]
        )
    }

    private func write(_ notice: Notice) {
        switch notice {
        case .nodesDiffer(let node, let onlyHere, let onlyThere): noteDifference(with: node, onlyHere, onlyThere)
        case .awaitsAdmission(let cluster, let node):
            log.write(
                .awaitsAdmission,
                ["cluster": LogValue(cluster), "according_to": LogValue(node)]
            )
        case .membershipChanged(let membership, let reason):
            log.write(
                .membersChanged,
                [
                    "reason": LogValue(reason), "voters": .list(membership.voters.map(\.id.text)),
                    "entrants": .list(membership.entrants.map(\.id.text)),
                    "learners": .list(membership.learners.map(\.id.text)),
                ]
            )
        case .timingChanged(let timing):
            log.write(
                .timingChanged,
                ["heartbeat": LogValue(timing.heartbeat), "promise": LogValue(timing.promise)]
            )
        case .ending(let term, let reason):
            log.write(.handingOver, ["term": LogValue(term.number), "reason": LogValue(reason)])
        case .steppedDown(let term, let reason):
            log.write(.steppedDown, ["term": LogValue(term.number), "reason": LogValue(reason)])
        case .campaigning(let term, let reason):
            failoverWatch.note(reason)
            // Its role is told a moment later; that somebody is missed comes first.
            noteLoss(.candidate(term))
            log.write(.campaigning, ["term": LogValue(term.number), "reason": LogValue(reason)])
        }
    }
}

extension Agent {
    /// By mistake, or because an order to found the cluster has not reached all that it names.
    private func noteDifference(with node: NodeID, _ onlyHere: [ConfiguredNode], _ onlyThere: [ConfiguredNode]) {
        // Nobody waits for a node that was left out, and what it thinks of that is no news.
        if let founders, !founders.contains(node) { return }
        log.write(
            founders == nil ? .nodesDiffer : .foundersDiffer,
            [
                "node": LogValue(node), "only_here": .list(onlyHere.map(\.text)),
                "only_there": .list(onlyThere.map(\.text)),
            ]
        )
    }
}

extension ConfiguredNode {
    /// `node1 192.0.2.1:7946`, as an operator compares two files.
    fileprivate var text: String { "\(id) \(endpoint)" }
}

extension LastWill {
    init(_ term: Term, _ datagrams: [OutgoingDatagram]) {
        self.init(term: term, datagrams: datagrams.map { Datagram(recipient: $0.destination, bytes: $0.bytes) })
    }
}

extension Refusal {
    /// What a refused datagram tells the operator, who may be the cause.
    fileprivate var event: LogEvent {
        switch self {
        case .wrongKey: .datagramWrongKey
        case .notForUs: .datagramNotForUs
        case .unknownSender: .datagramUnknownSender
        case .versionTooNew: .datagramVersionTooNew
        case .versionTooOld: .datagramVersionTooOld
        case .foreignCluster: .datagramForeignCluster
        case .oversized, .cutShort, .wrongMagic, .unknownKind, .unknownGroup, .flood, .malformed, .staleBoot, .replayed:
            .datagramRefused
        }
    }
}
