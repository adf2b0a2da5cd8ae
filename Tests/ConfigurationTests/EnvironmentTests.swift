import Testing

@testable import Configuration

/// A value for each setting that has one: another than the default, and than what `plain` says.
private let values: [String: String] = [
    "node.id": "node2", "node.raft_addr": "192.168.1.11:7946", "node.data_dir": "/srv/vip", "node.priority": "7",
    "node.witness": "true", "cluster.secret_file": "/etc/other.key", "cluster.insecure": "true",
    "cluster.single": "true", "cluster.timing": "wan", "cluster.timing.heartbeat": "60ms",
    "cluster.timing.promise": "300ms", "cluster.exclusivity": "strict", "announce.count": "5",
    "announce.interval": "300ms", "announce.refresh": "30s", "hooks.enabled": "false", "logging.level": "debug",
    "logging.format": "text", "logging.output": "/var/log/vip.log", "control.socket": "/run/c.sock",
    "control.status_socket": "/run/s.sock", "exporter.listen": "127.0.0.1:9747", "hooks.debounce": "2s",
    "hooks.cooldown": "90s", "kernel_lifetime": "2s", "up_delay": "3s",
    "when_none_eligible": "release", "fence": "nftables", "realtime": "true",
]

@Suite struct `An environment variable` {
    @Test func `is there for every setting that has one value`() {
        let names = Set(ScalarSetting.all.map(\.variable))
        for name in [
            "VIP_SWITCH_NODE_PRIORITY", "VIP_SWITCH_NODE_WITNESS", "VIP_SWITCH_CLUSTER_TIMING",
            "VIP_SWITCH_CLUSTER_TIMING_HEARTBEAT", "VIP_SWITCH_CLUSTER_TIMING_PROMISE", "VIP_SWITCH_ANNOUNCE_INTERVAL",
            "VIP_SWITCH_HOOKS_ENABLED", "VIP_SWITCH_HOOKS_TOMASTER_COMMAND", "VIP_SWITCH_LOGGING_OUTPUT",
            "VIP_SWITCH_CONTROL_STATUS_SOCKET", "VIP_SWITCH_KERNEL_LIFETIME", "VIP_SWITCH_FENCE", "VIP_SWITCH_REALTIME",
        ] {
            #expect(names.contains(name), "\(name)")
        }
        // Each has a value here, and so is tried below; what a hook has is tried with hooks.
        let untried = ScalarSetting.all.map(\.path).filter { values[$0] == nil && !$0.hasPrefix("hooks.") }
        #expect(untried == ["election"])
        // Two settings of one variable would be one that nobody can set.
        #expect(names.count == ScalarSetting.all.count)
        #expect(ScalarSetting.all.allSatisfy { !$0.path.contains("[") })
    }

    /// The reader is given each key in a file, so that the list of variables is not compared with itself.
    @Test func `is there for every key that the reader takes a single value for`() {
        let sections = ["node", "cluster", "announce", "logging", "control", "hooks"]
        for section in sections {
            let line = read("\(section): {nonsense: 1}\n").lines.first { $0.contains("\"nonsense\"") } ?? ""
            let lists = [
                "nodes", "ToReady", "ToMaster", "ToSlave", "ToDestroy", "BeforeMaster", "BeforeSlave",
                "pass_environment",
            ]
            let expected = line.split(separator: "expected ").last.map(String.init) ?? ""
            let keys = expected.split { " ,".contains($0) }.map(String.init).filter {
                $0 != "or" && !lists.contains($0)
            }
            #expect(!keys.isEmpty, "\(section): \(line)")
            for key in keys {
                #expect(ScalarSetting.all.contains { $0.path == "\(section).\(key)" }, "\(section).\(key)")
            }
        }
    }

