import Configuration
import Glibc
import Hooks
import Linux
import Runner
import Time

/// Plays requests against a real runner. The first word is the configuration's path; then come `EVENT` or `EVENT:GROUP`
/// to ask for a hook, `make:PATH` to make a file, `kill` to kill the runner, and `output`, `ended`, `gone` to wait for a
/// line, for the end of all requests, for the runner's end; `stay` waits for ever. `become:PATH` gives the configuration that
/// file's content, `prepare` and `adopt` have the runner read it and go by it, `prepare:other` names another digest, and
/// `adopt:NUMBER` what was prepared as that.
final class HookScenes {
    private let loop: EventLoop
    private var link: RunnerLink?
    private var hasOutput = false
    private var isGone = false
    private var isAnswered = false
    private var prepared: UInt64 = 0
    private let path: String

    static func play(_ words: [String]) throws {
        guard let plan = try plan(words[0]) else { return }
        let path = words[0]
        let runner = try Runner.start(plan, limits: limits, reload: { (try? Self.read(path)) ?? nil })
        say("runner: \(runner.pid)")
        let scenes = try HookScenes(runner, path)
        for word in words.dropFirst() { try scenes.play(word, runner) }
        say("end: \(scenes.link?.stop(waitingUpTo: .seconds(20)).map { "\($0)" } ?? "none")")
        say("children: \(waitpid(-1, nil, WNOHANG) == -1 && errno == ECHILD ? "none" : "some")")
    }

    private init(_ runner: HelperProcess, _ path: String) throws {
        self.path = path
        loop = try EventLoop()
        link = try RunnerLink(runner, on: loop) { [unowned self] in show($0) }
    }

    private static func reading(_ path: String) throws -> Reading {
        let text = try DurableFile.read(path, limit: 65_536) ?? []
        return Configuration.read(ConfigurationInput(file: TextFile(path: path, bytes: text)))
    }

    private static func read(_ path: String) throws -> (HookPlan, ConfigurationDigest)? {
        let reading = try reading(path)
        return reading.configuration.flatMap { read in reading.digest.map { (HookPlan(read), $0) } }
    }

    private static func plan(_ path: String) throws -> HookPlan? {
        let reading = try reading(path)
        for diagnostic in reading.diagnostics { say("\(diagnostic)") }
        return reading.configuration.map { HookPlan($0) }
    }

    private static var limits: RunnerLimits {
        var limits = RunnerLimits()
        limits.grace = .milliseconds(300)
        limits.firstBackoff = .milliseconds(50)
        limits.tries = 3
        return limits
    }

    private func play(_ word: String, _ runner: HelperProcess) throws {
        let parts = word.split(separator: ":").map(String.init)
        if let event = HookEvent(rawValue: parts[0]) {
            link?.run(event, group: parts.count > 1 ? Int(parts[1]) : nil, term: 7)
            return
        }
        switch parts[0] {
        case "make": try DurableFile.replace(parts[1], with: [])
        case "become": try DurableFile.replace(path, with: try DurableFile.read(parts[1], limit: 65_536) ?? [])
        case "prepare":
            isAnswered = false
            prepared += 1
            _ = link?.prepare(parts.count > 1 ? ConfigurationDigest(bits: 1) : try digest(), number: prepared)
            try run { isAnswered }
        case "adopt": link?.adopt(number: parts.count > 1 ? UInt64(parts[1]) ?? 0 : prepared)
        case "kill": try runner.send(.kill)
        case "output": try run { hasOutput }
        case "ended": try run { link?.openRequests.isEmpty ?? true }
        case "gone": try run { isGone }
        case "stay": try run { false }
        default: say("no such word: \(word)")
        }
    }

    private func digest() throws -> ConfigurationDigest {
        try Self.reading(path).digest ?? ConfigurationDigest(bits: 0)
    }

    private func run(until condition: () -> Bool) throws {
        while !condition() { try loop.runOnce() }
    }

    private func show(_ event: RunnerLink.Event) {
        switch event {
        case .began(let request, let pid): say("began \(name(request)) \(pid)")
        case .output(let request, let stream, let line):
            hasOutput = true
            say("\(stream) \(name(request)) \(line)")
        case .retrying(let request, let reason, _): say("retrying \(name(request)) \(reason)")
        case .ended(let request, let outcome, _): say("ended \(name(request)) \(outcome)")
        case .gone(let how):
            isGone = true
            say("gone \(how)")
        case .prepared(let number):
            isAnswered = true
            say("prepared \(number)")
        case .unprepared(let reason, let number):
            isAnswered = true
            say("unprepared \(number) \(reason)")
        case .adopted(let number): say("adopted \(number)")
        }
    }

    private func name(_ request: HookRequest) -> String {
        "\(request.number)\(request.event.rawValue)" + (request.group.map { ":\($0)" } ?? "")
    }
}
