import Configuration
import Testing

/// A change to the plain configuration and the lines that it earns.
struct Mistake: Sendable, CustomTestStringConvertible {
    let old: String
    let new: String
    let lines: [String]

    init(_ old: String, _ new: String, _ lines: String...) {
        self.old = old
        self.new = new
        self.lines = lines
    }

    var testDescription: String { new.isEmpty ? "without \(old)" : new }
}

@Suite struct `A mistake` {
    static let settings = [
        Mistake(
            "id: node1",
            "id: no de",
            #"c.yaml:2:7: node.id is "no de"; expected a name of 1 to 63 letters, digits, dots, dashes or underscores"#
        ),
        Mistake(
            "  id: node1\n",
            "",
            "c.yaml:1:1: node.id is missing; expected a name of 1 to 63 letters, digits, dots, dashes or underscores"
        ),
        Mistake(
            "raft_addr",
            "raft_adr",
            "c.yaml:1:1: node.raft_addr is missing; expected a literal address and its port like 192.168.1.10:7946",
            #"c.yaml:3:3: unknown key "raft_adr" in node; expected id, raft_addr, data_dir, priority or witness; "#
                + "did you mean raft_addr"
        ),
        Mistake(
            "raft_addr: 192.168.1.10:7946",
            "raft_addr: 192.168.1.10",
            #"c.yaml:3:14: node.raft_addr is "192.168.1.10"; "#
                + "expected a literal address and its port like 192.168.1.10:7946; did you mean 192.168.1.10:7946"
        ),
        Mistake(
            "raft_addr: 192.168.1.10:7946",
            "raft_addr: db1:7946",
            #"c.yaml:3:14: node.raft_addr is "db1:7946"; "#
                + "expected a literal address and its port like 192.168.1.10:7946; did you mean 10.9.8.7:7946"
        ),
        Mistake(
            "/var/lib/vip-switch",
            "lib/vip-switch",
            #"c.yaml:4:13: node.data_dir is "lib/vip-switch"; expected an absolute path like /var/lib/vip-switch"#
        ),
        Mistake(
            "cluster:",
            "  priority: 65536\ncluster:",
            #"c.yaml:5:13: node.priority is "65536"; expected a whole number from 0 to 65535"#
        ),
        Mistake(
            "cluster:",
            "  witness: yes\ncluster:",
            #"c.yaml:5:12: node.witness is "yes"; expected true or false; did you mean true"#
        ),
        Mistake(
            "  data_dir: /var/lib/vip-switch",
            "  data_dir: [a]",
            "c.yaml:4:3: node.data_dir is a list; expected an absolute path like /var/lib/vip-switch"
        ),
        Mistake(
            "  data_dir: /var/lib/vip-switch",
            "  data_dir:",
            "c.yaml:4:12: node.data_dir is empty; expected an absolute path like /var/lib/vip-switch"
        ),
        Mistake(
            "  id: node1",
            "  id: node1\n  id: node2",
            #"c.yaml:3:3: "id" is given twice, first in line 2; expected it once"#
        ),
        Mistake(
            "cluster:",
            "loging: {level: info}\ncluster:",
            #"c.yaml:5:1: unknown key "loging"; expected node, cluster, vips, groups, announce, hooks, logging, control, "#
                + "exporter, kernel_lifetime, track_interfaces, up_delay, when_none_eligible, fence, realtime or election; "
                + "did you mean logging"
        ),
        Mistake(
            "cluster:",
            "logging: {level: inof}\ncluster:",
            #"c.yaml:5:18: logging.level is "inof"; expected debug, info, notice, warn or error; did you mean info"#
        ),
        Mistake(
            "cluster:",
            "logging: {output: logs/daemon.log}\ncluster:",
            #"c.yaml:5:19: logging.output is "logs/daemon.log"; "#
                + "expected stderr or an absolute path like /var/lib/vip-switch"
        ),
        Mistake(
            "cluster:",
            "logging: info\ncluster:",
            #"c.yaml:5:10: logging is "info"; expected level, format and output"#
        ),
        Mistake(
            "cluster:",
            "control: {socket: /run/a, status_socket: /run/a}\ncluster:",
            "c.yaml:5:42: control.status_socket is the same as control.socket; expected another path"
        ),
        Mistake(
            "cluster:",
            "announce: {count: 0, interval: 200, refresh: 1d}\ncluster:",
            #"c.yaml:5:19: announce.count is "0"; expected a whole number from 1 to 20"#,
            #"c.yaml:5:32: announce.interval is "200"; expected a duration from 10ms to 10s with its unit; "#
                + "did you mean 200ms",
            #"c.yaml:5:46: announce.refresh is "1d"; expected 0, or a duration from 1s to 24h with its unit"#
        ),
        Mistake(
            "cluster:",
            "announce: {refresh: 500ms}\ncluster:",
            #"c.yaml:5:21: announce.refresh is "500ms"; expected 0, or a duration from 1s to 24h with its unit"#
        ),
        Mistake(
            "cluster:",
            "kernel_lifetime: 10\ncluster:",
            #"c.yaml:5:18: kernel_lifetime is "10"; expected 0 or whole seconds from 1s to 10m; did you mean 10s"#
        ),
    ]

