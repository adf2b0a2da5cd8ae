import Configuration
import Foundation
import Hooks
import Linux
import Testing

/// A configuration with one hook, `ToMaster`, whose script is a test's.
private struct Site {
    let scratch: Scratch
    let script: String

    init(_ text: String) throws {
        scratch = try Scratch()
        script = try scratch.script("hook.sh", text)
    }

    func configuration(_ settings: String = "", common: String = "enabled: true") throws -> String {
        try scratch.file(
            "vip-switch.yaml",
            """
            node: {id: node1, raft_addr: 192.168.1.10:7946, data_dir: /var/lib/vip-switch}
            cluster: {nodes: [{id: node1, addr: 192.168.1.10:7946}], single: true, insecure: true}
            vips: [{address: 192.168.1.100/32, interface: eth0}]
            hooks:
              \(common)
              ToMaster: {command: \(script)\(settings.isEmpty ? "" : ", " + settings)}
            """
        )
    }

    /// The lines that a stage prints of one ToMaster.
    func play(_ file: String) throws -> [String] {
        try Stage.play("hooks", file, "ToMaster:0", "ended").filter {
            $0.hasPrefix("output") || $0.hasPrefix("errors") || $0.hasPrefix("ended")
        }
    }

    func hook() throws -> Hook { try #require(hooks("hooks: {ToMaster: {command: \(script)}}")[.toMaster]) }
}

private func hooks(_ text: String) -> [HookEvent: Hook] {
    let whole = """
        node: {id: node1, raft_addr: 192.168.1.10:7946, data_dir: /var/lib/vip-switch}
        cluster: {nodes: [{id: node1, addr: 192.168.1.10:7946}], single: true, insecure: true}
        \(text)
        """
    let file = TextFile(path: "c.yaml", bytes: Array(whole.utf8))
    return Configuration.read(ConfigurationInput(file: file)).configuration?.hooks.hooks ?? [:]
}

private func sha256(of path: String) throws -> String {
    let child = try Child(.init(path: "/usr/bin/sha256sum", arguments: [path]))
    return String(decoding: try child.output.read(upTo: 64), as: UTF8.self)
}

private let succeeded = "ended 1ToMaster:0 succeeded"

@Suite struct `A hook whose content is pinned` {
    @Test func `runs from a copy that nobody can change`() throws {
        let site = try Site(
            #"echo "$1"; readlink /proc/$$/fd/3 | cut -d' ' -f1; echo x 2>&- >/proc/$$/fd/3 || echo kept"#
        )
        let file = try site.configuration("args: [one], sha256: \(try sha256(of: site.script))")
        #expect(
            try site.play(file) == [
                "output 1ToMaster:0 one", "output 1ToMaster:0 /memfd:hook", "output 1ToMaster:0 kept", succeeded,
            ]
        )
    }

    @Test func `may be a binary`() throws {
        let scratch = try Scratch()
        let program = scratch.path + "/true"
        try FileManager.default.copyItem(atPath: "/bin/true", toPath: program)
        let hook = hooks("hooks: {ToMaster: {command: \(program), sha256: \(try sha256(of: program))}}")[.toMaster]
        let checked = try CheckedProgram(try #require(hook), nil, nil)
        let child = try Child(.init(path: program), from: checked.copy)
        #expect(try child.wait(upTo: .seconds(20))?.isSuccess == true)
    }

    @Test func `does not run when it has another content`() throws {
        let site = try Site("echo never")
        let file = try site.configuration("sha256: \(String(repeating: "0", count: 64))")
        #expect(
            try site.play(file) == [
                "ended 1ToMaster:0 failed(\"\(site.script) has not the content that sha256 wants; it has "
                    + "\(try sha256(of: site.script))\", aborts: false)"
            ]
        )
    }

    @Test func `is killed by a later run though its name is not on its command line`() throws {
        let site = try Site("echo $$; exec 2>&-; while :; do sleep 0.1; done")
        let file = try site.configuration("sha256: \(try sha256(of: site.script))")
        let lines = try Stage.play("hooks", file, "ToMaster:0", "output", "kill", "gone")
        let output = try #require(lines.first { $0.hasPrefix("output") })
        let left = try #require(output.split(separator: " ").last.flatMap { Int32($0) })
        #expect(runs(left))
        try "#!/bin/sh\nexit 0\n".write(toFile: site.script, atomically: false, encoding: .utf8)
        _ = try Stage.play("hooks", file, "ToMaster:0", "ended")
        #expect(eventually { !runs(left) })
    }
}

@Suite struct `A program that was looked at` {
    @Test func `is another one as soon as anything of it has changed`() throws {
        let site = try Site("exit 0")
        let checked = try CheckedProgram(site.hook(), nil, nil)
        #expect(checked.isUnchanged)
        let other = try site.scratch.script("other.sh", "exit 0")
        unsafe rename(other, site.script)
        #expect(!checked.isUnchanged)
        let again = try CheckedProgram(site.hook(), nil, nil)
        try "#!/bin/sh\nexit 1\n".write(toFile: site.script, atomically: false, encoding: .utf8)
        #expect(!again.isUnchanged)
    }
}

