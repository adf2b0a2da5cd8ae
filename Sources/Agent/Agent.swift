import Configuration
import Control
import Elections
import Failover
import Hooks
import Keeper
import Linux
import Observability
import Raft
import Runner
import Scribe
import Time

/// The main process: takes part in the election, decides what happens to the groups, and holds no privilege.
///
/// It only wires: what is worth getting right is decided by `RaftNode`, `Failover` and `KeeperCore`, and done by the
/// processes at the other end of the links.
final class Agent {
    let configuration: Configuration
    let loop: EventLoop
    let log: Logger
    var failover: Failover
    var keeper: KeeperWatch
    let scribe: ScribeLink
    let runner: RunnerLink
    var election: RaftElection?
    var statusServer: ControlServer?

    /// Why the process is ending, if it is.
    var ending: Ending?
    var lastHookNumber: UInt64 = 0
    var repeats = RepeatFilter()
    var startedAt = Clock.now()
    var leader: NodeID?

    /// How the process ends: what is still to be done, and the exit code.
    struct Ending {
        let exitCode: Int32
        var hasReleased = false
        var isDestroying = false
    }

    init(
        _ configuration: Configuration,
        on loop: EventLoop,
        log: Logger,
        keeper: KeeperLink,
        scribe: ScribeLink,
        runner: RunnerLink
    ) {
        self.configuration = configuration
        self.loop = loop
        self.log = log
        self.keeper = KeeperWatch(keeper, on: loop)
        self.scribe = scribe
        self.runner = runner
        failover = Failover(groups: configuration.failoverGroups)
    }

    /// Carries out what the groups' state machine wants.
    func feed(_ event: FailoverEvent) {
        for effect in failover.step(event, at: Clock.now()) { perform(effect) }
    }

    private func perform(_ effect: FailoverEffect) {
        switch effect {
        case .assign(let group, let term, let until): keeper.send(.hold(group: group, term, until: until))
        case .withdraw(let term): withdraw(term)
        case .reportWithdrawn(let term): election?.withdrawn(term)
        case .run(.toMaster, let group): run(.toMaster, group: group)
        case .run(.toSlave, let group): run(.toSlave, group: group)
        case .yield(let group, let reason): yield(group, reason)
        case .note(let note, let group): write(note, group)
        }
    }

    /// The keeper's answer tells the election that another may lead; without a keeper the kernel's list of addresses.
    private func withdraw(_ term: Term) {
        if keeper.isLost {
            // `watchAddresses` answers when the kernel has none of them.
            return
        }
        keeper.send(.release(.all, term))
    }

    /// Leaves the groups to another node, and asks for none for a while.
    private func yield(_ group: String, _ reason: String) {
        log.warn("giving leadership up", ["group": LogValue(group), "reason": LogValue(reason)])
        election?.change(Fitness(priority: 0, mayHold: !configuration.node.isWitness))
        loop.schedule(after: Failover.cooldown) { [unowned self] in election?.change(configuration.fitness) }
        election?.resign()
    }

    private func write(_ note: FailoverNote, _ group: String) {
        switch note {
        case .held(let term): log.notice("VIPs assigned", ["group": LogValue(group), "term": LogValue(term.number)])
        case .released(let term):
            log.notice("VIPs withdrawn", ["group": LogValue(group), "term": LogValue(term.number)])
        case .expired(let term):
            log.warn(
                "VIPs withdrawn by the keeper, which heard no renewal in time",
                ["group": LogValue(group), "term": LogValue(term.number)]
            )
        case .failed(let term, let reason):
            log.error(
                "VIPs could not be assigned",
                ["group": LogValue(group), "term": LogValue(term.number), "reason": LogValue(reason)]
            )
        }
    }
}
