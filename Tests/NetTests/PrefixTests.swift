import Net
import Testing

@Suite struct `A prefix` {
    @Test(arguments: ["192.0.2.10/32", "192.0.2.10/24", "0.0.0.0/0", "2001:db8::10/64", "::/0", "::1/128"])
    func `is read and written with its length`(text: String) {
        #expect(Prefix(text)?.description == text)
    }

    @Test func `without a length is the one address`() {
        #expect(Prefix("192.0.2.10")?.length == 32)
        #expect(Prefix("2001:db8::10")?.length == 128)
        #expect(Prefix("192.0.2.10") == Prefix(single: .v4(0xc000_020a)))
    }

    @Test(arguments: [
        "", "/", "/24", "192.0.2.10/", "192.0.2.10/33", "2001:db8::1/129", "192.0.2.10/-1", "192.0.2.10/+1",
        "192.0.2.10/ 1", "192.0.2.10/24 ", "192.0.2.10//24", "192.0.2.10/24/24", "192.0.2.10/255.255.255.0",
        "192.0.2.10/99999999999999999999", "192.0.2/24", "host/24", "192.0.2.10/\u{0662}",
    ])
    func `is nothing else`(text: String) {
        #expect(Prefix(text) == nil)
    }

    /// iproute2 reads `/024` as 20.
    @Test(arguments: ["192.0.2.10/024", "192.0.2.10/00", "2001:db8::1/064"])
    func `has no length with a leading zero, which some read as octal`(text: String) {
        #expect(Prefix(text) == nil)
    }

    @Test(arguments: [(-1, false), (0, true), (32, true), (33, false)])
    func `of an IPv4 address is at most 32 long`(length: Int, isPossible: Bool) {
        #expect((Prefix(address: .v4(0), length: length) != nil) == isPossible)
    }

    @Test(arguments: [(-1, false), (0, true), (128, true), (129, false)])
    func `of an IPv6 address is at most 128 long`(length: Int, isPossible: Bool) {
        #expect((Prefix(address: .v6(0), length: length) != nil) == isPossible)
    }

    @Test(arguments: [
        ("192.0.2.10/32", "192.0.2.10", true),
        ("192.0.2.10/32", "192.0.2.11", false),
        ("192.0.2.10/31", "192.0.2.11", true),
        ("192.0.2.10/24", "192.0.2.255", true),
        ("192.0.2.10/24", "192.0.3.10", false),
        ("192.0.2.10/0", "203.0.113.1", true),
        ("2001:db8::10/128", "2001:db8::10", true),
        ("2001:db8::10/128", "2001:db8::11", false),
        ("2001:db8::10/64", "2001:db8::ffff:ffff:ffff:ffff", true),
        ("2001:db8::10/64", "2001:db8:0:1::10", false),
        ("::/0", "2001:db8::1", true),
        ("0.0.0.0/0", "::", false),
        ("::/0", "0.0.0.0", false),
    ])
    func `contains the addresses that share its first bits`(prefix: String, address: String, isInside: Bool) throws {
        let prefix = try #require(Prefix(prefix))
        #expect(prefix.contains(try #require(IPAddress(address))) == isInside)
    }

    @Test func `of another length is another prefix`() {
        #expect(Prefix("192.0.2.10/32") != Prefix("192.0.2.10/24"))
    }
}

@Suite struct `An endpoint` {
    @Test(arguments: ["192.0.2.1:7946", "192.0.2.1:1", "192.0.2.1:65535", "[2001:db8::1]:7946", "[::]:1"])
    func `is read and written as address and port`(text: String) {
        #expect(Endpoint(text)?.description == text)
    }

    @Test(arguments: [
        "", ":", "192.0.2.1", "192.0.2.1:", ":7946", "192.0.2.1:0", "192.0.2.1:65536", "192.0.2.1:-1", "192.0.2.1:+1",
        "192.0.2.1:1 ", "192.0.2.1: 1", "192.0.2.1:http", "192.0.2.1:99999999999999999999", "node1:7946", "2001:db8::1",
        "2001:db8::1:7946", "[2001:db8::1]", "[2001:db8::1]7946", "[2001:db8::1]:", "[2001:db8::1:7946", "[]:7946",
        "2001:db8::1]:7946", "[[::1]]:7946", "[192.0.2.1]:7946", "[:7946", "[:]:7946", "[fe80::1%eth0]:7946",
        "192.0.2.1:7946:7946", "192.0.2.1:\u{0661}",
    ])
    func `is nothing else`(text: String) {
        #expect(Endpoint(text) == nil)
    }

    @Test func `keeps what it was made of`() {
        let endpoint = Endpoint(address: .v6(1), port: 7946)
        #expect(Endpoint("[::1]:7946") == endpoint)
        #expect(endpoint.address == .v6(1))
        #expect(endpoint.port == 7946)
    }
}

@Suite struct `A hardware address` {
    @Test func `is written as six pairs of hexadecimal digits`() {
        #expect(MACAddress.of(0x02, 0, 0x0a, 0xff, 0x10, 1).description == "02:00:0a:ff:10:01")
        #expect(MACAddress.broadcast.description == "ff:ff:ff:ff:ff:ff")
        #expect(MACAddress.zero.description == "00:00:00:00:00:00")
    }

    @Test(arguments: [0, 1, 5, 7, 8, 20]) func `has six bytes`(count: Int) {
        #expect(MACAddress(bytes: zeros(count)) == nil)
    }

    @Test func `of an IPv6 multicast group ends as the group does`() {
        let allNodes = MACAddress(multicastFor: NeighbourAdvertisement.allNodes)
        #expect(allNodes.description == "33:33:00:00:00:01")
        #expect(MACAddress(multicastFor: 0xff02 << 112 | 0x1_ff12_3456).description == "33:33:ff:12:34:56")
    }
}
