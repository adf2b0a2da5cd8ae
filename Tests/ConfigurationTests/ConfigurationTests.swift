import Configuration
import Foundation
import Net
import Testing

@Suite struct `A configuration` {
    @Test func `fills in what is not written`() throws {
        let reading = read(plain)
        #expect(reading.lines == [])
        let configuration = try #require(reading.configuration)
        #expect(configuration.path == "c.yaml")
        #expect(configuration.vipConf == nil)
        #expect(configuration.node.id == "node1")
        #expect(configuration.node.raftAddress == Endpoint("192.168.1.10:7946"))
        #expect(configuration.node.dataDirectory == "/var/lib/vip-switch")
        #expect(configuration.node.priority == 100)
        #expect(!configuration.node.isWitness)
        #expect(configuration.cluster.nodes.map(\.id) == ["node1", "node2", "node3"])
        #expect(configuration.cluster.nodes.last?.address == Endpoint("192.168.1.12:7946"))
        #expect(configuration.cluster.secretFile == "/etc/vip-switch/cluster.key")
        #expect(!configuration.cluster.isInsecure)
        #expect(!configuration.cluster.isSingle)
        #expect(configuration.cluster.timing == .lan)
        #expect(configuration.cluster.exclusivity == .prompt)
        #expect(configuration.groups == [GroupSettings(name: "default", vips: [vip("192.168.1.100/32", "eth0")])])
        #expect(configuration.announce.count == 3)
        #expect(configuration.announce.interval == .milliseconds(200))
        #expect(configuration.announce.refresh == .seconds(60))
        #expect(configuration.hooks.isEnabled)
        #expect(configuration.hooks.hooks.isEmpty)
        #expect(configuration.logging.level == .info)
        #expect(configuration.logging.format == .json)
        #expect(configuration.logging.output == nil)
        #expect(configuration.control == .standard)
        #expect(configuration.exporter.listen == Endpoint("127.0.0.1:9746"))
        #expect(configuration.kernelLifetime == 1)
        #expect(configuration.reserve == .milliseconds(10))
        #expect(configuration.fence == .none)
    }

    @Test(arguments: ["prompt", "strict"])
    func `with a fence keeps its lease whatever is asked for and however many VIPs there are`(
        exclusivity: String
    ) throws {
        let vips = (0..<3000).map { "  - {address: 10.0.\($0 / 250).\($0 % 250), interface: eth0}\n" }.joined()
        let text = plain.with("  secret_file", "  exclusivity: \(exclusivity)\n  secret_file") + vips
        let configuration = try #require(read(text + "fence: nftables\n").configuration)
        #expect(configuration.fence == .nftables)
        #expect(configuration.kernelLifetime == 10)
        #expect(configuration.reserve == .milliseconds(10))
        #expect(configuration.removal > .milliseconds(200))
        #expect(read(text + "fence: nftables\nkernel_lifetime: 0\n").configuration?.kernelLifetime == 0)
        #expect(read(text).configuration == nil)
    }

