package import Raft
package import Storage
import Time

/// One thing that goes wrong. What lasts, ends by itself after its time.
package enum Fault: Hashable, Sendable {
    /// Nothing gets from one node to the other, in this direction.
    case cut(from: Int, to: Int, for: Nanoseconds)
    /// What a node sends, what it hears, or both, is lost.
    case isolated(Int, Direction, for: Nanoseconds)
    /// The first group does not hear the others; where it is symmetric, nor do they hear it.
    case partitioned([Int], isSymmetric: Bool, for: Nanoseconds)
    /// What a node sends, or hears, comes later than usual.
    case lagging(Int, Direction, by: Nanoseconds, for: Nanoseconds)
    /// All links at once.
    case badWeather(Weather, for: Nanoseconds)

    /// The agent is killed; the keeper is not.
    case agentKilled(Int, restartAfter: Nanoseconds)
    /// All agents but one are killed at once.
    case othersKilled(than: Int, restartAfter: Nanoseconds)
    /// The agent's code stands still, its clocks do not.
    case agentStopped(Int, for: Nanoseconds)
    /// Told to stop in good order.
    case agentTerminated(Int, restartAfter: Nanoseconds)
    /// The machine is off at once, with its kernel.
    case powerLost(Int, restartAfter: Nanoseconds)
    /// The same, and the machine comes back with an empty disk. Once a run: what a quorum has lost nobody has.
    case diskLost(Int, restartAfter: Nanoseconds)
    /// The machine is off at once, and while it is a bit of a file turns. Counts as a lost disk where it matters.
    case bitTurned(Int, in: StoredFile, bit: Int, restartAfter: Nanoseconds)
    case slowDisk(Int, write: Nanoseconds, for: Nanoseconds)
    /// No write is answered.
    case diskHung(Int, for: Nanoseconds)
    /// No file can grow.
    case diskFull(Int, for: Nanoseconds)
    /// Every synchronization fails, and what it should have kept is lost.
    case syncFailing(Int, for: Nanoseconds)
    case clocksChanged(Int, boottime: Int64, raw: Int64)
    /// The keeper and the kernel take as long as D allows.
    case slowKeeper(Int, for: Nanoseconds)
    /// The machine sleeps: no code runs, BOOTTIME goes on, MONOTONIC_RAW does not.
    case suspended(Int, for: Nanoseconds)
    /// A virtual machine stands still with its clocks, and its kernel answers nobody.
    case frozen(Int, for: Nanoseconds)

    /// An operator does something.
    case asked(Wish)
    /// A node's configuration gets another timing.
    case retimed(Int, ClusterTiming)

    /// Outside `strict`: nobody is left to act until the kernel's lifetime is over.
    case everythingKilled(Int, restartAfter: Nanoseconds)
    case everythingStopped(Int, for: Nanoseconds)
    /// Outside `strict`: the agent alone is left, and leads until the kernel's lifetime is over.
    case keeperStopped(Int, for: Nanoseconds)
    case keeperKilled(Int)

    /// In place of a node: whoever holds the VIP when the fault begins.
    package static let holder = -1

    /// The fault with `node` for "whoever holds".
    func aimed(at node: Int) -> Fault { redirected { $0 == Fault.holder ? node : $0 } }

    /// The fault with other nodes for those that it names.
    func redirected(_ aim: (Int) -> Int) -> Fault {
        switch self {
        case .cut(let from, let to, let span): .cut(from: aim(from), to: aim(to), for: span)
        case .isolated(let target, let direction, let span): .isolated(aim(target), direction, for: span)
        case .lagging(let target, let direction, let delay, let span):
            .lagging(aim(target), direction, by: delay, for: span)
        case .partitioned(let side, let isSymmetric, let span):
            .partitioned(side.map(aim), isSymmetric: isSymmetric, for: span)
        case .badWeather: self
        case .agentKilled(let target, let pause): .agentKilled(aim(target), restartAfter: pause)
        case .othersKilled(let target, let pause): .othersKilled(than: aim(target), restartAfter: pause)
        case .agentStopped(let target, let span): .agentStopped(aim(target), for: span)
        case .agentTerminated(let target, let pause): .agentTerminated(aim(target), restartAfter: pause)
        case .powerLost(let target, let pause): .powerLost(aim(target), restartAfter: pause)
        case .diskLost(let target, let pause): .diskLost(aim(target), restartAfter: pause)
        case .bitTurned(let target, let file, let bit, let pause):
            .bitTurned(aim(target), in: file, bit: bit, restartAfter: pause)
        case .slowDisk(let target, let write, let span): .slowDisk(aim(target), write: write, for: span)
        case .diskHung(let target, let span): .diskHung(aim(target), for: span)
        case .diskFull(let target, let span): .diskFull(aim(target), for: span)
        case .syncFailing(let target, let span): .syncFailing(aim(target), for: span)
        case .clocksChanged(let target, let boottime, let raw):
            .clocksChanged(aim(target), boottime: boottime, raw: raw)
        case .everythingKilled(let target, let pause): .everythingKilled(aim(target), restartAfter: pause)
        case .everythingStopped(let target, let span): .everythingStopped(aim(target), for: span)
        case .keeperStopped(let target, let span): .keeperStopped(aim(target), for: span)
        case .keeperKilled(let target): .keeperKilled(aim(target))
        case .slowKeeper(let target, let span): .slowKeeper(aim(target), for: span)
        case .suspended(let target, let span): .suspended(aim(target), for: span)
        case .frozen(let target, let span): .frozen(aim(target), for: span)
        case .retimed(let target, let timing): .retimed(aim(target), timing)
        case .asked(let wish): .asked(wish.redirected(aim))
        }
    }

    /// The machine that it happens to, if it is one.
    var machine: Int? {
        switch self {
        case .agentKilled(let node, _), .agentStopped(let node, _), .agentTerminated(let node, _),
            .powerLost(let node, _), .diskLost(let node, _), .everythingKilled(let node, _),
            .everythingStopped(let node, _), .keeperStopped(let node, _), .keeperKilled(let node),
            .bitTurned(let node, _, _, _), .suspended(let node, _), .frozen(let node, _),
            .clocksChanged(let node, _, _):
            node
        case .cut, .isolated, .partitioned, .lagging, .badWeather, .othersKilled, .slowDisk, .diskHung, .diskFull,
            .syncFailing, .slowKeeper, .asked, .retimed:
            nil
        }
    }

    package enum Direction: String, Hashable, Sendable, CaseIterable {
        case sending, hearing, both
    }
}

/// How datagrams fare.
package struct Weather: Hashable, Sendable {
    package var loss: Double
    package var duplication: Double
    /// The one-way delay: at least this,
    package var delay: Nanoseconds
    /// and a heavy tail on top, of this scale and with this probability.
    package var tail: Nanoseconds
    package var tailChance: Double

    package init(loss: Double, duplication: Double, delay: Nanoseconds, tail: Nanoseconds, tailChance: Double) {
        self.loss = loss
        self.duplication = duplication
        self.delay = delay
        self.tail = tail
        self.tailChance = tailChance
    }

    package static let fair = Weather(
        loss: 0,
        duplication: 0,
        delay: .milliseconds(0.2),
        tail: .milliseconds(0.5),
        tailChance: 0.02
    )
}
