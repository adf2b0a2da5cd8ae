import Configuration
import Control
import Elections
import Failover
import Keeper
import Linux
import Net
import Observability
import Raft
import Runner
import Scribe
import Time

/// Why a node ranks behind the others, and for how long.
struct RankingBehind {
    let reason: String
    let until: Instant
}

/// The main process: takes part in the election, decides what happens to the groups, and holds no privilege.
///
/// It only wires: what is worth getting right is decided by `RaftNode`, `Failover` and `KeeperCore`, and done by the
/// processes at the other end of the links.
final class Agent {
    var configuration: Configuration
    let options: AgentOptions
    let links: Links
    let log: Logger
    /// Who founds the cluster without waiting for the others, by an operator's word.
    let founders: Set<NodeID>?
    var failover: Failover
    var election: RaftElection?

    /// How the process ends, once it does.
    var ending: Ending?
    /// The keeper was lost, and the kernel has let go of what it had installed, or closed the fence before it.
    var areVIPsGone = false
    let startedAt = Clock.now()
    var leaseMargin = LeaseMargin()
    /// The longest that the keeper was woken too late; nil while it has not told.
    var keeperLateness: Duration?
    var fenceWatch = FenceWatch()
    /// Parts of groups that somebody takes off again and again, with what the keeper says of it.
    var contests: [String: String] = [:]
    /// Why this node should hold VIPs only where no other can.
    private(set) var fault: String?
    /// A planned handover that waits for BeforeSlave.
    var preparation: HandoverPreparation?
    var maintenance: Maintenance
    var removal = Removal()
    /// Failures and broken guarantees that are not long enough ago.
    private(set) var reasonsToRankBehind: [RankingBehind] = []
    private var failoverTimer: EventLoop.TimerID?
    /// Whether the node belongs to a cluster.
    var hasJoined = false
    var peerWatch = PeerWatch()
    var failoverWatch = FailoverWatch()
    var history = HistoryBook()
    /// It is about to be written.
    var isHistoryDue = false
    var metering = Metering()
    /// The last time that VIPs came here from another node, and when, in RFC 3339.
    var lastFailover: (FailoverWatch.Failover, at: String)?
    /// Who leads as far as this node knows, and since when it knows.
    var leader: (id: NodeID, since: Instant)?
    /// Questions to all nodes that are under way, with who waits for the answer.
    var clusterQuestions: [ClusterQuestion: [ControlReply]] = [:]
    /// Who waits for the members that are being collected.
    var memberQuestions: [ControlReply] = []
    var statusServer: ControlServer?
    var controlServer: ControlServer?
    /// What the keeper has counted, by the name of its group.
    var tallies: [String: AnnouncementTally] = [:]

    private static let vipsInLine = 16

    /// Nil where no service manager wants to hear of the agent.
    let service: ServiceReport?
    /// When this agent started.

    var loop: EventLoop { links.loop }

    /// Nil while the agent goes by the configuration that it read last.
    var reload: Reload?
    /// How many there were.
    var reloads: UInt64 = 0
    /// Who wants another reload when this one is through.
    var waitingReloads: [Reload.Reply] = []
    /// Groups in the order in which hook requests number them: those that came by a reload behind the others.
    var roster: [GroupSettings]
    /// What the election reckons with until the VIPs that the configuration does not have any more are off.
    var settledReserve: Duration?
    /// What the keeper may still have on of configurations before this one.
    var formerVIPs: Set<IPAddress> = []

    init(
        _ configuration: Configuration,
        _ options: AgentOptions,
        _ links: Links,
        founders: Set<NodeID>?,
        service: ServiceReport?
    ) {
        self.service = service
        self.configuration = configuration
        self.options = options
        roster = configuration.groups
        self.founders = founders
        self.links = links
        log = links.log
        maintenance = Maintenance(since: DrainMark.read(in: configuration.node.dataDirectory))
        failover = Failover(
            groups: configuration.failoverGroups,
            upDelay: configuration.upDelay,
            hookCooldown: configuration.hooks.cooldown
        )
    }

    /// Carries out what the groups' state machine wants.
    func feed(_ event: FailoverEvent) {
        if case .leaseRenewed(let term, let until) = event { leaseMargin.note(term, until: until, at: Clock.now()) }
        for effect in failover.step(event, at: Clock.now()) { perform(effect) }
        tellStatus()
        if let failoverTimer { loop.cancel(failoverTimer) }
        failoverTimer = failover.nextDeadline.map { deadline in
            loop.schedule(.timer(deadline)) { [unowned self] in feed(.timeElapsed) }
        }
    }

