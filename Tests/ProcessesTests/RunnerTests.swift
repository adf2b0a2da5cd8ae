import Foundation
import Linux
import Testing

/// A configuration whose hooks are scripts of the test's.
private struct Site {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// A hook for each event, as `Event: {…}` with what follows the command.
    /// - Parameters:
    ///   - common: Of `hooks:`, a line each.
    ///   - own: The hooks of the group `db`.
    func configuration(
        _ hooks: [String: (script: String, settings: String)],
        common: [String] = [],
        own: String = ""
    ) throws -> String {
        var text = """
            node: {id: node1, raft_addr: 192.168.1.10:7946, data_dir: /var/lib/vip-switch}
            cluster: {nodes: [{id: node1, addr: 192.168.1.10:7946}], single: true, insecure: true}
            groups:
              - {name: web, interface: eth0, vips: [192.168.1.100/32]}
              - {name: db, interface: eth1, vips: [192.168.2.100/32, 192.168.2.101/32]\(own)}
            hooks:
              enabled: true

            """
        for line in common { text += "  \(line)\n" }
        for (event, hook) in hooks.sorted(by: { $0.key < $1.key }) {
            let path = try scratch.script("\(event).sh", hook.script)
            text += "  \(event): {command: \(path)\(hook.settings.isEmpty ? "" : ", " + hook.settings)}\n"
        }
        return try scratch.file("vip-switch.yaml", text)
    }
}

extension [String] {
    /// Without the lines that hold numbers of processes, and the warnings of the configuration.
    fileprivate var story: [String] {
        filter { !$0.hasPrefix("began") && !$0.hasPrefix("runner:") && !$0.contains("warning") }
    }

    fileprivate func pid(after start: String) -> Int32? {
        first { $0.hasPrefix(start) }?.split(separator: " ").last.flatMap { Int32($0) }
    }
}

private let end = ["end: exited with 0", "children: none"]