    static let clusters = [
        Mistake(
            "id: node1\n",
            "id: node4\n",
            "c.yaml:2:7: node.id is node4, which cluster.nodes does not name; expected node1, node2 or node3; "
                + "did you mean node1"
        ),
        Mistake(
            "id: node2",
            "id: node3",
            "c.yaml:9:12: cluster.nodes[2].id is node3, as cluster.nodes[1].id is; expected each node to have its own"
        ),
        Mistake(
            "192.168.1.12",
            "192.168.1.11",
            "c.yaml:9:25: cluster.nodes[2].addr is 192.168.1.11:7946, as cluster.nodes[1].addr is; "
                + "expected each node to have its own"
        ),
        Mistake(
            "raft_addr: 192.168.1.10:7946",
            "raft_addr: 0.0.0.0:7946",
            "c.yaml:3:14: node.raft_addr is 0.0.0.0:7946, but cluster.nodes[0].addr says 192.168.1.10:7946 for node1; "
                + "expected the same"
        ),
        Mistake(
            "192.168.1.11:7946",
            "239.0.0.1:7946",
            "c.yaml:8:25: cluster.nodes[1].addr is 239.0.0.1:7946, a multicast address; "
                + "expected an address that the other nodes reach"
        ),
        Mistake(
            "192.168.1.11:7946",
            #""[2001:db8::1]:7946""#,
            "c.yaml:8:25: cluster.nodes[1].addr is [2001:db8::1]:7946, but the first node has 192.168.1.10:7946; "
                + "expected one IP version"
        ),
        Mistake(
            "    - {id: node2, addr: 192.168.1.11:7946}\n    - {id: node3, addr: 192.168.1.12:7946}\n",
            "",
            "c.yaml:6:3: cluster.nodes names one node only; "
                + "expected three, or cluster.single: true for one that is to be alone"
        ),
        Mistake(
            "    - {id: node2, addr: 192.168.1.11:7946}\n",
            "",
            "c.yaml:6:3: warning: two nodes cannot outvote each other: while either is down nobody holds a VIP; "
                + "expected a third, such as a witness"
        ),
        Mistake(
            "  secret_file",
            "  single: true\n  secret_file",
            "c.yaml:10:11: cluster.single is true with 3 nodes; expected it only where there is one"
        ),
        Mistake(
            "  secret_file: /etc/vip-switch/cluster.key\n",
            "",
            "c.yaml:5:1: cluster.secret_file is missing; "
                + "expected a file made by vip-switch keygen, or cluster.insecure: true"
        ),
        Mistake(
            "secret_file: /etc/vip-switch/cluster.key",
            "insecure: true",
            "c.yaml:10:13: warning: anyone who reaches the raft addresses can take the VIPs; expected a secret_file"
        ),
        Mistake(
            "  secret_file",
            "  insecure: true\n  secret_file",
            "c.yaml:10:13: both cluster.secret_file and cluster.insecure: true are given; expected one"
        ),
        Mistake(
            "- {id: node2, addr: 192.168.1.11:7946}",
            "- node2",
            #"c.yaml:8:7: cluster.nodes[1] is "node2"; expected {id: …, addr: …}"#
        ),
    ]

