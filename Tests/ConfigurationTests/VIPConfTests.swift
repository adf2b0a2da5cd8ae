import Configuration
import Testing

@Suite struct `A vip.conf` {
    private let withoutVIPs = plain.with("vips:\n  - {address: 192.168.1.100/32, interface: eth0}\n", "")

    @Test func `names the VIP where the configuration has none`() throws {
        let reading = read(
            withoutVIPs,
            vipConf: """
                # the address
                export VIP_ADDRESS="192.168.1.100/32"   # ours
                INTERFACE='eth0'\r

                ARP_COUNT=5
                  ARP_DELAY_MS=50
                """
        )
        #expect(reading.lines == [])
        let configuration = try #require(reading.configuration)
        #expect(configuration.vipConf == "vip.conf")
        #expect(configuration.groups == [GroupSettings(name: "default", vips: [vip("192.168.1.100/32", "eth0")])])
        #expect(configuration.announce.count == 5)
        #expect(configuration.announce.interval == .milliseconds(50))
    }

    @Test func `gives way to what the configuration says of announcements`() {
        let conf = "VIP_ADDRESS=192.168.1.100\nINTERFACE=eth0\nARP_COUNT=5\nARP_DELAY_MS=50"
        let announce = read(withoutVIPs + "announce: {count: 7}\n", vipConf: conf).configuration?.announce
        #expect(announce?.count == 7)
        #expect(announce?.interval == .milliseconds(50))
    }

    @Test func `is not read where the configuration names VIPs`() {
        #expect(read(plain, vipConf: "nonsense").lines == [])
    }

    @Test(arguments: [
        (
            "VIP_ADDRESS=192.168.1.100",
            [
                "vip.conf:1:1: INTERFACE is missing; "
                    + "expected the name of an interface like eth0, of at most 15 letters"
            ]
        ),
        (
            "VIP_ADRESS=192.168.1.100\nINTERFACE=eth0",
            [
                "vip.conf:1:1: VIP_ADDRESS is missing; "
                    + "expected a literal address like 192.168.1.100/32 or 2001:db8::100/128",
                #"vip.conf:1:1: unknown key "VIP_ADRESS"; expected VIP_ADDRESS, INTERFACE, ARP_COUNT or ARP_DELAY_MS; "#
                    + "did you mean VIP_ADDRESS",
            ]
        ),
        (
            "VIP_ADDRESS=192.168.1.10\nINTERFACE=eth0",
            [
                "vip.conf:1:13: VIP_ADDRESS is 192.168.1.10/32, the raft address of node1; "
                    + "expected an address that no host has"
            ]
        ),
        (
            "VIP_ADDRESS=192.168.1.100\nINTERFACE=eth0\n ARP_COUNT = 3",
            [
                "vip.conf:3:2: no assignment; expected KEY=VALUE with a plain or quoted value, or a comment behind #"
            ]
        ),
        (
            "VIP_ADDRESS=192.168.1.100\nINTERFACE=\"eth0",
            [
                "vip.conf:2:11: the quote is not closed; expected KEY=VALUE with a plain or quoted value"
            ]
        ),
        (
            "VIP_ADDRESS=192.168.1.100\nINTERFACE=$(rm -rf /)",
            [
                #"vip.conf:2:11: "$" in a value; expected a literal: the file is read, never run"#
            ]
        ),
        (
            "VIP_ADDRESS=192.168.1.100\nINTERFACE=eth0 eth1",
            [
                "vip.conf:2:16: more text behind the value; expected KEY=VALUE with a plain or quoted value"
            ]
        ),
        (
            "VIP_ADDRESS=192.168.1.100\nINTERFACE=eth0\nARP_DELAY_MS=5",
            [
                #"vip.conf:3:14: ARP_DELAY_MS is "5"; expected a whole number from 10 to 10000"#
            ]
        ),
        (
            "VIP_ADDRESS=192.168.1.100\nINTERFACE=eth0\nINTERFACE=eth1",
            [
                #"vip.conf:3:1: "INTERFACE" is given twice, first in line 2; expected it once"#
            ]
        ),
    ]) func `is told its mistakes`(conf: String, lines: [String]) {
        let reading = read(withoutVIPs, vipConf: conf)
        #expect(reading.lines == lines)
        #expect(reading.hasErrors)
    }
}