    private func perform(_ effect: FailoverEffect) {
        switch effect {
        case .assign(let part, let term, let until):
            fenceWatch.note(leaseUntil: until, at: Clock.now())
            links.keeper.send(.hold(group: part, term, until: until))
        case .withdraw(let term):
            links.keeper.send(.release(.all, term))
            if areVIPsGone { feed(.withdrawn(term)) }
        case .reportWithdrawn(let term): election?.withdrawn(term)
        case .run(let hook, let group): run(HookEvent(hook), group: group)
        case .rank(let fault):
            self.fault = fault
            rank()
        case .yield(let group, let reason): yield(group, reason)
        case .note(let note, let group): write(note, group)
        }
    }

    /// Leaves the groups to another node, and ranks behind the others for a while.
    private func yield(_ group: String, _ reason: String) {
        log.write(.givingUp, ["group": LogValue(group), "reason": LogValue(reason)])
        rankBehind(for: Failover.cooldown, because: reason)
        // By then the others have said whether they failed, too, and all have heard who is to be next.
        loop.schedule(after: configuration.cluster.timing.heartbeat * 3) { [unowned self] in election?.resign() }
    }

    /// Behind the others that may hold, until the last of the reasons for it is over.
    func rankBehind(for time: Duration, because reason: String) {
        reasonsToRankBehind.append(RankingBehind(reason: reason, until: Clock.now() + time))
        rank()
        loop.schedule(after: time) { [unowned self] in
            reasonsToRankBehind.removeAll { Deadline.timer($0.until).hasPassed(at: Clock.now()) }
            rank()
        }
    }

    /// Tells the election how good this node is for holding VIPs.
    func rank() { election?.change(fitness) }

    var fitness: Fitness {
        var fitness = configuration.fitness
        fitness.isLast = !reasonsToRankBehind.isEmpty
        fitness.isImpaired = fault != nil || maintenance.since != nil
        if fitness.isImpaired, configuration.whenNoneEligible == .release { fitness.mayHold = false }
        return fitness
    }

    private func write(_ note: FailoverNote, _ group: String) {
        switch note {
        case .held(let term):
            writeHeld(group, term)
        case .released(let term):
            log.write(
                .vipsWithdrawn,
                ["group": LogValue(group), "vips": .list(vips(of: group)), "term": LogValue(term.number)]
            )
        case .kept(let reason):
            log.write(
                .vipsKept,
                ["group": LogValue(group), "reason": LogValue(reason)]
            )
        case .linkLost(let reason):
            log.write(
                .linkLost,
                ["group": LogValue(group), "reason": LogValue(reason)]
            )
        case .linkRestored: log.write(.linkRestored, ["group": LogValue(group)])
        case .hookFailed, .hookForgiven, .heldUnprepared: writeHookNote(note, group)
        case .expired(let term):
            log.write(
                .vipsExpired,
                ["group": LogValue(group), "term": LogValue(term.number)]
            )
        case .failed(let term, let reason):
            log.write(
                .vipsNotAssigned,
                ["group": LogValue(group), "term": LogValue(term.number), "reason": LogValue(reason)]
            )
        }
    }

    private func writeHeld(_ group: String, _ term: Term) {
        let failover = failoverWatch.noteHeld(group, term, at: Clock.now())
        var fields: [(String, LogValue)] = [
            ("group", LogValue(group)), ("vips", .list(vips(of: group))), ("term", LogValue(term.number)),
        ]
        if let failover {
            lastFailover = (failover, Timestamp(nanoseconds: Clock.wallTime()).text)
            metering.noteFailover(failover.took)
            fields += [
                ("from", LogValue(failover.from)), ("cause", LogValue(failover.cause)),
                ("elected_after", LogValue(failover.electedAfter)), ("took", LogValue(failover.took)),
            ]
        }
        log.write(.vipsAssigned, list: fields)
    }

    private func vips(of group: String) -> [String] {
        let vips = roster.first { $0.name == group }?.vips ?? []
        // A line is for reading, and has to fit into one message to the log writer.
        let shown = vips.prefix(Self.vipsInLine).map { "\($0.prefix)@\($0.interface)" }
        return vips.count == shown.count ? shown : shown + ["and \(vips.count - shown.count) more"]
    }
}
