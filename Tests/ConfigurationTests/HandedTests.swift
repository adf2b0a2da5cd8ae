import Net
import Testing
import Time

@testable import Configuration

/// Everything is another than by default.
private let full = """
    node: {id: node1, raft_addr: "[2001:db8::1]:7946", data_dir: /var/lib/other, priority: 7, witness: true}
    cluster:
      nodes: [{id: node1, addr: "[2001:db8::1]:7946"}, {id: node2, addr: "[2001:db8::2]:7946"}, {id: node3, addr: "[2001:db8::3]:7946"}]
      secret_file: /etc/vip-switch/cluster.key
      timing: {heartbeat: 30ms, promise: 20s}
      exclusivity: strict
    groups:
      - {name: web, interface: eth0, vips: [192.168.1.100/24, "2001:db8::10"], track_interfaces: [eth1],
         hooks: {ToMaster: {command: /bin/true, args: [a, ""], timeout: 3s, on_failure: retry, environment: {A: "1", B: ä}}}}
      - {name: b, interface: eth1, vips: [192.168.1.101]}
    announce: {count: 7, interval: 300ms, refresh: 90s}
    hooks:
      debounce: 2s
      cooldown: 90s
      pass_environment: [HTTPS_PROXY]
      signature_file: /etc/vip-switch/hooks.sig
      signature_key_file: /etc/vip-switch/hooks.key
      ToDestroy: {command: /bin/false, sha256: 9f2c41d07be3a65810fd3c92e4b7065acd18f36e2b90745d81ea6fc35d0247b9}
    logging: {level: warn, format: text, output: /var/log/x.log}
    control: {socket: /run/a.sock, status_socket: /run/b.sock}
    exporter: {listen: "0.0.0.0:9999"}
    kernel_lifetime: 5s
    when_none_eligible: release
    up_delay: 7s
    realtime: true
    fence: nftables

    """

@Suite struct `A configuration that is handed over` {
    @Test(arguments: [plain, full]) func `is the same on the other side`(text: String) throws {
        let reading = read(text, vipConf: text == plain ? nil : "ARP_COUNT=3\n")
        let configuration = try #require(reading.configuration, "\(reading.lines)")
        #expect(try Configuration(decoding: configuration.encoded()) == configuration)
    }

    @Test func `is refused when it is cut short, or longer`() throws {
        let bytes = try #require(read(full).configuration).encoded()
        for length in bytes.indices {
            #expect(throws: Malformed.self) { try Configuration(decoding: Array(bytes[..<length])) }
        }
        #expect(throws: Malformed.trailing(1)) { try Configuration(decoding: bytes + [0]) }
    }

    @Test func `is refused or another where a byte of it is`() throws {
        let configuration = try #require(read(full).configuration)
        let bytes = configuration.encoded()
        for place in bytes.indices {
            var other = bytes
            other[place] ^= 0xff
            #expect((try? Configuration(decoding: other)) != configuration, "byte \(place)")
        }
    }
}
