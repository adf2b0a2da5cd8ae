package import Raft
import Time

/// Everything that a run is made of, drawn before it begins: the same plan and seed give the same run.
///
/// The faults are a list, so that a failing run can be made smaller by leaving some out.
package struct Plan: Sendable {
    package struct Step: Hashable, Sendable {
        package var at: Nanoseconds
        package var fault: Fault

        package init(at: Nanoseconds, fault: Fault) {
            self.at = at
            self.fault = fault
        }
    }

    package var seed: UInt64
    package var timing: Timing
    /// By how much the promise that each node asks for as a leader is longer: a cluster in the middle of a change.
    package var promiseFactors: [Int]
    package var weather: Weather
    /// How long a write takes: at least this, and up to six times as much.
    package var write: Nanoseconds
    /// When each node is started; nil: never.
    package var starts: [Nanoseconds?]
    package var faults: [Step] = []
    /// From here on nothing goes wrong any more.
    package var healedAt: Nanoseconds
    /// Whether a majority is there in the end.
    package var expectsHolder = true
    package var exclusivity = Exclusivity.spared
    /// D: how long a keeper takes at most.
    package var removal: Nanoseconds
    /// Vote, and never hold the VIP.
    package var witnesses: Set<Int> = []
    /// How many committed entries a log keeps.
    package var compaction = 256
    /// Whether a minority stays dead when the faults are over.
    package var losesMinority = false
    package var sabotage: Sabotage?
    /// The only rule that is looked at, to learn what a mistake leads to when nobody stops it; nil: all of them.
    package var rule: Violation.Rule?
    /// Nodes whose `cluster.nodes` lacks the last line.
    package var misconfigured: [Int] = []

    /// A run without faults.
    package init(seed: UInt64, starts: [Nanoseconds?], timing: Timing = .lan, lasting duration: Nanoseconds) {
        self.seed = seed
        self.timing = timing
        removal = timing.withdrawal.nanoseconds
        self.starts = starts
        promiseFactors = starts.map { _ in 1 }
        weather = .fair
        write = .milliseconds(0.3)
        healedAt = duration
    }

    /// After the faults: the last promise (a restarted node owes one, too), the campaigns of four ranks in turn, each
    /// with a question and a vote, and ten unlucky retries: where all that are left must vote, two that ask at one moment
    /// split the votes, again and again as chance has it. Outside `strict` a keeper may just have been lost,
    /// and its node leads without the address until the kernel has taken it off.
    package var recoveryBound: Nanoseconds {
        let roundTrip = 4 * weather.delay
        return longestPromise.nanoseconds * 2 + 4 * (longestSlot.nanoseconds + 2 * roundTrip + 6 * write)
            + 20 * longestHeartbeat.nanoseconds + .milliseconds(100) + exclusivity.patience
    }

    var longestPromise: Duration {
        timing.promise * (promiseFactors.max() ?? 1) + (agreements.map(\.promise).max() ?? .zero)
    }

    var longestHeartbeat: Duration { max(timing.heartbeat, agreements.map(\.heartbeat).max() ?? .zero) }

    private var longestSlot: Duration { max(timing.slot, agreements.map { timing.following($0).slot }.max() ?? .zero) }

    /// What nodes are configured with in the course of the run.
    private var agreements: [ClusterTiming] {
        faults.compactMap { if case .retimed(_, let timing) = $0.fault { timing } else { nil } }
    }

    /// Whether a disk is lost in the course of the run.
    var losesDisk: Bool {
        faults.contains {
            switch $0.fault {
            case .diskLost, .bitTurned: true
            default: false
            }
        }
    }

    var kernelLifetime: ClosedRange<Nanoseconds> {
        exclusivity == .fenced ? Kernel.fencedLifetime : Kernel.lifetime
    }

    /// What node `index` goes by.
    func timing(of index: Int) -> Timing {
        var timing = timing
        timing.promise = timing.promise * promiseFactors[index]
        return timing
    }

    /// How long the holder must then stay the same.
    package var calm: Nanoseconds { timing.promise.nanoseconds * 10 }
}

/// What the nodes promise about two holders, and so which faults a run may have without an excuse.
package enum Exclusivity: String, Hashable, Sendable, CaseIterable {
    /// Keepers are never touched: agents, networks, disks and clocks fail, and no two nodes ever have the VIP.
    case spared
    /// `exclusivity: prompt`: keepers fail, too; two holders are excused only while nobody is left to act.
    case prompt
    /// `exclusivity: strict` without a fence: everything fails, no excuse; promises outlast the kernel's lifetime.
    case strict
    /// `exclusivity: strict` with the fence: everything fails, and no two nodes ever answer.
    case fenced

    /// A keeper may just have been lost: then its node leads without the address until the kernel has let go of it.
    fileprivate var patience: Nanoseconds {
        switch self {
        case .spared: 0
        case .prompt, .strict: .seconds(2)
        case .fenced: .seconds(12)
        }
    }
}

extension Timing {
    package static let lan = Timing(
        heartbeat: .milliseconds(50),
        promise: .milliseconds(250),
        withdrawal: .milliseconds(10),
        slot: .milliseconds(10)
    )
    package static let fast = Timing(
        heartbeat: .milliseconds(20),
        promise: .milliseconds(100),
        withdrawal: .milliseconds(10),
        slot: .milliseconds(10)
    )
    package static let turbo = Timing(
        heartbeat: .milliseconds(10),
        promise: .milliseconds(40),
        withdrawal: .milliseconds(5),
        slot: .milliseconds(5)
    )
    /// L = 0.996 · 2500 − 10 − 2000: what `exclusivity: strict` without a fence asks for.
    static let strict = Timing(
        heartbeat: .milliseconds(50),
        promise: .milliseconds(2500),
        withdrawal: .milliseconds(2010),
        slot: .milliseconds(15)
    )
    static let slowStrict = Timing(
        heartbeat: .milliseconds(200),
        promise: .milliseconds(4000),
        withdrawal: .milliseconds(2010),
        slot: .milliseconds(60)
    )
    package static let wan = Timing(
        heartbeat: .milliseconds(200),
        promise: .milliseconds(1200),
        withdrawal: .milliseconds(10),
        slot: .milliseconds(100)
    )
}
