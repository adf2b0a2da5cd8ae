import Configuration
import Elections
import Keeper
import Linux
import Observability
import Runner
import Time

/// What the process says of its end to whoever started it.
package enum ExitCode {
    package static let success: Int32 = 0
    /// The program could not go on, or not start, for a reason outside the configuration.
    package static let failure: Int32 = 1
    /// The command line or the configuration is wrong.
    package static let usage: Int32 = 2
}

/// How the process ends: what is still to be done, and the exit code.
struct Ending {
    let exitCode: Int32
    var hasReleased = false
    var isDestroying = false
}

extension Agent {
    func hear(_ signal: Signal) {
        switch signal {
        case .terminate, .interrupt:
            guard ending == nil else { return hurry() }
            log.notice("stopping", ["signal": LogValue("\(signal)")])
            end(exitCode: ExitCode.success)
        case .user1: links.reopenLog()
        case .hangup: log.warn("reload is not available yet; restart to read the configuration again")
        case .child, .kill, .stop, .resume: break
        }
    }

    /// Ends in order: leadership and VIPs first, then hooks, then the keeper, whose last answer ends the process.
    func end(exitCode: Int32) {
        guard ending == nil else { return }
        ending = Ending(exitCode: exitCode)
        if election == nil { finishRelease() } else { leave() }
    }

    /// Asked a second time: the process ends as a crash does. The keeper takes the VIPs off and sends the last will.
    private func hurry() {
        log.warn("stopping at once")
        ending = Ending(exitCode: ExitCode.failure)
        exit()
    }

    /// The VIPs are off and leadership is handed over; the node falls silent, so that it is not elected once more.
    func finishRelease() {
        guard var ending, !ending.hasReleased else { return }
        ending.hasReleased = true
        self.ending = ending
        election?.stop()
        loop.schedule(after: hookPatience) { [unowned self] in
            log.error("the hooks do not end; stopping without them")
            finishHooks()
        }
        run(.toDestroy, group: nil)
    }

    /// The runner ends each hook in time; this is for a runner that does not run.
    private var hookPatience: Duration {
        let hooks = configuration.hooks.isEnabled ? Array(configuration.hooks.hooks.values) : []
        return hooks.reduce(.seconds(2)) { $0 + RunnerLimits().longest(of: $1) }
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
        log.notice("stopped")
        loop.stop()
    }
}