@Suite struct `The runner` {
    @Test func `starts a hook with its arguments, its environment and nothing else`() throws {
        let site = try Site()
        let settings = #"args: [--node, "{{.NodeID}} {{.Event}}", "{{.RaftAddr}}"], environment: {SITE: "a{{.Event}}"}"#
        let file = try site.configuration(["ToMaster": (#"printf '%s\n' "$@"; env | sort"#, settings)])
        let story = try Stage.play("hooks", file, "ToMaster:1", "ended").story
        let output = story.compactMap { line in
            line.hasPrefix("output 1ToMaster:1 ") ? String(line.dropFirst("output 1ToMaster:1 ".count)) : nil
        }
        #expect(Array(output.prefix(3)) == ["--node", "node1 ToMaster", "192.168.1.10:7946"])
        let environment = Set(output.dropFirst(3).filter { !$0.hasPrefix("HOME=") && !$0.hasPrefix("LANG=") })
        #expect(
            environment == [
                "EVENT_TYPE=ToMaster", "INTERFACE=eth1", "NODE_ID=node1",
                "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "PWD=/",
                "RAFT_ADDR=192.168.1.10:7946", "RAFT_TERM=7", "SITE=aToMaster", "VIP_ADDRESS=192.168.2.100",
                "VIP_ADDRESSES=192.168.2.100/32@eth1 192.168.2.101/32@eth1", "VIP_GROUP=db",
                "VIP_SWITCH_CONFIG=\(file)",
            ]
        )
        #expect(Array(story.suffix(3)) == ["ended 1ToMaster:1 succeeded"] + end)
    }

    @Test(.enabled(if: isRoot, "needs root")) func `gives a hook no capability, default signals, a group of its own`()
        throws
    {
        let site = try Site()
        let script =
            "grep -E '^(Cap(Inh|Prm|Eff|Amb)|Sig(Ign|Blk)):' /proc/self/status; ls /proc/self/fd | wc -l; echo $$; cut -d' ' -f5 /proc/$$/stat"
        let file = try site.configuration(["ToReady": (script, "")])
        let lines = try Stage.play("hooks", file, "ToReady", "ended").story
        let output = lines.filter { $0.hasPrefix("output") }.map { String($0.dropFirst("output 1ToReady ".count)) }
        #expect(output.count == 9)
        // glibc's posix_spawn ignores its own two signals, 32 and 33, in every program.
        let sets = output.prefix(6).map { $0.split(separator: "\t").last.flatMap { UInt64($0, radix: 16) } }
        #expect(sets.allSatisfy { $0.map { $0 & ~0x1_8000_0000 } == 0 }, "\(output)")
        // `ls` has its three and the folder that it reads.
        #expect(output[6] == "4")
        #expect(output[7] == output[8])
    }

    @Test func `kills the whole group of a hook that runs out of time`() throws {
        let site = try Site()
        let script =
            "trap '' TERM; sleep 100 & echo $!; sh -c 'trap \"\" TERM; echo $$; sleep 101; sleep 102'; sleep 103"
        let file = try site.configuration(["ToMaster": (script, "timeout: 1s, on_failure: abort")])
        let lines = try Stage.play("hooks", file, "ToMaster:0", "ended")
        let processes = lines.filter { $0.hasPrefix("output") }.compactMap {
            $0.split(separator: " ").last.flatMap { Int32($0) }
        }
        #expect(processes.count == 2)
        #expect(eventually { !processes.contains(where: runs) })
        #expect(lines.contains(#"ended 1ToMaster:0 failed("no end within 1.0 seconds; killed", aborts: true)"#))
        #expect(Array(lines.suffix(2)) == end)
    }

    @Test func `loses no last line, in 200 hooks`() throws {
        let site = try Site()
        let script =
            "i=0; while [ $i -lt 40 ]; do echo line $i; i=$((i+1)); done; echo last words >&2; printf 'the end'"
        let file = try site.configuration(["ToReady": (script, "")])
        let words = Array(repeating: ["ToReady", "ended"], count: 200).flatMap { $0 }
        let lines = try Stage.play(["hooks", file] + words)
        for number in 1...200 {
            let own = lines.filter { $0.contains(" \(number)ToReady ") && !$0.hasPrefix("began") }
            let expected =
                (0..<40).map { "output \(number)ToReady line \($0)" } + [
                    "output \(number)ToReady the end", "errors \(number)ToReady last words",
                    "ended \(number)ToReady succeeded",
                ]
            #expect(own.sorted() == expected.sorted())
            #expect(own.last == expected.last)
        }
    }

    @Test func `does not wait long for what a hook left behind, nor kill it`() throws {
        let site = try Site()
        let file = try site.configuration(["ToMaster": ("sleep 60 & echo $!", "")])
        let lines = try Stage.play("hooks", file, "ToMaster:0", "ended")
        let left = try #require(lines.pid(after: "output 1ToMaster:0 "))
        #expect(lines.story.contains("ended 1ToMaster:0 succeeded"))
        #expect(runs(left))
        kill(left, SIGKILL)
    }

    @Test func `cuts endless lines and endless output stops with its hook`() throws {
        let site = try Site()
        let script = "head -c 10000 /dev/zero | tr '\\0' x; echo; yes & exit 0"
        let file = try site.configuration(["ToMaster": (script, "")])
        let lines = try Stage.play("hooks", file, "ToMaster:0", "ended")
        let start = "output 1ToMaster:0 "
        let lengths = lines.filter { $0.hasPrefix(start + "x") }.map { $0.count - start.count }
        #expect(lengths == [4096, 4096, 1808])
        #expect(lines.contains("ended 1ToMaster:0 succeeded"))
    }

    @Test func `tells what became of each policy`() throws {
        let site = try Site()
        let file = try site.configuration([
            "ToReady": ("exit 3", "on_failure: continue"), "ToMaster": ("exit 4", "on_failure: abort"),
            "ToSlave": ("echo try; exit 5", "on_failure: retry"),
        ])
        let words = ["ToReady", "ended", "ToMaster:0", "ended", "ToSlave:0", "ended", "ToDestroy", "ended"]
        #expect(
            try Stage.play(["hooks", file] + words).story == [
                #"ended 1ToReady failed("exited with 3", aborts: false)"#,
                #"ended 2ToMaster:0 failed("exited with 4", aborts: true)"#,
                "output 3ToSlave:0 try", "retrying 3ToSlave:0 exited with 5",
                "output 3ToSlave:0 try", "retrying 3ToSlave:0 exited with 5",
                "output 3ToSlave:0 try", #"ended 3ToSlave:0 failed("exited with 5", aborts: true)"#,
                "ended 4ToDestroy notConfigured",
            ] + end
        )
    }

    /// Groups keep their numbers: `db` is 1, and what comes is behind them.
    @Test func `goes by another configuration when it is told to, having read the same`() throws {
        let site = try Site()
        let script = #"echo "$1 $VIP_GROUP $VIP_ADDRESS""#
        let file = try site.configuration(["ToMaster": (script, "args: [old]")])
        let text = try String(contentsOfFile: file, encoding: .utf8)
        let next = try site.scratch.file(
            "next.yaml",
            text.replacing("[old]", with: "[new]").replacing("name: web", with: "name: mail")
                .replacing("192.168.2.100/32, ", with: "")
        )
        let request = { (group: Int) in ["ToMaster:\(group)", "ended"] }
        let words =
            ["become:\(next)", "prepare:other", "adopt"] + request(1) + ["prepare", "adopt:1"] + request(1)
            + ["adopt"] + request(1) + request(2) + request(0)
        #expect(
            try Stage.play(["hooks", file] + words).story == [
                "unprepared 1 the configuration has changed while it was read; try again",
                "output 1ToMaster:1 old db 192.168.2.100", "ended 1ToMaster:1 succeeded", "prepared 2",
                "output 2ToMaster:1 old db 192.168.2.100", "ended 2ToMaster:1 succeeded",
                "adopted 2",
                "output 3ToMaster:1 new db 192.168.2.101", "ended 3ToMaster:1 succeeded",
                "output 4ToMaster:2 new mail 192.168.1.100", "ended 4ToMaster:2 succeeded",
                "output 5ToMaster:0 new web 192.168.1.100", "ended 5ToMaster:0 succeeded",
            ] + end
        )
    }

