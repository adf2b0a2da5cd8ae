import Agent
import Linux

extension ExitCode {
    var help: String {
        switch self {
        case .success: "all is well; the agent stopped in good order"
        case .failure: "it could not be done; the line on standard error says why"
        case .usage: "a mistake in the command line, in the configuration, or in a file that it names"
        case .noLeader: "no leader is known: to be shown, or to carry an order out"
        }
    }
}

/// One of the program's commands.
struct Command: Sendable {
    /// One word or two; empty for the agent, which needs none.
    var name: String
    var summary: String
    var options: [Option]
    /// Words without a name that follow.
    var operands: [Operand] = []
    /// NET_ADMIN and NET_RAW are dropped before anything else where it needs none.
    var needsCapabilities = false
    var run: @Sendable (Arguments) -> ExitCode

    var words: [String] { name.split(separator: " ").map(String.init) }

    var usage: String {
        let parts = ["vip-switch"] + (name.isEmpty ? [] : [name]) + operands.filter(\.isRequired).map(\.usage)
        let rest = options.map(\.usage) + operands.filter { !$0.isRequired }.map(\.usage)
        return (parts + rest).joined(separator: " ")
    }

    var help: String {
        var all = (options + [Self.helpOption]).map { ($0.heading, $0.help) }
        all += operands.map { ("    \($0.name)", $0.help) }
        let width = all.map(\.0.count).max() ?? 0
        let lines = all.map { "  " + padded($0.0, to: width + 2) + $0.1 }
        return "Usage: \(usage)\n\n\(summary)\n\nOptions:\n\(lines.joined(separator: "\n"))\n"
    }

    static let helpOption = Option("--help", short: "-h", help: "print this and end")
}

extension Option {
    fileprivate var usage: String {
        let text = value.map { preset == nil ? "\(name) \($0)" : "\(name) [\($0)]" } ?? name
        return isRequired ? text : "[\(text)]"
    }

    fileprivate var heading: String {
        (short.map { "\($0), " } ?? "    ") + name + (value.map { " \($0)" } ?? "")
    }
}

func padded(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
}

/// Ends a command with a line on standard error.
func fail(_ text: String, _ code: ExitCode = .failure) -> ExitCode {
    // Where standard error is closed there is nobody left to tell.
    try? StandardStream.error.write("\(StandardStream.isJournal ? "<3>" : "")vip-switch: \(text)\n")
    return code
}

/// Ends a command with its output; a script that does not get all of it must not take it for all.
func succeed(_ text: String, _ code: ExitCode = .success) -> ExitCode {
    do {
        try StandardStream.output.write(text)
        return code
    } catch {
        return fail("cannot write to standard output: \(error)")
    }
}
