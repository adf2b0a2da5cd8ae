package import Configuration
import Elections
import Hooks
import Keeper
import Linux
import Observability
import Preflight
import Raft
import Runner
import Scribe
import Time

/// Why the agent did not start: lines for the operator.
struct StartFailure: Error {
    let lines: [String]
    let exitCode: Int32

    init(_ line: String, exitCode: Int32 = ExitCode.failure) {
        lines = [line]
        self.exitCode = exitCode
    }

    init(_ mistakes: [Diagnostic]) {
        lines = mistakes.map(\.description)
        exitCode = ExitCode.usage
    }

    /// Does what may fail, and says what it was for.
    static func attempting<Value: ~Copyable>(
        _ act: @autoclosure () -> String,
        _ body: () throws(Errno) -> Value
    ) throws(StartFailure) -> Value {
        do throws(Errno) {
            return try body()
        } catch {
            throw StartFailure("\(act()): \(error)")
        }
    }
}

/// The processes that the agent forked, before a loop listens to them.
struct Helpers {
    let keeper: KeeperLink
    let runner: HelperProcess
    let scribe: HelperProcess
    let logWriter: HelperProcess
}

/// The start of the agent, in the order that privilege dictates: the keeper is forked first, then this process gives
/// its capabilities up, and only then reads what anybody wrote.
package enum AgentProgram {
    /// Runs the agent until it is told to stop, and returns its exit code.
    package static func run(_ options: AgentOptions) -> Int32 {
        do throws(StartFailure) {
            return try start(options)
        } catch {
            report(error)
            return error.exitCode
        }
    }

    /// What `vip-switch release` does: takes off what a dead run left on the interfaces.
    package static func release(_ options: AgentOptions) -> Int32 {
        // This process has the capabilities, so a child without them reads the configuration, as the keeper does.
        let answer = try? UnprivilegedAnswer.ask(limit: KeeperPlan.Limit.encoding) {
            do throws(StartFailure) {
                return try checked(options).keeperPlan(adopts: options.adopts).encoded()
            } catch {
                return report(error)
            }
        }
        guard let answer, let plan = try? KeeperPlan(decoding: answer) else { return ExitCode.usage }
        do throws(KeeperRefusal) {
            let lines = try releaseLeftovers(plan).map { "took \($0.prefix) off \($0.interface)\n" }
            try? StandardStream.output.write(lines.isEmpty ? "nothing was left\n" : lines.joined())
            return ExitCode.success
        } catch {
            report(StartFailure(error.description))
            return ExitCode.failure
        }
    }

    @discardableResult
    private static func report(_ failure: StartFailure) -> [UInt8]? {
        // Nobody is left to tell where standard error is closed.
        try? StandardStream.error.write(failure.lines.map { "vip-switch: \($0)\n" }.joined())
        return nil
    }

    private static func start(_ options: AgentOptions) throws(StartFailure) -> Int32 {
        let keeper = try StartFailure.attempting("cannot fork the keeper") { () throws(Errno) in
            try KeeperLink.start { Preflight.load(options).configuration?.keeperPlan(adopts: options.adopts) }
        }
        try StartFailure.attempting("cannot drop the capabilities") { () throws(Errno) in try Capabilities.dropAll() }
        let configuration = try checked(options)
        let runner = try StartFailure.attempting("cannot fork the runner") { () throws(Errno) in
            try Runner.start(HookPlan(configuration))
        }
        // After the runner, which is without it: so a hook of an agent started by hand may use sudo.
        try StartFailure.attempting("cannot set no_new_privs") { () throws(Errno) in
            try Capabilities.setNoNewPrivileges()
            try Capabilities.setNonDumpable()
        }
        let logWriter = try StartFailure.attempting("cannot open \(configuration.logging.output ?? "standard error")") {
            () throws(Errno) in try LogWriter.start(to: configuration.logging.output)
        }
        try awaitLock(of: keeper)
        let (stored, scribe) = try openStorage(in: configuration.node.dataDirectory)
        let helpers = Helpers(keeper: keeper, runner: runner, scribe: scribe, logWriter: logWriter)
        return try Agent(configuration, helpers, stored).run()
    }

    /// Reads the configuration and looks at the files that it names; all mistakes at once.
    private static func checked(_ options: AgentOptions) throws(StartFailure) -> Configuration {
        let reading = Preflight.load(options)
        var diagnostics = reading.diagnostics
        if let configuration = reading.configuration {
            diagnostics += Preflight.inspect(configuration, reading.origins)
        }
        guard let configuration = reading.configuration, !diagnostics.contains(where: { $0.severity == .error }) else {
            throw StartFailure(diagnostics)
        }
        return configuration
    }

    /// Waits until the keeper has the data directory's lock and has cleaned what an earlier run left.
    private static func awaitLock(of keeper: KeeperLink) throws(StartFailure) {
        switch keeper.awaitStart() {
        case .reported(.ready): return
        case .reported(.refused(let text)): throw StartFailure(text)
        case .reported(let report): throw StartFailure("the keeper began with \(report)")
        case .gone: throw StartFailure("the keeper ended before it was ready")
        }
    }

    /// Reads the state once the keeper holds the lock; the scribe opens the files again, for it inherits none.
    private static func openStorage(in directory: String) throws(StartFailure) -> (StoredState, HelperProcess) {
        let stored: StoredState
        do throws(StorageError) {
            stored = try RaftStorage.open(directory: directory).1
        } catch {
            throw StartFailure("\(error)")
        }
        var storage: RaftStorage?
        let scribe = try StartFailure.attempting("cannot fork the scribe") { () throws(Errno) in
            try Scribe.start { record in
                let open = try storage ?? RaftStorage.open(directory: directory).0
                storage = open
                return try open.write(Persistence(decoding: record))
            }
        }
        return (stored, scribe)
    }
}
