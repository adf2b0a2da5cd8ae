import Configuration
import Elections
import Failover
import Hooks
import Linux
import Observability
import Raft
import Runner
import Time

extension Agent {
    /// Asks for a hook. ToDestroy is the last of all: when it has ended, so has the process, nearly.
    func run(_ event: HookEvent, group: String?) {
        let index = group.flatMap { name in roster.firstIndex { $0.name == name } }
        let request = links.runner?.run(event, group: index, term: election?.term.number ?? 0)
        if event == .toDestroy, request == nil { finishHooks() }
    }

    func hear(_ event: RunnerLink.Event) {
        switch event {
        case .began(let request, let pid):
            metering.noteHook(request.number, at: Clock.now())
            log.write(.hookBegan, list: fields(request) + [("pid", LogValue(pid))])
        case .output(let request, let stream, let line):
            log.write(
                .hookOutput,
                list: fields(request) + [("stream", LogValue("\(stream)")), ("line", LogValue(line))]
            )
        case .retrying(let request, let reason, let interval):
            log.write(
                .hookRetried,
                list: fields(request) + [("reason", LogValue(reason)), ("after_ms", LogValue(interval))]
            )
        case .ended(let request, let outcome): end(request, outcome)
        case .prepared(let digest): runnerPrepared(digest)
        case .unprepared(let reason): refuseReload(["the runner: \(reason)"])
        case .gone(let reason):
            log.write(.runnerLost, ["reason": LogValue(reason)])
            end(exitCode: .failure)
            finishHooks()
        }
    }

    private func end(_ request: HookRequest, _ outcome: HookOutcome) {
        metering.noteHookEnd(request.number, at: Clock.now())
        switch outcome {
        case .succeeded: log.write(.hookSucceeded, list: fields(request))
        case .failed(let reason, let aborts):
            log.write(.hookFailed, list: fields(request) + [("reason", LogValue(reason))])
            if aborts, request.event == .toMaster { feed(.hookAborted(group: groupName(request))) }
        case .undone: log.write(.hookNotNeeded, list: fields(request))
        case .notConfigured: break
        }
        if request.event == .toDestroy { finishHooks() }
    }

    private func fields(_ request: HookRequest) -> [(String, LogValue)] {
        [("hook", LogValue(request.event.rawValue))]
            + (request.group == nil ? [] : [("group", LogValue(groupName(request)))])
    }

    private func groupName(_ request: HookRequest) -> String {
        guard let index = request.group, roster.indices.contains(index) else { return "default" }
        return roster[index].name
    }
}
