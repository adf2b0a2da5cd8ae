internal import Configuration
internal import Hooks
internal import Linux
internal import Time

/// One request being carried out: the hook's program, tried once or, with `on_failure: retry`, several times.
final class HookRun {
    let request: HookRequest

    private let hook: Hook
    private let plan: HookPlan
    private let limits: RunnerLimits
    private let loop: EventLoop
    private let report: (HookReport) -> Void
    private let ended: (HookOutcome) -> Void
    private var current: HookTry?
    private var tries = 0
    private var begun: Instant?
    /// Runs while the next try is waited for.
    private var backoff: (timer: EventLoop.TimerID, reason: String)?
    /// A later role change waits: what this one did matters no more.
    private var isOutdated = false

    init(
        _ request: HookRequest,
        _ hook: Hook,
        _ plan: HookPlan,
        _ limits: RunnerLimits,
        on loop: EventLoop,
        report: @escaping (HookReport) -> Void,
        ended: @escaping (HookOutcome) -> Void
    ) {
        (self.request, self.hook, self.plan, self.limits, self.loop) = (request, hook, plan, limits, loop)
        (self.report, self.ended) = (report, ended)
    }

    deinit { if let backoff { loop.cancel(backoff.timer) } }

    /// Starts the program, once it is known to be what the administrator put there: it may have changed since the start.
    func begin() {
        backoff = nil
        tries += 1
        let program: CheckedProgram
        do throws(HookRefusal) {
            program = try CheckedProgram(hook, plan.signature, plan.signatureKey)
        } catch {
            return fail(error.description)
        }
        do throws(Errno) {
            let attempt = try start(program)
            current = attempt
            if begun == nil { begun = Clock.now() }
            report(.began(number: request.number, pid: attempt.pid))
            if !program.isUnchanged { attempt.condemn("\(hook.command) was changed while it was started; killed") }
        } catch {
            fail("cannot start \(hook.command): \(error)")
        }
    }

    /// Since its first try began; nil where none did.
    var elapsed: Duration? { begun.map { Clock.now().longestElapsed(since: $0) } }

    func listen() { current?.listen() }
    func pause() { current?.pause() }
    func kill() { current?.kill() }

    /// Tries no more: the program that runs is let finish, a wait for the next try ends now.
    func becomeOutdated() {
        isOutdated = true
        if let backoff {
            loop.cancel(backoff.timer)
            fail(backoff.reason)
        }
    }

    private func start(_ program: CheckedProgram) throws(Errno) -> HookTry {
        try HookTry(
            Child(plan.program(of: hook, for: request), from: program.copy),
            timeout: hook.timeout,
            limits: limits,
            on: loop,
            heard: { [report, request] in report(.output(number: request.number, stream: $0, lines: $1)) },
            ended: { [unowned self] in settle($0) }
        )
    }

    private func settle(_ failure: String?) {
        current = nil
        if let failure { fail(failure) } else { ended(.succeeded) }
    }

    private func fail(_ reason: String) {
        backoff = nil
        if hook.onFailure == .retry, tries < limits.tries, !isOutdated { return retry(reason) }
        ended(.failed(reason, aborts: hook.onFailure != .continue && !isOutdated))
    }

    private func retry(_ reason: String) {
        let interval = limits.backoff(afterTry: tries)
        report(.retrying(number: request.number, reason: reason, after: interval))
        backoff = (loop.schedule(after: interval) { [unowned self] in begin() }, reason)
    }
}
