import Testing

@testable import Configuration

private func configuration(_ text: String) throws -> Configuration { try #require(read(text).configuration) }

@Suite struct `Two configurations` {
    @Test func `that are the same have no difference`() throws {
        #expect(try configuration(plain).differences(from: configuration(plain)) == [])
    }

    @Test func `differ in words that an operator would use`() throws {
        let old = try configuration(plain)
        let new = try configuration(
            plain.with("192.168.1.100/32, interface: eth0}", "192.168.1.101/32, interface: eth1}")
                + "announce: {refresh: 30s}\nlogging: {level: warn}\n"
        )
        #expect(
            new.differences(from: old)
                == [
                    "vips: added 192.168.1.101/32 on eth1; removed 192.168.1.100/32 on eth0",
                    "announce.refresh 60s → 30s",
                    "logging.level info → warn",
                ].map { $0.replacing("60s", with: "1m") }
        )
    }

    @Test func `differ in groups that come, go and stay`() throws {
        let head = String(plain.prefix { _ in true }.split(separator: "vips:")[0])
        let groups = { (lines: String) in head + "groups:\n" + lines }
        let old = try configuration(
            groups(
                "  - {name: a, interface: eth0, vips: [10.0.0.1]}\n  - {name: b, interface: eth0, vips: [10.0.0.2]}\n"
            )
        )
        let new = try configuration(
            groups(
                "  - {name: b, interface: eth0, vips: [10.0.0.2, 10.0.0.3], track_interfaces: [eth1]}\n"
                    + "  - {name: c, interface: eth0, vips: [10.0.0.1]}\n"
            )
        )
        #expect(
            new.differences(from: old) == [
                "group b: added 10.0.0.3/32 on eth0; track_interfaces [] → [eth1]",
                "group c: new; added 10.0.0.1/32 on eth0", "group a: gone; removed 10.0.0.1/32 on eth0",
            ]
        )
    }

    @Test func `are told apart by a digest over all texts`() {
        let digest = { (text: String, conf: String?) in read(text, vipConf: conf).digest }
        #expect(digest(plain, nil) == digest(plain, nil))
        #expect(digest(plain, nil) != digest(plain + "#", nil))
        #expect(digest(plain, nil) != digest(plain, ""))
        #expect(digest(plain + "a", "b") != digest(plain, "ab"))
    }
}

@Suite struct `A running agent` {
    @Test func `cannot follow what a start alone can change, and says so of all of it`() throws {
        let old = try configuration(plain)
        let text =
            plain.with("raft_addr: 192.168.1.10", "raft_addr: 192.168.1.20")
            .with("{id: node1, addr: 192.168.1.10", "{id: node1, addr: 192.168.1.20")
            .with("/var/lib/vip-switch", "/srv/vip") + "realtime: true\n"
        let reading = read(text)
        let new = try #require(reading.configuration)
        #expect(
            new.obstacles(to: old, hasJoined: true, reading.origins).map(\.description) == [
                "c.yaml:3:14: node.raft_addr is 192.168.1.20:7946, and the agent runs with 192.168.1.10:7946: "
                    + "its socket is bound; restart it for that",
                "c.yaml:4:13: node.data_dir is /srv/vip, and the agent runs with /var/lib/vip-switch: "
                    + "what it has promised lies there; restart it for that",
                "c.yaml:13:11: realtime is true, and the agent runs with false: its processes were started so; "
                    + "restart it for that",
            ]
        )
        #expect(new.obstacles(to: old, hasJoined: false, reading.origins).count == 4)
    }

    @Test func `follows all else`() throws {
        let old = try configuration(plain)
        let reading = read(
            plain.with("{id: node2, addr: 192.168.1.11", "{id: node2, addr: 192.168.1.21")
                + "kernel_lifetime: 2s\nup_delay: 2s\nwhen_none_eligible: release\nlogging: {output: /var/log/x}\n"
        )
        #expect(try #require(reading.configuration).obstacles(to: old, hasJoined: true, reading.origins) == [])
    }
}
