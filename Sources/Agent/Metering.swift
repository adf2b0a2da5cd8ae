import Control
import Observability
import Time

/// Times what has a beginning and an end, for the metrics.
struct Metering {
    private(set) var metrics = StatusReport.Metrics()
    /// By their number. The scribe and the runner bound how many can be open.
    private var writes: [UInt64: Instant] = [:]
    private var hooks: [UInt64: Instant] = [:]

    mutating func noteWrite(_ number: UInt64, at now: Instant) { writes[number] = now }

    mutating func notePersisted(_ number: UInt64, syncTime: Duration, at now: Instant) {
        metrics.fsync.note(syncTime)
        guard let begin = writes.removeValue(forKey: number) else { return }
        metrics.persist.note(now.longestElapsed(since: begin))
    }

    /// The first try counts as the begin.
    mutating func noteHook(_ number: UInt64, at now: Instant) {
        if hooks[number] == nil { hooks[number] = now }
    }

    /// Returns how long it took, all its tries together; nil where it never began.
    mutating func noteHookEnd(_ number: UInt64, at now: Instant) -> Duration? {
        guard let begin = hooks.removeValue(forKey: number) else { return nil }
        let duration = now.longestElapsed(since: begin)
        metrics.hook.note(duration)
        return duration
    }

    mutating func noteRoundTrip(_ time: Duration) { metrics.roundTrip.note(time) }
    mutating func noteFailover(_ time: Duration) { metrics.failover.note(time) }
    mutating func noteLeadership() { metrics.leaderships += 1 }
}
