package import Configuration
package import Hooks
package import Linux

/// The agent's side of the runner: asks for hooks and hears what becomes of them.
package final class RunnerLink {
    package enum Event: Hashable, Sendable {
        case began(HookRequest, pid: Int32)
        case output(HookRequest, HookStream, line: String)
        case retrying(HookRequest, reason: String, after: Duration)
        /// Comes once for each request, whatever becomes of it; `took`: all its tries together, nil where it never began.
        case ended(HookRequest, HookOutcome, took: Duration?)
        /// The runner is gone; every request that was open has `ended` before.
        case gone(String)
        /// It has read what `prepare` of this number asked for, and `adopt` makes it go by that.
        case prepared(number: UInt64)
        case unprepared(String, number: UInt64)
        case adopted(number: UInt64)
    }

    /// Requests that wait beyond the kernel's queue.
    private static let capacity = 1024

    private let runner: HelperProcess
    private let handler: (Event) -> Void
    private var channel: MessageChannel?
    private var open: [UInt64: HookRequest] = [:]
    private var lastNumber: UInt64 = 0

    package init(
        _ runner: HelperProcess,
        on loop: EventLoop,
        _ handler: @escaping (Event) -> Void
    ) throws(Errno) {
        self.runner = runner
        self.handler = handler
        // One at a time: a message may be hundreds of lines for the log, and a heartbeat must not wait behind many.
        channel = try MessageChannel(runner.socket, on: loop, capacity: Self.capacity, batch: 1) { [unowned self] in
            hear($0)
        }
    }

    package var pid: Int32 { runner.pid }

    /// Requests that have not ended.
    package var openRequests: [HookRequest] { open.values.sorted { $0.number < $1.number } }

    /// Asks for the hook of `event`; its answers carry the request. Nil where the runner is gone or does not read.
    @discardableResult
    package func run(_ event: HookEvent, group: Int?, term: UInt64) -> HookRequest? {
        lastNumber += 1
        let request = HookRequest(number: lastNumber, event: event, group: group, term: term)
        guard channel?.send(request.bytes) == true else { return nil }
        open[request.number] = request
        return request
    }

    /// Hears nothing more until `resume()`; a hook that prints meanwhile waits at a full pipe.
    package func pause() { channel?.pause() }

    package func resume() { channel?.resume() }

    /// Has the runner read the configuration; answered by `prepared` or `unprepared`. False where it is gone.
    package func prepare(_ digest: ConfigurationDigest, number: UInt64) -> Bool {
        channel?.send(PlanOrder.prepare(digest, number: number).bytes) ?? false
    }

    /// Requests that follow go by what was prepared under that number; answered by `adopted`.
    package func adopt(number: UInt64) { _ = channel?.send(PlanOrder.adopt(number: number).bytes) }

    /// Tells the runner to end, which kills the hooks that still run; how it ended, or nil after `bound`.
    package func stop(waitingUpTo bound: Duration) -> ExitStatus? {
        channel = nil
        try? runner.socket.shutDown()
        return try? runner.wait(upTo: bound)
    }

    private func hear(_ event: MessageChannel.Event) {
        switch event {
        case .gone: lose()
        case .message(let bytes):
            switch PlanAnswer(bytes) {
            case .prepared(let number): return handler(.prepared(number: number))
            case .unprepared(let reason, let number): return handler(.unprepared(reason, number: number))
            case .adopted(let number): return handler(.adopted(number: number))
            case nil: break
            }
            guard let report = try? HookReport(unsafe bytes.span.bytes), let request = open[report.number] else {
                return
            }
            hear(report, about: request)
        }
    }

    private func hear(_ report: HookReport, about request: HookRequest) {
        switch report {
        case .began(_, let pid): handler(.began(request, pid: pid))
        case .output(_, let stream, let lines): for line in lines { handler(.output(request, stream, line: line)) }
        case .retrying(_, let reason, let interval): handler(.retrying(request, reason: reason, after: interval))
        case .ended(_, let outcome, let took):
            open[request.number] = nil
            handler(.ended(request, outcome, took: took))
        }
    }

    private func lose() {
        channel = nil
        let ending = (try? runner.wait(upTo: .milliseconds(100))).map { "\($0)" } ?? "it closed its socket"
        let lost = openRequests
        open = [:]
        for request in lost {
            handler(.ended(request, .failed("the runner is gone: \(ending)", aborts: false), took: nil))
        }
        handler(.gone(ending))
    }
}
