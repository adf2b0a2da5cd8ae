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

    mutating func noteHookEnd(_ number: UInt64, at now: Instant) {
        guard let begin = hooks.removeValue(forKey: number) else { return }
        metrics.hook.note(now.longestElapsed(since: begin))
    }

    mutating func noteRoundTrip(_ time: Duration) { metrics.roundTrip.note(time) }
    mutating func noteFailover(_ time: Duration) { metrics.failover.note(time) }
    mutating func noteLeadership() { metrics.leaderships += 1 }
}
