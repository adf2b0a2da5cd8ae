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
import Storage
import Time

/// Why the agent did not start, or an order of the operator is not carried out: lines for the operator.
struct StartFailure: Error, Hashable {
    let lines: [String]
    let exitCode: ExitCode

    init(_ line: String, exitCode: ExitCode = .failure) {
        lines = [line]
        self.exitCode = exitCode
    }

    init(_ mistakes: [Diagnostic]) {
        lines = mistakes.map(\.description)
        exitCode = .usage
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

/// The start of the agent, in the order that privilege dictates: the keeper is forked first, then this process gives
/// its capabilities up, and only then reads what anybody wrote.
package enum AgentProgram {
    /// Runs the agent until it is told to stop, and returns its exit code.
    package static func run(_ options: AgentOptions) -> ExitCode {
        do throws(StartFailure) {
            return try start(options)
        } catch {
            report(error)
            return error.exitCode
        }
    }

    /// What `vip-switch release` does: takes off what a dead run left on the interfaces.
    package static func release(_ options: AgentOptions) -> ExitCode {
        // This process has the capabilities, so a child without them reads the configuration, as the keeper does. A key or a
        // hook that is not as it should be keeps an agent from starting, and must not keep what it left on the interfaces.
        let answer = try? UnprivilegedAnswer.ask(limit: KeeperPlan.Limit.encoding) {
            let reading = Preflight.load(options)
            guard let configuration = reading.configuration else { return report(StartFailure(reading.diagnostics)) }
            return configuration.keeperPlan(adopts: options.adopts).encoded()
        }
        guard let answer, let plan = try? KeeperPlan(decoding: answer) else { return .usage }
        do throws(KeeperRefusal) {
            let lines = try releaseLeftovers(plan).map { "took \($0.prefix) off \($0.interface)\n" }
            try? StandardStream.output.write(lines.isEmpty ? "nothing was left\n" : lines.joined())
            return .success
        } catch {
            report(StartFailure(error.description))
            return .failure
        }
    }

    @discardableResult
    static func report(_ failure: StartFailure) -> [UInt8]? {
        // Nobody is left to tell where standard error is closed.
        let priority = StandardStream.isJournal ? "<3>" : ""
        try? StandardStream.error.write(failure.lines.map { "\(priority)vip-switch: \($0)\n" }.joined())
        return nil
    }

    private static func start(_ options: AgentOptions) throws(StartFailure) -> ExitCode {
        let service = ServiceManager.take().map { ServiceReport($0) }
        let keeper = try StartFailure.attempting("cannot fork the keeper") { () throws(Errno) in
            try KeeperLink.start { LoadedPlan(options) }
        }
        try StartFailure.attempting("cannot drop the capabilities") { () throws(Errno) in try Capabilities.dropAll() }
        let inputs = try AgentInputs(options)
        let runner = try StartFailure.attempting("cannot fork the runner") { () throws(Errno) in
            try Runner.start(HookPlan(inputs.configuration)) {
                let reading = Preflight.load(options)
                return reading.configuration.flatMap { read in reading.digest.map { (HookPlan(read), $0) } }
            }
        }
        // After the runner, which is without it: so a hook of an agent started by hand may use sudo.
        try StartFailure.attempting("cannot set no_new_privs") { () throws(Errno) in
            try Capabilities.setNoNewPrivileges()
            try Capabilities.setNonDumpable()
        }
        let output = inputs.configuration.logging.output
        let logWriter = try StartFailure.attempting("cannot log to \(output ?? "standard error")") {
            () throws(Errno) in try LogWriter.start(to: output)
        }
        let reports = try awaitLock(of: keeper)
        try compare(reports, inputs.digest)
        let (stored, scribe) = try openStorage(inputs.configuration)
        let helpers = Helpers(keeper: keeper, runner: runner, scribe: scribe, logWriter: logWriter)
        return try Agent.run(inputs, options, helpers, stored, reports, service)
    }

    /// Waits until the keeper has the data directory's lock and has cleaned what an earlier run left; returns what it had
    /// to say of that.
    private static func awaitLock(of keeper: KeeperLink) throws(StartFailure) -> [KeeperReport] {
        var reports: [KeeperReport] = []
        switch keeper.awaitStart({ reports.append($0) }) {
        case .reported(.ready): return reports
        case .reported(.refused(let text)): throw StartFailure(text)
        case .reported(let report): throw StartFailure("the keeper began with \(report)")
        case .gone: throw StartFailure("the keeper ended before it was ready")
        }
    }

    /// Keeper and agent read the files one after the other, and somebody may have changed them in between.
    private static func compare(
        _ reports: [KeeperReport],
        _ digest: ConfigurationDigest?
    ) throws(StartFailure) {
        for case .prepared(let other, .first) in reports where other.bits != digest?.bits {
            throw StartFailure("the configuration has changed while it was read; start again", exitCode: .usage)
        }
    }

    /// Reads the state once the keeper holds the lock; the scribe opens the files again, for it inherits none.
    private static func openStorage(
        _ configuration: Configuration
    ) throws(StartFailure) -> (StoredInputs, HelperProcess) {
        let (directory, node) = (configuration.node.dataDirectory, configuration.node.id)
        let versions = ReleaseVersions.present.state
        do throws(ScribeLock.Failure) {
            try ScribeLock.awaitEarlierScribe(in: directory)
        } catch {
            throw StartFailure("\(error)")
        }
        let stored: StoredState
        do throws(StorageError) {
            stored = try RaftStorage.open(directory: directory, versions: versions).1
        } catch {
            throw StartFailure("\(error)")
        }
        // Copied with a machine, it would make a node that votes for nobody and looks as if it took part.
        if let owner = stored.owner, owner.text != node {
            throw StartFailure(
                "\(directory) is that of node \(owner), and this is \(node); restore its own, or move \(directory) away "
                    + "to rejoin as a new member"
            )
        }
        let founders = try FoundingOrder.standing(in: directory, configuration)
        // Before the scribe appends to it.
        let history = StoredHistory.load(from: directory)
        var opened: RaftStorage?
        func storage() throws(StorageError) -> RaftStorage {
            if let opened { return opened }
            let storage = try RaftStorage.open(directory: directory, versions: versions).0
            opened = storage
            return storage
        }
        let scribe = try StartFailure.attempting("cannot fork the scribe") { () throws(Errno) in
            try Scribe.start(
                in: directory,
                isRealTime: configuration.isRealTime,
                persist: { try storage().write(Persistence(decoding: $0)) },
                settle: { try storage().settle() }
            )
        }
        return (StoredInputs(state: stored, founders: founders, history: history), scribe)
    }
}
