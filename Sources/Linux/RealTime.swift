internal import CLinux
internal import Glibc

/// `realtime: true`: a process that goes before all that are not of this kind, and whose memory is never paged out.
///
/// Every round of our loops ends soon, and the kernel keeps 5 % of each second for the others
/// (`kernel.sched_rt_runtime_us`): so this takes the machine from nobody.
package enum RealTime {
    /// Above the default of every program, below the kernel's own threads (50); 1...99.
    package static let priority: Int32 = 10

    package enum Refusal: Error, Hashable, Sendable, CustomStringConvertible {
        /// EPERM: RLIMIT_RTPRIO is below `priority`.
        case priority(Errno)
        /// RLIMIT_MEMLOCK is not without end; with a bound, an allocation above it would end the process.
        case memory

        package var description: String {
            switch self {
            case .priority(let errno): "SCHED_FIFO \(RealTime.priority): \(errno); set LimitRTPRIO=\(RealTime.priority)"
            case .memory: "mlockall: the limit of locked memory is finite; set LimitMEMLOCK=infinity"
            }
        }
    }

    /// For the calling process; its children begin without (`SCHED_RESET_ON_FORK`). Returns what the limits do not allow.
    package static func enter() -> [Refusal] {
        var refusals: [Refusal] = []
        do throws(Errno) {
            var parameter = sched_param(sched_priority: priority)
            try retrying { unsafe sched_setscheduler(0, clinux_fifo_reset_on_fork(), &parameter) }
        } catch {
            refusals.append(.priority(error))
        }
        if clinux_lock_memory() != 0 { refusals.append(.memory) }
        return refusals
    }
}
