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
    @discardableResult
    func run(_ event: HookEvent, group: String?) -> HookRequest? {
        let index = group.flatMap { name in roster.firstIndex { $0.name == name } }
        let request = links.runner?.run(event, group: index, term: election?.term.number ?? 0)
        switch event {
        case .beforeMaster, .beforeSlave: noteAwaited(event, group, request)
        case .toDestroy: if request == nil { finishHooks() }
        case .toReady, .toMaster, .toSlave: break
        }
        return request
    }

    private func noteAwaited(_ event: HookEvent, _ group: String?, _ request: HookRequest?) {
        let name = group ?? "default"
        if let request {
            log.write(.hookAwaited, ["hook": LogValue(event.rawValue), "group": LogValue(name)])
            return outwait(request, name)
        }
        guard event == .beforeMaster, let term = election?.term else { return }
        // A runner that takes no more is lost or overrun: nothing would ever end the wait.
        let end = FailoverEvent.hookEnded(.beforeMaster, group: name, term, .aborted(reason: "the runner takes none"))
        loop.schedule(after: .zero) { [unowned self] in feed(end) }
    }

    /// The runner ends each hook in time; one that does not run itself must not leave the VIPs with nobody.
    private func outwait(_ request: HookRequest, _ group: String) {
        guard request.event == .beforeMaster else { return }
        loop.schedule(after: hookPatience) { [unowned self] in
            guard links.runner?.openRequests.contains(request) == true else { return }
            let reason = "the runner does not answer"
            feed(.hookEnded(.beforeMaster, group: group, Term(request.term), .aborted(reason: reason)))
        }
    }

    func hear(_ event: RunnerLink.Event) {
        switch event {
        case .began(let request, let pid):
            log.write(.hookBegan, list: fields(request) + [("pid", LogValue(pid))])
        case .output(let request, let stream, let line):
            log.write(
                .hookOutput,
                list: fields(request) + [("stream", LogValue("\(stream)")), ("line", LogValue(line))]
            )
            links.easeLog()
        case .retrying(let request, let reason, let interval):
            log.write(
                .hookRetried,
                list: fields(request) + [("reason", LogValue(reason)), ("after_ms", LogValue(interval))]
            )
        case .ended(let request, let outcome, let took): end(request, outcome, took)
        case .prepared(let number): hear(prepared: .runner, number: number)
        case .unprepared(let reason, let number): hear(unprepared: .runner, [reason], number: number)
        case .adopted(let number): hear(following: .runner, number: number)
        case .gone(let reason):
            log.write(.runnerLost, ["reason": LogValue(reason)])
            end(exitCode: .failure)
            finishHooks()
        }
    }

    private func end(_ request: HookRequest, _ outcome: HookOutcome, _ took: Duration?) {
        if let took { metering.noteHook(took) }
        let facts = fields(request) + (took.map { [("took", LogValue($0))] } ?? [])
        switch outcome {
        case .succeeded: log.write(.hookSucceeded, list: facts)
        case .failed(let reason, _): log.write(.hookFailed, list: facts + [("reason", LogValue(reason))])
        case .undone: log.write(.hookNotNeeded, list: facts)
        case .notConfigured: break
        }
        tellGroups(request, outcome)
        notePrepared(request)
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

// MARK: - What the groups hear of it

extension Agent {
    private func tellGroups(_ request: HookRequest, _ outcome: HookOutcome) {
        guard let hook = GroupHook(request.event) else { return }
        let result = HookResult(outcome)
        let event = FailoverEvent.hookEnded(hook, group: groupName(request), Term(request.term), result)
        // A node that is to hand over for it prepares itself first, where there is somebody to hand over to.
        guard case .aborted = result, hook != .toSlave, ending == nil, let election, election.handoverFault() == nil
        else { return feed(event) }
        prepareHandover { [unowned self] in feed(event) }
    }

    func writeHookNote(_ note: FailoverNote, _ group: String) {
        switch note {
        case .hookFailed(.toSlave, let reason, let time):
            log.write(
                .hookLeavesFault,
                ["group": LogValue(group), "reason": LogValue(reason), "again_after": LogValue(time)]
            )
        case .hookFailed(let hook, let reason, let time):
            log.write(
                .hookCooldown,
                [
                    "group": LogValue(group), "hook": LogValue(hook.rawValue), "reason": LogValue(reason),
                    "cooldown": LogValue(time),
                ]
            )
        case .hookForgiven: log.write(.hookForgiven)
        case .heldUnprepared: log.write(.heldUnprepared, ["group": LogValue(group)])
        case .held, .released, .expired, .failed, .kept, .linkLost, .linkRestored: break
        }
    }
}

extension GroupHook {
    /// Nil for what happens to the node, and for BeforeSlave, which changes nothing.
    fileprivate init?(_ event: HookEvent) {
        switch event {
        case .beforeMaster: self = .beforeMaster
        case .toMaster: self = .toMaster
        case .toSlave: self = .toSlave
        case .toReady, .beforeSlave, .toDestroy: return nil
        }
    }
}

extension HookResult {
    fileprivate init(_ outcome: HookOutcome) {
        self =
            switch outcome {
            case .succeeded: .succeeded
            case .failed(let reason, aborts: true): .aborted(reason: reason)
            case .failed(_, aborts: false), .undone, .notConfigured: .passed
            }
    }
}