    @Test func `succeeds at a later try`() throws {
        let site = try Site()
        let script = "test -e \(site.scratch.path)/done && exit 0; touch \(site.scratch.path)/done; exit 1"
        let file = try site.configuration(["ToSlave": (script, "on_failure: retry")])
        let story = try Stage.play("hooks", file, "ToSlave:0", "ended").story
        #expect(story == ["retrying 1ToSlave:0 exited with 1", "ended 1ToSlave:0 succeeded"] + end)
    }

    @Test
    func `delivers the last of role changes that came while a hook ran, and tries no more for a role that is over`()
        throws
    {
        let site = try Site()
        let go = site.scratch.path + "/go"
        let file = try site.configuration([
            "ToMaster": ("while [ ! -e \(go) ]; do sleep 0.05; done; exit 1", "on_failure: retry"),
            "ToSlave": ("exit 0", ""),
        ])
        let words = ["ToMaster:0", "ToSlave:0", "ToMaster:0", "ToSlave:0", "ToSlave:1", "make:\(go)", "ended"]
        let story = try Stage.play(["hooks", file] + words).story
        #expect(
            Set(story)
                == Set(
                    [
                        "ended 2ToSlave:0 undone", "ended 3ToMaster:0 undone", "ended 5ToSlave:1 succeeded",
                        #"ended 1ToMaster:0 failed("exited with 1", aborts: false)"#, "ended 4ToSlave:0 succeeded",
                    ] + end
                )
        )
    }

    @Test func `refuses a hook that became writable for others, and one that cannot start`() throws {
        let site = try Site()
        let file = try site.configuration(["ToMaster": ("echo never", "on_failure: abort"), "ToSlave": ("x", "")])
        let (master, slave) = (site.scratch.path + "/ToMaster.sh", site.scratch.path + "/ToSlave.sh")
        unsafe chmod(master, 0o757)
        try "#!/no/such/interpreter\n".write(toFile: slave, atomically: false, encoding: .utf8)
        let story = try Stage.play("hooks", file, "ToMaster:0", "ended", "ToSlave:0", "ended").story
        let refusal = "\(master) is writable for everyone; chmod o-w \(master)"
        #expect(
            story == [
                "ended 1ToMaster:0 failed(\"\(refusal)\", aborts: true)",
                "ended 2ToSlave:0 failed(\"cannot start \(slave): No such file or directory\", aborts: false)",
            ] + end
        )
    }

    @Test func `kills running hooks when the agent dies, and ends`() throws {
        let site = try Site()
        let file = try site.configuration(["ToMaster": ("echo $$; sleep 100 & sleep 101", "")])
        let stage = try Stage("hooks", file, "ToMaster:0", "stay")
        var lines: [String] = []
        while lines.pid(after: "output") == nil, let line = try stage.line() { lines.append(line) }
        let (runner, hook) = try (#require(lines.pid(after: "runner:")), #require(lines.pid(after: "output")))
        kill(stage.pid, SIGKILL)
        #expect(eventually { !runs(runner) && !runs(hook) && kill(-hook, 0) == -1 })
    }

    @Test func `leaves no zombie, and kills what a runner before it left`() throws {
        let site = try Site()
        let file = try site.configuration([
            "ToMaster": ("echo $$; exec 2>&-; while :; do sleep 0.1; done", ""),
            "ToSlave": ("ps -o stat= --ppid $PPID", ""),
        ])
        let lines = try Stage.play("hooks", file, "ToMaster:0", "output", "kill", "gone")
        let left = try #require(lines.pid(after: "output 1ToMaster:0"))
        #expect(lines.contains("gone killed by signal 9"))
        #expect(runs(left))
        let later = try Stage.play("hooks", file, "ToSlave:0", "ended", "ToSlave:0", "ended")
        #expect(eventually { !runs(left) })
        #expect(later.story.filter { $0.hasPrefix("output") && $0.contains("Z") } == [])
        #expect(Array(later.suffix(2)) == end)
    }

    @Test func `hands on the variables that the configuration names, and no others`() throws {
        let site = try Site()
        let file = try site.configuration(
            ["ToReady": (#"echo "$STAGE/$SECRET/$NODE_ID/$NONE""#, "")],
            common: ["pass_environment: [STAGE, NODE_ID, NONE]"]
        )
        let story = try Stage.play("hooks", file, "ToReady", "ended").story
        #expect(story == ["output 1ToReady of the agent//node1/", "ended 1ToReady succeeded"] + end)
    }

    @Test func `runs a group's own hook instead of the common one`() throws {
        let site = try Site()
        let own = try site.scratch.script("own.sh", "echo own")
        let file = try site.configuration(
            ["ToMaster": ("echo common", ""), "ToSlave": ("echo slave", "")],
            own: ", hooks: {ToMaster: {command: \(own)}}"
        )
        let words = ["ToMaster:0", "ended", "ToMaster:1", "ended", "ToSlave:1", "ended"]
        let output = try Stage.play(["hooks", file] + words).filter { $0.hasPrefix("output") }
        #expect(
            output == ["output 1ToMaster:0 common", "output 2ToMaster:1 own", "output 3ToSlave:1 slave"]
        )
    }

    @Test func `waits with a role's hook until the role has lasted, and with nothing else`() throws {
        let site = try Site()
        let file = try site.configuration(
            ["ToMaster": ("exit 0", ""), "ToSlave": ("exit 0", ""), "BeforeMaster": ("exit 0", "")],
            common: ["debounce: 300ms"]
        )
        let words = ["ToSlave:0", "ToMaster:0", "ToSlave:0", "BeforeMaster:1", "ended"]
        let story = try Stage.play(["hooks", file] + words).story
        #expect(
            story == [
                "ended 1ToSlave:0 undone", "ended 2ToMaster:0 undone", "ended 4BeforeMaster:1 succeeded",
                "ended 3ToSlave:0 succeeded",
            ] + end
        )
    }
}