    @Test(arguments: values.keys.sorted()) func `stands above the file`(path: String) throws {
        let setting = try #require(ScalarSetting.all.first { $0.path == path })
        let before = try #require(read(plain).configuration)
        var environment = [setting.variable: try #require(values[path])]
        var text = plain
        // What goes with it, or the rules refuse it.
        switch path {
        case "node.id": environment["VIP_SWITCH_RAFT_ADDR"] = "192.168.1.11:7946"
        case "node.raft_addr": environment["VIP_SWITCH_NODE_ID"] = "node2"
        case "cluster.insecure": text = text.with("  secret_file: /etc/vip-switch/cluster.key\n", "")
        case "cluster.single":
            text = text.with(
                "    - {id: node2, addr: 192.168.1.11:7946}\n    - {id: node3, addr: 192.168.1.12:7946}\n",
                ""
            )
        case "cluster.timing.heartbeat": environment["VIP_SWITCH_CLUSTER_TIMING_PROMISE"] = "300ms"
        case "cluster.timing.promise": environment["VIP_SWITCH_CLUSTER_TIMING_HEARTBEAT"] = "60ms"
        case "cluster.exclusivity":
            environment["VIP_SWITCH_CLUSTER_TIMING_HEARTBEAT"] = "50ms"
            environment["VIP_SWITCH_CLUSTER_TIMING_PROMISE"] = "4s"
        default: break
        }
        let reading = read(text, environment: environment)
        #expect(reading.lines.filter { !$0.contains("warning") } == [])
        let after = try #require(reading.configuration)
        let differences = after.differences(from: before)
        let name = path == "cluster.timing" ? "cluster.timing.promise" : path
        #expect(differences.contains { $0.hasPrefix(name + " ") }, "\(differences)")
    }

    @Test func `is one of two names where the setting has a flag`() {
        #expect(read(plain, environment: ["VIP_SWITCH_LOG_LEVEL": "warn"]).configuration?.logging.level == .warn)
        #expect(read(plain, environment: ["VIP_SWITCH_LOGGING_LEVEL": "warn"]).configuration?.logging.level == .warn)
        let both = read(plain, environment: ["VIP_SWITCH_LOG_LEVEL": "warn", "VIP_SWITCH_LOGGING_LEVEL": "error"])
        #expect(
            both.lines == [
                "VIP_SWITCH_LOG_LEVEL: VIP_SWITCH_LOGGING_LEVEL names the same setting with another value; "
                    + "expected one of them"
            ]
                || both.lines == [
                    "VIP_SWITCH_LOGGING_LEVEL: VIP_SWITCH_LOG_LEVEL names the same setting with another value; "
                        + "expected one of them"
                ]
        )
    }

    @Test func `with a wrong value is named in the mistake`() {
        let reading = read(plain, environment: ["VIP_SWITCH_NODE_PRIORITY": "high"])
        #expect(
            reading.lines == [
                "VIP_SWITCH_NODE_PRIORITY: node.priority is \"high\"; expected a whole number from 0 to 65535"
            ]
        )
    }

    @Test func `of no setting is warned of, with what was probably meant`() {
        let reading = read(
            plain,
            environment: ["VIP_SWITCH_NODE_PRIORTY": "5", "PATH": "/bin", "VIP_SWITCH_CONFIG": "x"]
        )
        #expect(
            reading.lines == [
                "VIP_SWITCH_NODE_PRIORTY: warning: no setting has this name; expected VIP_SWITCH_ and its path, as in "
                    + "VIP_SWITCH_NODE_PRIORITY; did you mean VIP_SWITCH_NODE_PRIORITY"
            ]
        )
        #expect(reading.configuration != nil)
    }

    @Test func `takes the place of a mapping, and makes one of a name`() {
        let mapping = plain.with("  secret_file", "  timing: {heartbeat: 20ms, promise: 200ms}\n  secret_file")
        #expect(read(mapping, environment: ["VIP_SWITCH_CLUSTER_TIMING": "wan"]).configuration?.cluster.timing == .wan)
        let named = plain.with("  secret_file", "  timing: wan\n  secret_file")
        let timing = read(
            named,
            environment: ["VIP_SWITCH_CLUSTER_TIMING_HEARTBEAT": "30ms", "VIP_SWITCH_CLUSTER_TIMING_PROMISE": "300ms"]
        ).configuration?.cluster.timing
        #expect(timing == TimingSettings(heartbeat: .milliseconds(30), promise: .milliseconds(300)))
    }

    @Test func `that is empty counts as unset`() {
        #expect(read(plain, environment: ["VIP_SWITCH_NODE_PRIORITY": ""]).configuration?.node.priority == 100)
    }
}
