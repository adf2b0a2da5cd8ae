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
    /// Whether keepers always act within D, so that no two nodes ever have the VIP.
    package var isStrict = true
    package var sabotage: Sabotage?
    /// Nodes whose `cluster.nodes` lacks the last line.
    package var misconfigured: [Int] = []

    /// A run without faults.
    package init(seed: UInt64, starts: [Nanoseconds?], timing: Timing = .lan, lasting duration: Nanoseconds) {
        self.seed = seed
        self.timing = timing
        self.starts = starts
        promiseFactors = starts.map { _ in 1 }
        weather = .fair
        write = .milliseconds(0.3)
        healedAt = duration
    }

    /// After the faults: the last promise (a restarted node owes one, too), the campaigns of four ranks in turn, each
    /// with a question and a vote, and a margin for an unlucky retry. Outside `strict` a keeper may just have been lost,
    /// and its node leads without the address until the kernel has taken it off.
    package var recoveryBound: Nanoseconds {
        let roundTrip = 4 * weather.delay
        return longestPromise.nanoseconds * 2 + 4 * (timing.slot.nanoseconds + 2 * roundTrip + 6 * write)
            + .milliseconds(100) + (isStrict ? 0 : .seconds(2))
    }

    var longestPromise: Duration { timing.promise * (promiseFactors.max() ?? 1) }

    /// What node `index` goes by.
    func timing(of index: Int) -> Timing {
        var timing = timing
        timing.promise = timing.promise * promiseFactors[index]
        return timing
    }

    /// How long the holder must then stay the same.
    package var calm: Nanoseconds { timing.promise.nanoseconds * 10 }
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
    package static let wan = Timing(
        heartbeat: .milliseconds(200),
        promise: .milliseconds(1200),
        withdrawal: .milliseconds(10),
        slot: .milliseconds(100)
    )
}
