import Configuration
import Elections
import Keeper
import Linux
import Observability
import Runner
import Time

/// How the process ends: what is still to be done, and the exit code.
struct Ending {
    let exitCode: ExitCode
    var hasReleased = false
    var isDestroying = false
}

extension Agent {
    func hear(_ signal: Signal) {
        switch signal {
        case .terminate, .interrupt:
            guard ending == nil else { return hurry() }
            // The VIPs first: each line takes its time.
            end(exitCode: .success)
            log.write(.stopping, ["signal": LogValue("\(signal)")])
        case .user1: links.reopenLog()
        case .hangup: reload { _ in }
        case .child, .kill, .stop, .resume: break
        }
    }

    /// Ends in order: leadership and VIPs first, then hooks, then the keeper, whose last answer ends the process.
    func end(exitCode: ExitCode) {
        guard ending == nil else { return }
        ending = Ending(exitCode: exitCode)
        tellStopping()
        guard let election else { return finishRelease() }
        // A failure forces the release: it waits for nothing.
        if exitCode == .success { prepareHandover { election.resign() } } else { election.resign() }
    }

    /// Asked a second time: hooks are not waited for any longer. The VIPs are, for a keeper that hangs would leave them on.
    private func hurry() {
        if preparation != nil {
            log.write(.beforeSlaveCutShort)
            return finishPreparation()
        }
        guard ending?.hasReleased == true else { return }
        log.write(.stoppingAtOnce)
        ending = Ending(exitCode: .failure)
        exit()
    }

    /// The VIPs are off and leadership is handed over; the node falls silent, so that it is not elected once more.
    func finishRelease() {
        guard var ending, !ending.hasReleased else { return }
        ending.hasReleased = true
        self.ending = ending
        election?.stop()
        loop.schedule(after: hookPatience) { [unowned self] in
            log.write(.hooksDoNotEnd)
            finishHooks()
        }
        run(.toDestroy, group: nil)
    }

    /// The runner ends each hook in time; this is for a runner that does not run.
    var hookPatience: Duration {
        configuration.allHooks.reduce(.seconds(2)) { $0 + RunnerLimits().longest(of: $1.hook) }
    }

    /// All hooks have ended.
    func finishHooks() {
        guard let ending, ending.hasReleased, !ending.isDestroying else { return }
        self.ending?.isDestroying = true
        if links.keeper.isLost { return exit() }
        links.keeper.send(.stop)
    }

    func exit() {
        links.keeper.dismiss()
        let code = ending?.exitCode ?? .failure
        log.write(code == .success ? .stopped : .stoppedByFault, ["exit_code": LogValue(code.rawValue)])
        writeHistory(isLast: true)
        loop.stop()
    }
}
