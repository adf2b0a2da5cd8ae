import Agent
import Configuration

extension Command {
    static let completion = Command(
        name: "completion",
        summary: "Prints what a shell needs to complete this program's command lines.",
        options: [],
        operands: [Operand("SHELL", isRequired: true, help: "bash, zsh or fish")],
        run: { arguments in
            let shell = arguments.operand ?? ""
            guard let script = Completion(Program.commands).scripts[shell] else {
                return fail("no completion for \(quoted(shell)); expected bash, zsh or fish", .usage)
            }
            return succeed(script)
        }
    )
}

/// The commands as shells want them, made from the same table that reads a command line.
struct Completion {
    private let commands: [Command]

    init(_ commands: [Command]) { self.commands = commands }

    var scripts: [String: String] { ["bash": bash, "zsh": zsh, "fish": fish] }

    private var named: [Command] { commands.filter { !$0.name.isEmpty } }
    private var firstWords: [String] { distinct(named.compactMap(\.words.first)) }
    /// First words that need a second one, with those.
    private var groups: [(first: String, seconds: [String])] {
        firstWords.compactMap { first in
            let seconds = named.filter { $0.words.count > 1 && $0.words[0] == first }.map { $0.words[1] }
            return seconds.isEmpty ? nil : (first, seconds)
        }
    }

    private func distinct(_ words: [String]) -> [String] {
        words.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    private func options(of command: Command) -> [Option] { command.options + [Command.helpOption] }

    /// Options of any command that name a file.
    private var fileOptions: [String] {
        let all = commands.flatMap(\.options).filter { $0.value == "FILE" || $0.value == "PATH" }
        return distinct(all.flatMap { [$0.name] + ($0.short.map { [$0] } ?? []) })
    }
}

// MARK: - bash and zsh

extension Completion {
    /// What each command line so far lets follow; the longer name first, since `members` alone would match, too.
    private func cases(_ assignment: (String) -> String) -> String {
        let complete = named.sorted { $0.words.count > $1.words.count }
            .map { ("\"\($0.name)\" | \"\($0.name) \"*", candidates(after: $0)) }
        let halves = groups.filter { group in !named.contains { $0.name == group.first } }
            .map { ("\"\($0.first)\"", $0.seconds.joined(separator: " ")) }
        let nothing = ("\"\"", (firstWords + [optionNames(.agent)]).joined(separator: " "))
        return ([nothing] + complete + halves + [("-*", optionNames(.agent))])
            .map { "        \($0.0)) \(assignment($0.1)) ;;" }.joined(separator: "\n")
    }

    private func optionNames(_ command: Command) -> String { options(of: command).map(\.name).joined(separator: " ") }

    private func candidates(after command: Command) -> String {
        let seconds = groups.first { $0.first == command.name }?.seconds ?? []
        return (seconds + [optionNames(command)]).joined(separator: " ")
    }

    private var bash: String {
        """
        # bash completion for vip-switch
        _vip_switch() {
            local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} words=""
            case $previous in
                \(fileOptions.joined(separator: "|"))) mapfile -t COMPREPLY < <(compgen -f -- "$current") && return ;;
            esac
            case "${COMP_WORDS[*]:1:COMP_CWORD-1}" in
        \(cases { "words=\"\($0)\"" })
            esac
            mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
        }
        complete -F _vip_switch vip-switch

        """
    }

    private var zsh: String {
        """
        #compdef vip-switch
        local previous=${words[CURRENT - 1]} typed="${words[2, CURRENT - 1]}"
        local -a candidates
        case $previous in
            \(fileOptions.joined(separator: "|"))) _files && return ;;
        esac
        case "$typed" in
        \(cases { "candidates=(\($0))" })
        esac
        compadd -a candidates

        """
    }
}

// MARK: - fish

extension Completion {
    private var fish: String {
        let all =
            ["# fish completion for vip-switch", "complete -c vip-switch -f"]
            + firstWords.map { first in
                let summary = named.first { $0.name == first }?.summary ?? ""
                return line(condition: "__fish_use_subcommand", "-a \(first) -d \(single(summary))")
            }
            + groups.map { group in
                line(
                    condition: "__fish_seen_subcommand_from \(group.first)",
                    "-a \(single(group.seconds.joined(separator: " ")))"
                )
            }
            + options(of: .agent).map { line(condition: "__fish_use_subcommand", flag($0)) }
            + named.flatMap { command in
                options(of: command).map { line(condition: seen(command), flag($0)) }
            }
        return all.joined(separator: "\n") + "\n"
    }

    private func seen(_ command: Command) -> String {
        command.words.map { "__fish_seen_subcommand_from \($0)" }.joined(separator: "; and ")
    }

    private func line(condition: String, _ rest: String) -> String {
        "complete -c vip-switch -n \(single(condition)) \(rest)"
    }

    private func flag(_ option: Option) -> String {
        var parts = ["-l \(option.name.dropFirst(2))"]
        if let short = option.short { parts.append("-s \(short.dropFirst())") }
        if let value = option.value { parts.append(value == "FILE" || value == "PATH" ? "-rF" : "-x") }
        return (parts + ["-d \(single(option.help))"]).joined(separator: " ")
    }

    private func single(_ text: String) -> String {
        "'" + text.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
    }
}
