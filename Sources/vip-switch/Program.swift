import Agent
import Configuration
import Glibc
import Linux

@main
struct Program {
    /// One line a command.
    static let commands: [Command] = [
        .agent, .addMember, .announce, .bootstrap, .check, .completion, .doctor, .drain, .history, .keygen, .members,
        .preferMember,
        .promoteMember, .recover, .release, .reload, .removeMember, .signHooks, .status, .testHook, .transfer,
        .undrain, .version,
    ]

    static func main() {
        let words = CommandLine.arguments.dropFirst()
        let command = command(of: words)
        // The very first act: what a command parses must not find privileges to misuse.
        if command?.needsCapabilities != true, let code = dropNetworkCapabilities() { exit(code.rawValue) }
        exit(perform(command, words).rawValue)
    }

    /// Options alone are the agent's, but for those that only ask something of the program.
    private static func command(of words: ArraySlice<String>) -> Command? {
        guard let first = words.first, !questions.contains(first) else { return nil }
        if first.hasPrefix("-") { return .agent }
        let matching = commands.filter { !$0.name.isEmpty && words.starts(with: $0.words) }
        let longest = matching.max { $0.words.count < $1.words.count }
        // A second word that makes no command of the two is a mistake, where other second words do.
        let isMisspelt = longest.map { $0.words.count == 1 && $0.operands.isEmpty && isFollowedByWord(words, first) }
        return isMisspelt == true ? nil : longest
    }

    private static func isFollowedByWord(_ words: ArraySlice<String>, _ first: String) -> Bool {
        let isGroup = commands.contains { $0.words.count > 1 && $0.words.first == first }
        return isGroup && words.dropFirst().first?.hasPrefix("-") == false
    }

    private static let questions = ["--help", "-h", "help", "--version"]

    private static func perform(_ command: Command?, _ words: ArraySlice<String>) -> ExitCode {
        guard let command else { return answer(words) }
        let rest = words.dropFirst(command.words.count)
        if rest.contains("--help") || rest.contains("-h") { return succeed(command.help) }
        do {
            return command.run(try Arguments(rest, options: command.options, operands: command.operands))
        } catch {
            return misuse(error.description, command)
        }
    }

    /// What is no command: a question about the program, or a mistake.
    private static func answer(_ words: ArraySlice<String>) -> ExitCode {
        guard let first = words.first else {
            return misuse("nothing to do; expected --config FILE or a command", .agent)
        }
        if first == "--version" { return perform(.version, words) }
        if questions.contains(first) { return succeed(help) }
        let group = commands.filter { $0.words.count > 1 && $0.words.first == first }
        if !group.isEmpty { return answer(about: group, words) }
        let names = commands.map(\.name).filter { !$0.isEmpty }
        let hint = suggestion(for: first, among: names).map { "; did you mean \($0)?" } ?? ""
        return misuse("unknown command \(quoted(first))\(hint)", nil)
    }

    /// The first word of commands of two, without a second one that makes a command of it.
    private static func answer(about group: [Command], _ words: ArraySlice<String>) -> ExitCode {
        let (first, second) = (words.first ?? "", words.dropFirst().first)
        if second.map(questions.contains) == true { return succeed(group.map(\.help).joined(separator: "\n")) }
        let expected = group.compactMap(\.words.last).joined(separator: ", ")
        let found = second.map { "does not know \(quoted($0))" } ?? "needs another word"
        return misuse("\(first) \(found); expected \(expected)", nil)
    }

    static func dropNetworkCapabilities() -> ExitCode? {
        do {
            let kept = try Capabilities.held().permitted.subtracting([.netAdmin, .netRaw])
            try Capabilities.keepOnly(kept)
            return nil
        } catch {
            return fail("cannot drop CAP_NET_ADMIN and CAP_NET_RAW: \(error)")
        }
    }
}

extension Program {
    private static func misuse(_ text: String, _ command: Command?) -> ExitCode {
        let usage = command?.usage ?? "vip-switch COMMAND [OPTIONS]"
        let name = command.map { $0.name.isEmpty ? "" : " \($0.name)" } ?? ""
        return fail("\(text)\nUsage: \(usage)\nMore: vip-switch\(name) --help", .usage)
    }

    private static var help: String {
        let named = commands.filter { !$0.name.isEmpty }.sorted { $0.name < $1.name }
        let width = named.map(\.name.count).max() ?? 0
        let list = named.map { "  \(padded($0.name, to: width + 2))\($0.summary)" }.joined(separator: "\n")
        let codes = ExitCode.allCases.map { "  \($0.rawValue)  \($0.help)" }.joined(separator: "\n")
        let names = ScalarSetting.all.map { ($0.variable, $0.path) }
        let widest = names.map(\.0.count).max() ?? 0
        let variables = names.map { "  \(padded($0.0, to: widest + 2))\($0.1)" }.joined(separator: "\n")
        return
            "\(Command.agent.help)\nCommands, each with a --help of its own:\n\(list)\n\nExit codes:\n\(codes)\n\nEnvironment, above the file and below the options:\n\(variables)\n"
    }
}
