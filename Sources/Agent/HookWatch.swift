import Hooks
import Time

/// When the hooks that run began.
struct HookWatch {
    /// Of the first try, by the number of the request.
    private var begun: [UInt64: Instant] = [:]

    mutating func began(_ request: HookRequest, at now: Instant) {
        if begun[request.number] == nil { begun[request.number] = now }
    }

    /// Returns how long it took, all its tries together; nil where it never began.
    mutating func ended(_ request: HookRequest, at now: Instant) -> Duration? {
        begun.removeValue(forKey: request.number).map { now.longestElapsed(since: $0) }
    }
}