    @Test func `takes over what is written`() throws {
        let text = plain.with("cluster:", "  priority: 7\n  witness: true\ncluster:").with(
            "vips:",
            """
              timing: {heartbeat: 100ms, promise: 3s}
              exclusivity: strict
            kernel_lifetime: 1s
            announce: {count: 5, interval: 1s, refresh: 0}
            logging: {level: debug, format: text, output: /var/log/vip.log}
            control: {socket: /run/a/control.sock}
            exporter: {listen: "[::]:9000"}
            fence: none
            election: raft
            realtime: false
            when_none_eligible: release
            up_delay: 5s
            track_interfaces: [eth7]
            vips:
            """
        )
        let reading = read(text)
        #expect(reading.lines == [])
        let configuration = try #require(reading.configuration)
        #expect(configuration.whenNoneEligible == .release)
        #expect(configuration.upDelay == .seconds(5))
        #expect(configuration.groups.map(\.trackedInterfaces) == [["eth7"]])
        #expect(configuration.node.priority == 7)
        #expect(configuration.node.isWitness)
        #expect(configuration.cluster.timing == TimingSettings(heartbeat: .milliseconds(100), promise: .seconds(3)))
        #expect(configuration.cluster.exclusivity == .strict)
        #expect(configuration.reserve == .milliseconds(2010))
        #expect(
            configuration.timingSummary
                == "lease: promise 3s x 0.996 less 2010ms to take the VIPs off gives 978ms, renewed every 100ms"
        )
        #expect(configuration.announce.count == 5)
        #expect(configuration.announce.refresh == .zero)
        #expect(configuration.logging.level == .debug)
        #expect(configuration.logging.format == .text)
        #expect(configuration.logging.output == "/var/log/vip.log")
        #expect(configuration.exporter.listen == Endpoint("[::]:9000"))
        #expect(configuration.control.socket == "/run/a/control.sock")
        #expect(configuration.control.statusSocket == "/run/a/status.sock")
    }

    @Test(arguments: [("lan", 239), ("fast", 89), ("turbo", 29), ("wan", 1185)])
    func `has a lease for each profile`(profile: String, milliseconds: Int) throws {
        let reading = read(plain.with("  secret_file", "  timing: \(profile)\n  secret_file"))
        let configuration = try #require(reading.configuration)
        let lease = configuration.cluster.timing.lease(reserving: configuration.reserve)
        #expect(lease >= .milliseconds(milliseconds) && lease < .milliseconds(milliseconds + 1))
        #expect(.seconds(configuration.kernelLifetime) > lease)
    }

    @Test(arguments: [
        ("{socket: /a/c}", "/a/c", "/a/status.sock"), ("{status_socket: /a/s}", "/a/control.sock", "/a/s"),
        ("{socket: /a/c, status_socket: /b/s}", "/a/c", "/b/s"),
        ("{}", "/run/vip-switch/control.sock", "/run/vip-switch/status.sock"),
    ]) func `has each socket beside the other`(text: String, socket: String, statusSocket: String) throws {
        let configuration = try #require(read(plain + "control: \(text)\n").configuration)
        #expect(configuration.control.socket == socket)
        #expect(configuration.control.statusSocket == statusSocket)
    }

    @Test func `may have groups, each VIP on an interface of its own`() throws {
        let reading = read(
            plain.with(
                "vips:\n  - {address: 192.168.1.100/32, interface: eth0}\n",
                """
                groups:
                  - {name: web, interface: eth0, vips: [192.168.1.100, {address: "2001:db8::1", interface: eth1}]}
                  - name: db
                    vips:
                      - {address: 10.0.0.1/24, interface: eth2}

                """
            )
        )
        #expect(reading.lines == [])
        #expect(
            reading.configuration?.groups == [
                GroupSettings(name: "web", vips: [vip("192.168.1.100/32", "eth0"), vip("2001:db8::1/128", "eth1")]),
                GroupSettings(name: "db", vips: [vip("10.0.0.1/24", "eth2")]),
            ]
        )
    }

    @Test func `gives each hook what hooks have in common`() throws {
        let reading = read(
            plain + """
                hooks:
                  timeout: 10s
                  on_failure: ignore
                  ToMaster: {command: /bin/a, args: ["{{ .Event }}", x], environment: {B: "{{.NodeID}}", A: ""}}
                  ToSlave: {command: /bin/b, timeout: 1m, on_failure: retry}

                """
        )
        #expect(reading.lines == [])
        let hooks = try #require(reading.configuration?.hooks)
        #expect(Set(hooks.hooks.keys) == [.toMaster, .toSlave])
        let master = try #require(hooks.hooks[.toMaster])
        #expect(master.command == "/bin/a")
        #expect(master.arguments == ["{{.Event}}", "x"])
        #expect(master.timeout == .seconds(10))
        #expect(master.onFailure == .continue)
        #expect(master.environment.map(\.name) == ["A", "B"])
        #expect(master.environment.map(\.value) == ["", "{{.NodeID}}"])
        let slave = try #require(hooks.hooks[.toSlave])
        #expect(slave.timeout == .seconds(60))
        #expect(slave.onFailure == .retry)
    }

    @Test func `gives a group's own hooks what hooks have in common`() throws {
        let text = plain.with("vips:\n  - {address: 192.168.1.100/32, interface: eth0}\n", "")
        let reading = read(
            text + """
                groups:
                  - name: web
                    interface: eth0
                    vips: [192.168.1.100]
                    hooks:
                      ToMaster: {command: /bin/web}
                  - {name: db, interface: eth0, vips: [192.168.1.101]}
                hooks:
                  timeout: 30s
                  on_failure: abort
                  debounce: 2s
                  cooldown: 5m
                  pass_environment: [HTTPS_PROXY]
                  signature_file: /etc/hooks.sig
                  signature_key_file: /etc/hooks.key
                  ToMaster: {command: /bin/all, sha256: \(String(repeating: "AB", count: 32))}
                  BeforeSlave: {command: /bin/before}

                """
        )
        #expect(reading.lines == [])
        let configuration = try #require(reading.configuration)
        let (web, db) = (configuration.groups[0], configuration.groups[1])
        let own = try #require(configuration.hook(for: .toMaster, in: web))
        #expect(own.command == "/bin/web")
        #expect(own.timeout == .seconds(30))
        #expect(own.onFailure == .abort)
        let common = try #require(configuration.hook(for: .toMaster, in: db))
        #expect(common.command == "/bin/all")
        #expect(common.sha256 == String(repeating: "ab", count: 32))
        #expect(configuration.hook(for: .beforeSlave, in: web)?.timeout == .seconds(10))
        #expect(configuration.hooks.debounce == .seconds(2))
        #expect(configuration.hooks.cooldown == .seconds(300))
        #expect(configuration.hooks.passedVariables == ["HTTPS_PROXY"])
        #expect(configuration.hooks.signature == HookSignature(file: "/etc/hooks.sig", keyFile: "/etc/hooks.key"))
        #expect(
            configuration.allHooks.map(\.setting)
                == ["hooks.ToMaster", "hooks.BeforeSlave", "groups[0].hooks.ToMaster"]
        )
    }

    @Test func `listens to flags before the environment, and to both before the file`() throws {
        let environment = ["VIP_SWITCH_NODE_ID": "node3", "VIP_SWITCH_LOG_LEVEL": "debug", "VIP_SWITCH_DATA_DIR": ""]
        let reading = read(
            plain,
            environment: environment,
            options: {
                $0.nodeID = "node2"
                $0.raftAddress = "192.168.1.11:7946"
                $0.logFormat = "text"
            }
        )
        #expect(reading.lines == [])
        let configuration = try #require(reading.configuration)
        #expect(configuration.node.id == "node2")
        #expect(configuration.node.raftAddress == Endpoint("192.168.1.11:7946"))
        #expect(configuration.node.dataDirectory == "/var/lib/vip-switch")
        #expect(configuration.logging.level == .debug)
        #expect(configuration.logging.format == .text)
    }

    @Test func `of the ancestor is told line by line what to add`() {
        let text = """
            node:
              id: "node1"
              raft_addr: "192.168.1.10:7946"
              data_dir: "./data"
            cluster:
              nodes:
                - id: "node1"
                  addr: "192.168.1.10:7946"
                - id: "node2"
                  addr: "192.168.1.11:7946"
                - id: "node3"
                  addr: "192.168.1.12:7946"
            hooks:
              enabled: true
              timeout: 60s
              on_failure: ignore
              ToMaster:
                command: "scripts/on-master.sh"
                args: []
                environment:
                  NODE_ID: "{{.NodeID}}"
            logging:
              level: "info"
              format: "json"
              output: "/var/log/vip-switch/daemon.log"

            """
        #expect(
            read(text, vipConf: "VIP_ADDRESS=192.168.1.100\nINTERFACE=eth0\n").lines == [
                #"c.yaml:4:13: node.data_dir is "./data"; expected an absolute path like /var/lib/vip-switch"#,
                "c.yaml:5:1: cluster.secret_file is missing; "
                    + "expected a file made by vip-switch keygen, or cluster.insecure: true",
                #"c.yaml:18:14: hooks.ToMaster.command is "scripts/on-master.sh"; "#
                    + "expected an absolute path like /var/lib/vip-switch",
            ]
        )
    }

    @Test(arguments: ["node1", "node2", "node3"]) func `among the examples is without mistakes`(name: String) throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "examples")
        let text = try String(contentsOf: folder.appending(path: "\(name).yaml"), encoding: .utf8)
        let conf = try String(contentsOf: folder.appending(path: "vip.conf"), encoding: .utf8)
        let reading = read(text)
        #expect(reading.lines == [])
        #expect(reading.configuration?.node.id == name)
        let withoutVIPs = read(
            plain.with("vips:\n  - {address: 192.168.1.100/32, interface: eth0}\n", ""),
            vipConf: conf
        )
        #expect(withoutVIPs.lines == [])
    }
}

func vip(_ prefix: String, _ interface: String) -> VirtualAddress {
    guard let prefix = Prefix(prefix) else { preconditionFailure(prefix) }
    return VirtualAddress(prefix: prefix, interface: interface)
}