    static let timings = [
        Mistake(
            "  secret_file",
            "  timing: lam\n  secret_file",
            #"c.yaml:10:11: cluster.timing is "lam"; "#
                + "expected lan, fast, turbo, wan or {heartbeat: 50ms, promise: 250ms}; did you mean lan"
        ),
        Mistake(
            "  secret_file",
            "  timing: {heartbeat: 50, promise: 250ms}\n  secret_file",
            #"c.yaml:10:23: cluster.timing.heartbeat is "50"; expected a duration from 1ms to 10s with its unit; "#
                + "did you mean 50ms"
        ),
        Mistake(
            "  secret_file",
            "  timing: {heartbeat: 50ms}\n  secret_file",
            "c.yaml:10:3: cluster.timing.promise is missing; expected a duration from 10ms to 1m with its unit"
        ),
        Mistake(
            "  secret_file",
            "  timing: {heartbeat: 50ms, promise: 61s}\n  secret_file",
            #"c.yaml:10:38: cluster.timing.promise is "61s"; expected a duration from 10ms to 1m with its unit"#
        ),
        Mistake(
            "  secret_file",
            "  timing: {heartbeat: 50ms, promise: 100ms}\n  secret_file",
            "c.yaml:10:3: a promise of 100ms less 10ms to take the address off leaves a lease of 89.6ms, and 3 heartbeats "
                + "of 50ms with half of one to spare take 175ms; expected a promise of at least 186ms"
        ),
        Mistake(
            "  secret_file",
            "  exclusivity: strict\n  secret_file",
            "c.yaml:10:16: a promise of 250ms less 2010ms to take the address off leaves a lease of nothing, and "
                + "3 heartbeats of 50ms with half of one to spare take 175ms; "
                + "expected a promise of at least 2194ms, or fence: nftables, or exclusivity: prompt"
        ),
    ]

    static let addresses = [
        Mistake(
            "192.168.1.100/32",
            "192.168.1.300",
            #"c.yaml:12:15: vips[0].address is "192.168.1.300"; "#
                + "expected a literal address like 192.168.1.100/32 or 2001:db8::100/128"
        ),
        Mistake(
            "192.168.1.100/32",
            "192.168.1.11",
            "c.yaml:12:15: vips[0].address is 192.168.1.11/32, the raft address of node2; "
                + "expected an address that no host has"
        ),
        Mistake(
            "192.168.1.100/32",
            "192.168.1.100/24",
            "c.yaml:12:15: warning: vips[0].address is 192.168.1.100/24, in the subnet of 192.168.1.10; "
                + "expected 192.168.1.100/32, which is enough there"
        ),
        Mistake(
            "192.168.1.100/32",
            "192.168.1.255/24",
            "c.yaml:12:15: vips[0].address is 192.168.1.255/24, the broadcast address of its subnet; "
                + "expected an address that no host has"
        ),
        Mistake(
            "192.168.1.100/32",
            "192.168.1.0/24",
            "c.yaml:12:15: vips[0].address is 192.168.1.0/24, a subnet and no address; "
                + "expected an address that no host has"
        ),
        Mistake(
            "192.168.1.100/32",
            "127.0.0.2",
            "c.yaml:12:15: vips[0].address is 127.0.0.2/32, a loopback address; expected an address that no host has"
        ),
        Mistake(
            "192.168.1.100/32",
            #""ff02::1""#,
            "c.yaml:12:15: vips[0].address is ff02::1/128, a multicast address; expected an address that no host has"
        ),
        Mistake(
            "eth0}",
            "eth0}\n  - {address: 192.168.1.100/24, interface: eth1}",
            "c.yaml:13:15: vips[1].address is 192.168.1.100/24, as vips[0].address is; expected each address once"
        ),
        Mistake(
            "eth0",
            "a-very-long-name",
            #"c.yaml:12:44: vips[0].interface is "a-very-long-name"; "#
                + "expected the name of an interface like eth0, of at most 15 letters"
        ),
        Mistake(
            ", interface: eth0",
            "",
            "c.yaml:12:5: vips[0].interface is missing; "
                + "expected the name of an interface like eth0, of at most 15 letters"
        ),
        Mistake(
            "vips:\n  - {address: 192.168.1.100/32, interface: eth0}\n",
            "",
            "c.yaml:1:1: warning: no VIP, neither here nor in a vip.conf beside the file: elects and runs hooks only"
        ),
        Mistake(
            "vips:",
            "groups: []\nvips:",
            "c.yaml:11:1: both vips and groups are given; expected one of them"
        ),
    ]

