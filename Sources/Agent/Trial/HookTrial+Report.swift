import Configuration
import Control
import Hooks
import Linux
import Runner
import Time

/// What is told of a trial, as lines and as one JSON document.
extension HookTrial {
    var headline: String {
        let what = ([hook.command] + hook.arguments).joined(separator: " ")
        return "\(event.rawValue)\(group.map { " of group \($0.name)" } ?? ""), as \(user.name): \(what)"
    }

    var hasSucceeded: Bool { outcome == .succeeded }

    var ending: String {
        let took = "after \(milliseconds(duration)) ms"
        switch outcome {
        case .succeeded: return "succeeded \(took)"
        case .failed(let reason, _): return "failed \(took): \(reason)\n\(consequence)"
        case .undone, .notConfigured, nil: return "failed: the runner ended without it"
        }
    }

    private var consequence: String {
        switch (hook.onFailure, event) {
        case (.continue, _): "on_failure: continue, so the agent would log that and go on"
        case (_, .beforeMaster), (_, .toMaster):
            "on_failure: \(hook.onFailure.rawValue), so the agent would leave the VIPs to another node"
        case (_, .toSlave):
            "on_failure: \(hook.onFailure.rawValue), so this node would not be eligible before the hook has succeeded"
        case (_, .toReady), (_, .beforeSlave), (_, .toDestroy): "the agent would log that and go on"
        }
    }

    /// `FILE:LINE` of what the agent does itself.
    var bindingLines: BindingLines { BindingLines(ofScriptAt: hook.command) }

    var advice: String {
        let found = bindingLines
        guard !found.lines.isEmpty else { return "" }
        let list = found.lines.map { "  \(found.path):\($0.number): \($0.text)\n" }.joined()
        return "the agent itself puts the VIPs on and announces them; these lines are no longer needed, remove them:\n"
            + list
    }

    var warnings: [String] { HookCommandCheck(hook.command).warnings }

    var json: JSONValue {
        .object([
            .init("event", .string(event.rawValue)),
            .init("group", group.map { .string($0.name) } ?? .null),
            .init("command", .string(hook.command)),
            .init("arguments", .array(hook.arguments.map(JSONValue.string))),
            .init("user", .string(user.name)),
            .init("succeeded", .boolean(hasSucceeded)),
            .init("reason", reason.map(JSONValue.string) ?? .null),
            .init("duration_ms", .number((duration.milliseconds * 1000).rounded() / 1000)),
            .init("tries", .integer(Int64(tries))),
            .init("output", .array(lines.map(\.json))),
            .init("output_not_kept", .integer(Int64(unkept))),
            .init("warnings", .array(warnings.map(JSONValue.string))),
            .init("not_needed", .array(bindingLines.json)),
        ])
    }

    private var reason: String? {
        switch outcome {
        case .succeeded: nil
        case .failed(let reason, _): reason
        case .undone, .notConfigured, nil: "the runner ended without it"
        }
    }
}

extension HookTrial.Line {
    fileprivate var json: JSONValue {
        .object([.init("stream", .string(stream == .output ? "stdout" : "stderr")), .init("line", .string(text))])
    }
}

extension BindingLines {
    fileprivate var json: [JSONValue] {
        lines.map { line in
            .object([
                .init("file", .string(path)), .init("line", .integer(Int64(line.number))),
                .init("text", .string(line.text)),
            ])
        }
    }
}
