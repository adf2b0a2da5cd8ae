import Control
import Observability
import Time

/// Times what has a beginning and an end, for the metrics.
struct Metering {
    private(set) var metrics = StatusReport.Metrics()
    /// By their number. The scribe bounds how many can be open.
    private var writes: [UInt64: Instant] = [:]

    mutating func noteWrite(_ number: UInt64, at now: Instant) { writes[number] = now }

    mutating func notePersisted(_ number: UInt64, syncTime: Duration, at now: Instant) {
        metrics.fsync.note(syncTime)
        guard let begin = writes.removeValue(forKey: number) else { return }
        metrics.persist.note(now.longestElapsed(since: begin))
    }

    mutating func noteHook(_ time: Duration) { metrics.hook.note(time) }

    mutating func noteRoundTrip(_ time: Duration) { metrics.roundTrip.note(time) }
    mutating func noteFailover(_ time: Duration) { metrics.failover.note(time) }
    mutating func noteLeadership() { metrics.leaderships += 1 }
}