    static let hooks = [
        Mistake(
            "vips:",
            #"hooks: {ToMaster: {command: /bin/true, environment: {"a\e[31m": []}}}"# + "\nvips:",
            #"c.yaml:11:54: hooks.ToMaster.environment has the name "a\u{1b}[31m"; "#
                + "expected a name of letters, digits and underscores that begins with no digit"
        ),
        Mistake(
            "vips:",
            "hooks: {ToMaster: {command: on-master.sh}}\nvips:",
            #"c.yaml:11:29: hooks.ToMaster.command is "on-master.sh"; expected an absolute path like /var/lib/vip-switch"#
        ),
        Mistake(
            "vips:",
            "hooks: {ToMaster: {args: []}}\nvips:",
            "c.yaml:11:9: hooks.ToMaster.command is missing; expected an absolute path like /var/lib/vip-switch"
        ),
        Mistake(
            "vips:",
            #"hooks: {ToMaster: {command: /bin/true, args: ["{{.NodeId}}"]}}"# + "\nvips:",
            #"c.yaml:11:47: hooks.ToMaster.args[0] is "{{.NodeId}}"; expected a text with no other templates than "#
                + "{{.NodeID}}, {{.Event}} or {{.RaftAddr}}; did you mean {{.NodeID}}"
        ),
        Mistake(
            "vips:",
            "hooks: {ToMaster: {command: /bin/true, environment: {1A: x}}}\nvips:",
            #"c.yaml:11:58: hooks.ToMaster.environment has the name "1A"; "#
                + "expected a name of letters, digits and underscores that begins with no digit"
        ),
        Mistake(
            "vips:",
            "hooks: {on_failure: abrot}\nvips:",
            #"c.yaml:11:21: hooks.on_failure is "abrot"; expected continue, retry or abort; did you mean abort"#
        ),
        Mistake(
            "vips:",
            "track_interfaces: eth1\nvips:",
            #"c.yaml:11:19: track_interfaces is "eth1"; expected a list of interfaces like [eth1]"#
        ),
        Mistake(
            "vips:",
            "track_interfaces: [a, b, c, d, e, f, g, h, i]\nvips:",
            "c.yaml:11:1: track_interfaces names 9 interfaces; expected at most 8"
        ),
        Mistake(
            "vips:",
            "up_delay: 1\nvips:",
            #"c.yaml:11:11: up_delay is "1"; expected a duration from 0s to 10m with its unit; did you mean 1ms"#
        ),
        Mistake(
            "vips:",
            "when_none_eligible: hold\nvips:",
            #"c.yaml:11:21: when_none_eligible is "hold"; expected keep or release"#
        ),
        Mistake(
            "vips:",
            "hooks: {timeout: 30}\nvips:",
            #"c.yaml:11:18: hooks.timeout is "30"; expected a duration from 100ms to 1h with its unit; did you mean 30s"#
        ),
        Mistake(
            "vips:",
            "fence: nftable\nvips:",
            #"c.yaml:11:8: fence is "nftable"; expected none or nftables; did you mean nftables"#
        ),
    ]