@Suite struct `A list of signatures` {
    private let digits = String(repeating: "0f", count: 32)

    private func signed(_ site: Site) throws -> (file: String, list: String, key: SignatureKey) {
        let keyFile = try site.scratch.file("key", digits + "\n", mode: 0o600)
        let key = try SignatureKey.read(keyFile)
        let content = Array(try String(contentsOfFile: site.script, encoding: .utf8).utf8)
        let list = try site.scratch.file("hooks.sig", SignatureList.text(of: [site.script: content], key: key))
        let common = "signature_file: \(list)\n  signature_key_file: \(keyFile)"
        return (try site.configuration(common: common), list, key)
    }

    @Test func `has the form of sha256sum and a last line that openssl can make`() throws {
        let site = try Site("exit 0")
        let (_, list, _) = try signed(site)
        let lines = try String(contentsOfFile: list, encoding: .utf8).split(separator: "\n").map(String.init)
        #expect(lines.count == 2)
        #expect(lines[0] == "\(try sha256(of: site.script))  \(site.script)")
        // printf '%s\n' LINE | openssl dgst -sha256 -mac hmac -macopt hexkey:KEY -r
        let key = try SignatureKey.read(site.scratch.path + "/key")
        let text = SignatureList.text(of: ["/bin/a": Array("abc".utf8)], key: key)
        #expect(
            text == """
                ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  /bin/a
                hmac-sha256 1a8461d3b9bb3be531d267956568019791c96ccbe74d7f25045f837621a8daa5

                """
        )
    }

    @Test func `lets run what it names`() throws {
        let site = try Site("echo signed")
        #expect(try site.play(try signed(site).file) == ["output 1ToMaster:0 signed", succeeded])
    }

    @Test func `lets nothing run that was changed afterwards, before it was signed again`() throws {
        let site = try Site("echo signed")
        let (file, list, key) = try signed(site)
        let text = "#!/bin/sh\necho changed\n"
        try text.write(toFile: site.script, atomically: false, encoding: .utf8)
        let refusal = "\(site.script) is not what was signed in \(list); look at it, and sign it with: "
        let story = try site.play(file)
        #expect(story.count == 1 && story[0].hasPrefix("ended 1ToMaster:0 failed(\"\(refusal)"))
        let again = SignatureList.text(of: [site.script: Array(text.utf8)], key: key)
        try again.write(toFile: list, atomically: false, encoding: .utf8)
        #expect(try site.play(file) == ["output 1ToMaster:0 changed", succeeded])
    }

    @Test(arguments: [
        (
            "another key",
            "was changed after it was signed, or with another key; look at the hooks and sign them again: "
        ),
        ("a digest", "was changed after it was signed, or with another key; look at the hooks and sign them again: "),
        ("the last line", "is not signed; expected a last line hmac-sha256 … as vip-switch hooks sign makes it"),
        ("the program", "does not name "),
    ]) func `is refused without what vouches for it`(change: String, words: String) throws {
        let site = try Site("exit 0")
        let (_, list, key) = try signed(site)
        var text = try String(contentsOfFile: list, encoding: .utf8)
        switch change {
        case "a digest": text = (text.first == "0" ? "1" : "0") + text.dropFirst()
        case "the last line": text = String(text.prefix { $0 != "\n" }) + "\n"
        case "the program": text = SignatureList.text(of: ["/bin/a": []], key: key)
        default: _ = try site.scratch.file("key", String(repeating: "1f", count: 32), mode: 0o600)
        }
        try text.write(toFile: list, atomically: false, encoding: .utf8)
        let used = try SignatureKey.read(site.scratch.path + "/key")
        let signature = HookSignature(file: list, keyFile: site.scratch.path + "/key")
        let refusal = #expect(throws: HookRefusal.self) { try CheckedProgram(site.hook(), signature, used) }
        #expect(refusal?.description.hasPrefix("\(list) \(words)") == true, "\(refusal?.description ?? "")")
    }

    @Test(
        arguments: [
            (0o644, "others may read or write the key KEY; chmod o= KEY"),
            (0o660, "a group may write the key KEY; chmod g-w KEY"),
        ] as [(mode_t, String)]
    ) func `trusts no key that others know`(mode: mode_t, text: String) throws {
        let scratch = try Scratch()
        let key = try scratch.file("key", digits, mode: mode)
        let refusal = #expect(throws: HookRefusal.self) { try SignatureKey.read(key) }
        #expect(refusal?.description.replacing(key, with: "KEY") == text)
    }

    @Test func `says how to make a key`() throws {
        let refusal = #expect(throws: HookRefusal.self) { try SignatureKey.read("/nowhere/key") }
        #expect(refusal?.description == "no key /nowhere/key; make it with: vip-switch keygen --output /nowhere/key")
    }
}
