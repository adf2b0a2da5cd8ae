internal import Configuration
internal import Hooks
internal import Linux
internal import Time

/// The runner's own side: takes requests, lets the queue decide, starts what may begin, reports.
final class RunnerServer {
    /// For what begins from now on; what runs or waits for its next try has the plan that it began with.
    private var plan: HookPlan {
        didSet { queue.debounce = plan.debounce }
    }
    private let reload: () -> (HookPlan, ConfigurationDigest)?
    /// Read, and not followed yet.
    private var prepared: (plan: HookPlan, number: UInt64)?
    private let limits: RunnerLimits
    private let loop: EventLoop
    private var channel: MessageChannel?
    private var queue: HookQueue
    private var timer: EventLoop.TimerID?
    private var runs: [UInt64: HookRun] = [:]
    private var hasCleaned: Bool

    /// Reports that wait for an agent that is busy. Reading the hooks' outputs pauses as soon as one does, so that only
    /// what was in hand comes here.
    private static let reportCapacity = 4096

    init(
        _ socket: MessageSocket,
        _ plan: HookPlan,
        _ limits: RunnerLimits,
        cleans: Bool,
        on loop: EventLoop,
        reload: @escaping () -> (HookPlan, ConfigurationDigest)?
    ) throws(Errno) {
        (self.plan, self.limits, self.loop, self.reload) = (plan, limits, loop, reload)
        queue = HookQueue(debounce: plan.debounce, limit: limits.parallel)
        hasCleaned = !cleans
        let channel = try MessageChannel(socket, on: loop, capacity: Self.reportCapacity) { [unowned self] in hear($0) }
        channel.whenDrained = { [unowned self] in for run in runs.values { run.listen() } }
        self.channel = channel
    }

    func killHooks() { for run in runs.values { run.kill() } }

    private func hear(_ event: MessageChannel.Event) {
        switch event {
        case .gone: loop.stop()
        case .message(let bytes):
            if let order = PlanOrder(bytes) { return obey(order) }
            // An agent that sends what is no request is not to be trusted any more.
            guard let request = try? HookRequest(unsafe bytes.span.bytes), plan.accepts(request) else {
                return loop.stop()
            }
            carryOut(queue.add(request, at: Clock.now()))
            for run in runs.values where queue.isOutdated(run.request) { run.becomeOutdated() }
        }
    }

    /// What runs goes on by the plan that it began with; what waits begins by the new one.
    private func obey(_ order: PlanOrder) {
        switch order {
        case .prepare(let digest, let number):
            prepared = nil
            guard let (read, found) = reload(), found == digest else {
                return answer(
                    .unprepared("the configuration has changed while it was read; try again", number: number)
                )
            }
            prepared = (read.following(plan), number)
            answer(.prepared(number: number))
        case .adopt(let number):
            guard let prepared, prepared.number == number else { return }
            plan = prepared.plan
            self.prepared = nil
            answer(.adopted(number: number))
        }
    }

    private func answer(_ answer: PlanAnswer) { _ = channel?.send(answer.bytes) }

    private func carryOut(_ effects: [HookQueue.Effect]) {
        for effect in effects {
            switch effect {
            case .undone(let request): report(.ended(number: request.number, .undone, took: nil))
            case .begin(let request): begin(request)
            }
        }
        if let timer { loop.cancel(timer) }
        timer = queue.nextDeadline.map { due in
            loop.schedule(.timer(due)) { [unowned self] in carryOut(queue.timeElapsed(at: Clock.now())) }
        }
    }

    private func begin(_ request: HookRequest) {
        guard let hook = plan.hook(for: request) else { return end(request, .notConfigured) }
        cleanOnce()
        let run = HookRun(
            request,
            hook,
            plan,
            limits,
            on: loop,
            report: { [unowned self] in report($0) },
            ended: { [unowned self] in end(request, $0) }
        )
        runs[request.number] = run
        run.begin()
    }

    private func end(_ request: HookRequest, _ outcome: HookOutcome) {
        let took = runs.removeValue(forKey: request.number)?.elapsed
        report(.ended(number: request.number, outcome, took: took))
        let succeeded = if case .failed = outcome { false } else { true }
        carryOut(queue.ended(request, succeeded: succeeded, at: Clock.now()))
    }

    /// Not at the start: only an agent that has the lock on the data folder asks for a hook, and until then the hooks of
    /// the same configuration may be those of an agent that lives.
    private func cleanOnce() {
        guard !hasCleaned else { return }
        hasCleaned = true
        LeftoverHooks(of: plan).kill()
    }

    private func report(_ report: HookReport) {
        guard let channel else { return }
        _ = channel.send(report.bytes)
        if channel.isBackedUp { for run in runs.values { run.pause() } }
    }
}