    static let exporter = [
        Mistake(
            "vips:",
            "exporter: {listen: localhost}\nvips:",
            "c.yaml:11:20: exporter.listen is \"localhost\"; expected a literal address and its port like 127.0.0.1:9746; "
                + "did you mean 127.0.0.1:9746"
        ),
        Mistake(
            "vips:",
            "exporter: {listen: \"::1\"}\nvips:",
            "c.yaml:11:20: exporter.listen is \"::1\"; expected a literal address and its port like 127.0.0.1:9746; "
                + "did you mean [::1]:9746"
        ),
        Mistake(
            "vips:",
            "exporter: {listen: \"*:80\"}\nvips:",
            "c.yaml:11:20: exporter.listen is \"*:80\"; expected a literal address and its port like 127.0.0.1:9746; "
                + "did you mean 0.0.0.0:80"
        ),
        Mistake(
            "vips:",
            "exporter: {lisen: 127.0.0.1:9746}\nvips:",
            #"c.yaml:11:12: unknown key "lisen" in exporter; expected listen; did you mean listen"#
        ),
        Mistake("vips:", "exporter: no\nvips:", #"c.yaml:11:11: exporter is "no"; expected listen"#),
    ]

    static let future = [
        Mistake("vips:", "election: etcd\nvips:", "c.yaml:11:11: election: etcd is not available yet; expected raft"),
        Mistake("vips:", "realtime: maybe\nvips:", #"c.yaml:11:11: realtime is "maybe"; expected true or false"#),
    ]

    static let hooksInFull = [
        Mistake(
            "vips:",
            "hooks: {debounce: 2h}\nvips:",
            #"c.yaml:11:19: hooks.debounce is "2h"; expected a duration from 0s to 1h with its unit"#
        ),
        Mistake(
            "vips:",
            "hooks: {cooldown: 0s}\nvips:",
            #"c.yaml:11:19: hooks.cooldown is "0s"; expected a duration from 1s to 24h with its unit"#
        ),
        Mistake(
            "vips:",
            "hooks: {ToMaster: {command: /bin/true, sha256: abc}}\nvips:",
            #"c.yaml:11:48: hooks.ToMaster.sha256 is "abc"; expected 64 hexadecimal digits, as sha256sum prints them"#
        ),
        Mistake(
            "vips:",
            "hooks: {pass_environment: [A-B]}\nvips:",
            #"c.yaml:11:28: hooks.pass_environment[0] is "A-B"; "#
                + "expected a name of letters, digits and underscores that begins with no digit"
        ),
        Mistake(
            "vips:",
            "hooks: {signature_file: /etc/hooks.sig}\nvips:",
            "c.yaml:11:1: hooks.signature_key_file is missing; expected an absolute path like /var/lib/vip-switch"
        ),
        Mistake(
            "vips:\n  - {address: 192.168.1.100/32, interface: eth0}",
            "groups: [{name: a, interface: eth0, vips: [192.168.1.100], hooks: {ToReady: {command: /bin/true}}}]",
            "c.yaml:11:68: groups[0].hooks.ToReady is no group's but the node's; expected it in hooks"
        ),
        Mistake(
            "vips:\n  - {address: 192.168.1.100/32, interface: eth0}",
            "groups: [{name: a, interface: eth0, vips: [192.168.1.100], hooks: {ToMastr: {command: /bin/true}}}]",
            #"c.yaml:11:68: unknown key "ToMastr" in groups[0].hooks; expected ToReady, BeforeMaster, ToMaster, "#
                + "BeforeSlave, ToSlave or ToDestroy; did you mean ToMaster"
        ),
    ]

    static let yaml = [
        Mistake(
            "  id: node1",
            "\tid: node1",
            "c.yaml:2:1: not YAML: while scanning for the next token: found character that cannot start any token; "
                + "expected blanks for indentation, not a tab"
        ),
        Mistake("node:", "%YAML 1.1\n---\nnode:", "c.yaml:1:1: not YAML: a directive (%NAME); expected none"),
        Mistake("vips:", "---\nvips:", "c.yaml:11:1: a second document; expected one in a file"),
        Mistake(
            "id: node1",
            "id: &a node1",
            "c.yaml:2:7: an anchor (&name); expected the value alone"
        ),
        Mistake("id: node1", "id: *a", "c.yaml:2:7: an alias (*name); expected the value itself"),
        Mistake("id: node1", "id: !!str node1", "c.yaml:2:7: a tag (!name); expected the value alone"),
        Mistake("vips:", "? [a, b]\n: c\nvips:", "c.yaml:11:3: a key that is no word; expected a name"),
    ]

    @Test(arguments: settings + clusters + timings + addresses + hooks + hooksInFull + exporter + future + yaml)
    func `is told with its place and what was expected`(mistake: Mistake) {
        let reading = read(plain.with(mistake.old, mistake.new), resolve: { $0 == "db1" ? "10.9.8.7" : nil })
        let isWarning = mistake.lines.allSatisfy { $0.contains(": warning: ") }
        #expect(reading.lines == mistake.lines)
        #expect((reading.configuration != nil) == isWarning)
    }

    @Test func `of strict exclusivity without the kernel's help names what it needs`() {
        let strict = plain.with(
            "  secret_file",
            "  exclusivity: strict\n  timing: {heartbeat: 50ms, promise: 3s}\n  secret_file"
        )
        #expect(read(strict).lines == [])
        #expect(
            read(strict + "kernel_lifetime: 0\n").lines == [
                "c.yaml:15:18: kernel_lifetime is 0 with exclusivity: strict, which needs the kernel to take the address off; "
                    + "expected 1s, or fence: nftables"
            ]
        )
        #expect(
            read(strict + "kernel_lifetime: 10s\n").lines == [
                "c.yaml:10:16: a promise of 3s less 11010ms to take the address off leaves a lease of nothing, and "
                    + "3 heartbeats of 50ms with half of one to spare take 175ms; "
                    + "expected a promise of at least 11230ms, or fence: nftables, or exclusivity: prompt"
            ]
        )
    }

    @Test func `is told together with all others, in the order of the file`() {
        let text = plain.with("id: node1", "id: ''").with("id: node3", "id: node2").with("eth0", "").with(
            "node:",
            "noed: 1\nnode:"
        )
        #expect(
            read(text).diagnostics.map(\.origin.description) == [
                "c.yaml:1:1", "c.yaml:3:7", "c.yaml:10:12", "c.yaml:13:44",
            ]
        )
    }

    @Test func `of a flag names the flag, and one of the environment the variable`() {
        let environment = ["VIP_SWITCH_RAFT_ADDR": "x", "VIP_SWITCH_NODE_ID": "node2"]
        let reading = read(plain, environment: environment, options: { $0.nodeID = "a b" })
        #expect(
            reading.lines == [
                #"--node-id: node.id is "a b"; expected a name of 1 to 63 letters, digits, dots, dashes or underscores"#,
                #"VIP_SWITCH_RAFT_ADDR: node.raft_addr is "x"; "#
                    + "expected a literal address and its port like 192.168.1.10:7946",
            ]
        )
    }
}
