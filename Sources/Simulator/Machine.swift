import Net
import Raft
import Time

/// One node with all that a crash takes away and all that it leaves.
final class Machine {
    let index: Int
    var settings: Settings
    var clock: NodeClock
    var disk: Disk
    var kernel: Kernel
    var agent: Agent?
    var keeper: Keeper?
    /// Counts the processes, so that what was meant for a dead one is not delivered to the next.
    var run = 0
    var keeperRun = 0
    /// Counts what makes the ends of writes that were reckoned before void.
    var writesRun = 0
    /// What the latest run's datagrams are sealed with; its keeper's will outlives it.
    var keeperBoot: UInt128 = 0
    var cluster = ClusterID.none

    /// How long a write takes now; nil: as the plan has it.
    var slowWrite: Nanoseconds?
    /// Its operations take as long as D allows.
    var isKeeperSlow = false
    /// Its keeper will be stopped within its next operation, for so long.
    var stopsWithin: Nanoseconds?
    var lastWriteEnd: Nanoseconds = 0
    var lastRequestAt: Nanoseconds = 0
    var lastAnswerAt: Nanoseconds = 0
    var keeperWakesAt: Nanoseconds?
    var isExpiryNoted = false
    var isStarting = false
    /// Its keeper has not cleaned up yet what a dead run left.
    var isCleaning = false
    /// Suspended or frozen, with its kernel, until then.
    var standsStillUntil: Nanoseconds = 0
    var isStandingStill = false
    /// Since it stood still, two holders are excused until then.
    var excusedUntil: Nanoseconds = -1
    /// Given when the agent is to stop: when it shall come back.
    var restartAfter: Nanoseconds?
    /// The agent's last run was ended by a fault, not by itself.
    var isAgentKilled = false
    /// Sabotage: the lease that the keeper was told.
    var pretendedLease: Instant?

    var endpoint: Endpoint {
        settings.nodes.first { $0.id == settings.id }?.endpoint ?? Endpoint(address: .v4(0), port: 0)
    }

    /// Whether somebody who asks for the VIP gets an answer from here.
    func answers(at moment: Nanoseconds) -> Bool { !isStandingStill && kernel.answers(at: moment) }

    init(index: Int, settings: Settings, clock: NodeClock, disk: Disk, hasFence: Bool) {
        kernel = Kernel(hasFence: hasFence)
        self.index = index
        self.settings = settings
        self.clock = clock
        self.disk = disk
    }

    func belongs(to cluster: ClusterID) -> Bool {
        disk.durable.hardState.cluster == cluster || agent?.raft.hardState.cluster == cluster
    }
}
