import Configuration
import Glibc
import Hooks
import Linux
import Net
import Runner
import Time

/// Plays requests against a real runner: words of the form `EVENT`, `EVENT:GROUP`, `sleep:MS`, `ended` (waits until no
/// request is open), `killrunner`, `die`; the first is the configuration's path.
enum HookScenes {
    static func play(_ words: [String]) throws {
        guard let configuration = try configuration(words[0]) else { return }
        let loop = try EventLoop()
        let runner = try Runner.start(HookPlan(configuration), limits: limits)
        say("runner: \(runner.pid)")
        let link = try RunnerLink(runner, on: loop) { show($0) }
        for word in words.dropFirst() { try play(word, link, loop) }
        say("end: \(link.stop(waitingUpTo: .seconds(20)).map { "\($0)" } ?? "none")")
        say("children: \(waitpid(-1, nil, WNOHANG) == -1 && errno == ECHILD ? "none" : "some")")
    }

    private static func configuration(_ path: String) throws -> Configuration? {
        let reading = Configuration.read(
            ConfigurationInput(
                file: TextFile(path: path, bytes: try DurableFile.read(path, limit: 65_536) ?? []),
                vipConf: nil,
                options: AgentOptions(configurationPath: path),
                environment: [:],
                resolve: { _ in nil }
            )
        )
        for diagnostic in reading.diagnostics { say("\(diagnostic)") }
        return reading.configuration
    }

    private static var limits: RunnerLimits {
        var limits = RunnerLimits()
        limits.grace = .milliseconds(300)
        limits.firstBackoff = .milliseconds(50)
        limits.tries = 3
        return limits
    }

    private static func play(_ word: String, _ link: RunnerLink, _ loop: EventLoop) throws {
        let parts = word.split(separator: ":").map(String.init)
        if let event = HookEvent(rawValue: parts[0]) {
            link.run(event, group: parts.count > 1 ? Int(parts[1]) : nil, term: 7)
            return
        }
        switch parts[0] {
        case "sleep": try run(loop, .milliseconds(Int64(parts[1]) ?? 0))
        case "ended": while !link.openRequests.isEmpty { try run(loop, .milliseconds(5)) }
        case "die": kill(getpid(), SIGKILL)
        case "killrunner":
            kill(link.pid, SIGKILL)
            try run(loop, .milliseconds(300))
        default: say("no such word: \(word)")
        }
    }

    private static func run(_ loop: EventLoop, _ interval: Duration) throws {
        loop.schedule(after: interval) { loop.stop() }
        try loop.run()
    }

    private static func show(_ event: RunnerLink.Event) {
        switch event {
        case .began(let request, let pid): say("began \(name(request)) \(pid)")
        case .output(let request, let stream, let line): say("\(stream) \(name(request)) \(line)")
        case .retrying(let request, let reason, _): say("retrying \(name(request)) \(reason)")
        case .ended(let request, let outcome): say("ended \(name(request)) \(outcome)")
        case .gone(let how): say("gone \(how)")
        }
    }

    private static func name(_ request: HookRequest) -> String {
        "\(request.number)" + request.event.rawValue + (request.group.map { ":\($0)" } ?? "")
    }
}
