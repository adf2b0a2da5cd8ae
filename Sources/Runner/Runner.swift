package import Configuration
package import Hooks
package import Linux

/// The process that starts hooks: those that it knows from the configuration, by name, without capabilities.
///
/// It sets no no_new_privs, so that a hook of an agent started by hand may use sudo. When the agent is gone it kills the
/// hooks that run, at once, with their groups, and ends: the next run starts from ToReady and ToSlave, and must not meet
/// a ToMaster of this one. What a runner that was killed itself leaves is killed by its successor (`LeftoverHooks`).
package enum Runner {
    /// - Parameters:
    ///   - cleans: Whether hooks of the same configuration that run at the first request are an earlier run's, and so to be
    ///     killed.
    ///   - reload: Reads the configuration anew, in the runner; nil where that cannot be done.
    package static func start(
        _ plan: HookPlan,
        limits: RunnerLimits = RunnerLimits(),
        cleans: Bool = true,
        reload: @escaping () -> (HookPlan, ConfigurationDigest)? = { nil }
    ) throws(Errno) -> HelperProcess {
        try HelperProcess.start(name: "vip-runner") { end in
            do throws(Errno) {
                try Capabilities.dropAll()
                try Capabilities.setNonDumpable()
                let loop = try EventLoop()
                let end = MessageSocket(end)
                let server = try RunnerServer(end, plan, limits, cleans: cleans, on: loop, reload: reload)
                try loop.run()
                server.killHooks()
            } catch {
                HelperProcess.end(1)
            }
            HelperProcess.end()
        }
    }
}
