package import Configuration
/// How long the runner waits for what.
package struct RunnerLimits: Hashable, Sendable {
    /// Between SIGTERM and SIGKILL to a hook that has run out of time.
    package var grace: Duration = .seconds(1)
    /// After a hook's end, for a process that it left behind and that still has its output open.
    package var linger: Duration = .milliseconds(500)
    /// How often a hook with `on_failure: retry` is tried in all.
    package var tries = 4
    /// How many hooks run at a time, beside those that a VIP waits for.
    package var parallel = 16
    /// Before the second try; it doubles with each.
    package var firstBackoff: Duration = .seconds(1)

    package init() {}

    /// How long a hook may take, all its tries together.
    package func longest(of hook: Hook) -> Duration {
        let once = hook.timeout + grace + linger
        guard hook.onFailure == .retry else { return once }
        return (1..<tries).reduce(once) { $0 + backoff(afterTry: $1) + once }
    }

    func backoff(afterTry number: Int) -> Duration { firstBackoff * (1 << (number - 1)) }
}
