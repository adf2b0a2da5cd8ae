import Raft
import Time

/// One node with all that a crash takes away and all that it leaves.
final class Machine {
    let index: Int
    let settings: Settings
    var clock: NodeClock
    var disk: Disk
    var kernel = Kernel()
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
    var lastWriteEnd: Nanoseconds = 0
    var lastRequestAt: Nanoseconds = 0
    var lastAnswerAt: Nanoseconds = 0
    var keeperWakesAt: Nanoseconds?
    var isExpiryNoted = false
    var isStarting = false
    /// Given when the agent is to stop: when it shall come back.
    var restartAfter: Nanoseconds?
    /// The agent has given its keeper up and waits until the kernel has no VIP.
    var isLosingKeeper = false
    /// The term whose withdrawal waits for the kernel, the keeper being lost.
    var owesWithdrawal: Term?
    /// Sabotage: the lease that the keeper was told.
    var pretendedLease: Instant?
    /// When a process was last dead or stopped, or cut off: what excuses two holders outside `strict`.
    var neglectedUntil: Nanoseconds = -1

    init(index: Int, settings: Settings, clock: NodeClock, disk: Disk) {
        self.index = index
        self.settings = settings
        self.clock = clock
        self.disk = disk
    }
}

/// A running agent process.
struct Agent {
    enum Input {
        case datagram(Datagram)
        case event(Event)
    }

    var raft: RaftNode
    var sessions: Sessions
    var wakesAt: Nanoseconds?
    /// SIGSTOP until then.
    var stoppedUntil: Nanoseconds = 0
    var inbox: [Input] = []
    /// Awakenings in a row that led to nothing.
    var idleWakes = 0

    /// What a socket's buffer and the pipes hold while nobody reads.
    static let inboxLimit = 400
}
