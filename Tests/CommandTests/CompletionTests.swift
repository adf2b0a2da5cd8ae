import Foundation
import Testing

@testable import vip_switch

struct CompletionTests {
    /// Has bash complete what was typed so far, the last word being begun.
    private func bash(completing words: String...) throws -> Set<String> {
        let script = try run("completion", "bash").output
        let typed = (["vip-switch"] + words).map { "'\($0)'" }.joined(separator: " ")
        let shell = Process()
        let output = Pipe()
        shell.executableURL = URL(filePath: "/bin/bash")
        shell.arguments = [
            "-c",
            "\(script)\nCOMP_WORDS=(\(typed)); COMP_CWORD=\(words.count); _vip_switch; printf '%s\\n' \"${COMPREPLY[@]}\"",
        ]
        shell.standardOutput = output
        try shell.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        shell.waitUntilExit()
        return Set(text.split(separator: "\n").map(String.init))
    }

    @Test func `bash completes commands of one word and of two, and their options`() throws {
        #expect(try bash(completing: "sta") == ["status"])
        #expect(try bash(completing: "members", "rec") == ["recover"])
        #expect(try bash(completing: "members", "recover", "--y") == ["--yes"])
        #expect(try bash(completing: "--ad") == ["--adopt"])
        #expect(try bash(completing: "nonsense", "--") == [])
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func `each shell is told of each command and each of its options`(shell: String) throws {
        let script = try run("completion", shell).output
        for command in Program.commands {
            for word in command.words { #expect(script.contains(word), "\(word)") }
            for option in command.options { #expect(script.contains(option.name.dropFirst(2)), "\(option.name)") }
        }
    }

    @Test func `another shell is refused`() throws {
        #expect(
            try run("completion", "tcsh").error
                == "vip-switch: no completion for \"tcsh\"; expected bash, zsh or fish\n"
        )
        #expect(try run("completion").code == 2)
    }
}
