import Configuration
import Hooks
import Linux
import Runner
import Time

/// One hook run as the agent would run it, by a runner of its own: the same checks, user and environment.
///
/// It leaves alone what a running agent's hooks do, and nothing hears of its end but whoever asked.
final class HookTrial {
    struct Line: Hashable {
        var stream: HookStream
        var text: String
    }

    let event: HookEvent
    let group: GroupSettings?
    let hook: Hook
    let user: User
    private(set) var outcome: HookOutcome?
    private(set) var duration: Duration = .zero
    private(set) var tries = 0
    private(set) var lines: [Line] = []
    /// Lines beyond `mostLines`.
    private(set) var unkept = 0

    /// Called with each line for whoever reads along.
    var heard: (String) -> Void = { _ in }

    private let configuration: Configuration
    private let home: String?
    private static let mostLines = 10_000

    init(_ event: HookEvent, of group: GroupSettings?, _ configuration: Configuration) throws(StartFailure) {
        guard let hook = configuration.hook(for: event, in: group) else {
            let isEnabled = configuration.hooks.isEnabled
            let reason = isEnabled ? "has no hook for \(event.rawValue)" : "has hooks.enabled: false"
            throw StartFailure("\(configuration.path) \(reason)")
        }
        (self.event, self.group, self.hook, self.configuration) = (event, group, hook, configuration)
        let caller = User.effective
        user = try Self.become(ownerOf: configuration.node.dataDirectory)
        // Whoever becomes another keeps the environment of the one before.
        home = user == caller ? nil : user.home
    }

    /// The agent's user is whose the data directory is; only root can become somebody else.
    private static func become(ownerOf folder: String) throws(StartFailure) -> User {
        guard User.effective.isRoot, let owner = (try? FileStatus(of: folder))?.owner else { return .effective }
        let user = User(id: owner)
        guard !user.isRoot else { return user }
        try StartFailure.attempting("cannot become \(user.name), whose \(folder) is") { () throws(Errno) in
            try user.become()
        }
        return user
    }

    func run() throws(StartFailure) {
        let plan = HookPlan(configuration, home: home)
        try StartFailure.attempting("cannot run the hook") { () throws(Errno) in
            try Capabilities.dropAll()
            let runner = try Runner.start(plan, cleans: false)
            let loop = try EventLoop()
            let link = try RunnerLink(runner, on: loop) { [unowned self] in hear($0, loop) }
            let index = group.flatMap { group in configuration.groups.firstIndex { $0.name == group.name } }
            link.run(event, group: index, term: 0)
            try loop.run()
            _ = link.stop(waitingUpTo: .seconds(5))
        }
    }

    private func hear(_ event: RunnerLink.Event, _ loop: EventLoop) {
        switch event {
        case .began: tries += 1
        case .output(_, let stream, let line): keep(Line(stream: stream, text: line))
        case .retrying(_, let reason, let interval):
            heard("failed: \(reason); tried again in \(milliseconds(interval)) ms")
        case .ended(_, let outcome, let took):
            duration = took ?? .zero
            self.outcome = outcome
            loop.stop()
        case .gone: loop.stop()
        // Nobody reloads a trial.
        case .prepared, .unprepared, .adopted: break
        }
    }

    private func keep(_ line: Line) {
        heard("\(line.stream == .output ? "stdout" : "stderr"): \(line.text)")
        if lines.count < Self.mostLines { lines.append(line) } else { unkept += 1 }
    }
}

func milliseconds(_ duration: Duration) -> String { "\((duration.milliseconds * 10).rounded() / 10)" }
