import Net
import Testing

@Suite struct `An IPv4 address` {
    @Test(
        arguments: [
            ("0.0.0.0", 0), ("192.0.2.10", 0xc000_020a), ("255.255.255.255", 0xffff_ffff), ("10.20.0.1", 0x0a14_0001),
        ] as [(String, UInt32)]
    )
    func `is read and written as four numbers`(text: String, value: UInt32) {
        #expect(IPAddress(text) == .v4(value))
        #expect(IPAddress.v4(value).description == text)
    }

    @Test(arguments: [
        "", ".", "...", "1", "1.2", "1.2.3", "1.2.3.", ".1.2.3", "1..2.3", "1.2.3.4.", "1.2.3.4.5", "256.1.1.1",
        "1.2.3.999", "1.2.3.1000", "01.2.3.4", "1.2.3.00", "1.2.3.+4", "1.2.3.-4", "0x1.2.3.4", "1.2.3.4 ", " 1.2.3.4",
        "1.2.3.4\n", "1.2.3.a", "1,2,3,4", "node1", "localhost", "3232235777", "1.2.3.4/32", "1.2.3.\u{0664}",
        "１.2.3.4",
    ])
    func `is nothing else`(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test func `is four bytes in network order`() {
        #expect(IPAddress.v4(0xc000_020a).bytes == [192, 0, 2, 10])
        #expect(IPAddress(bytes: [192, 0, 2, 10]) == .v4(0xc000_020a))
        #expect(IPAddress.v4(0).bitWidth == 32)
    }
}

@Suite struct `An IPv6 address` {
    @Test(
        arguments: [
            ("::", 0),
            ("::1", 1),
            ("1::", 1 << 112),
            ("2001:db8::10", 0x2001_0db8_0000_0000_0000_0000_0000_0010),
            ("1:2:3:4:5:6:7:8", 0x0001_0002_0003_0004_0005_0006_0007_0008),
            ("fe80::ff:fe00:1", 0xfe80_0000_0000_0000_0000_00ff_fe00_0001),
            ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", .max),
            ("::ffff:192.0.2.10", 0xffff_c000_020a),
        ] as [(String, UInt128)]
    )
    func `is read and written in its canonical form`(text: String, value: UInt128) {
        #expect(IPAddress(text) == .v6(value))
        #expect(IPAddress.v6(value).description == text)
    }

    /// RFC 5952 §4.
    @Test(arguments: [
        ("2001:0db8::0001", "2001:db8::1"),  // §4.1 no leading zeros
        ("2001:db8:0:0:0:0:2:1", "2001:db8::2:1"),  // §4.2.1 as short as possible
        ("2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),  // §4.2.2 not for one group
        ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),  // §4.2.3 the longest run
        ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),  // §4.2.3 the first of two
        ("2001:DB8::AbCd", "2001:db8::abcd"),  // §4.3 lower case
        ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
        ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
        ("0:0:0:0:0:0:0:0", "::"),
        ("::1.2.3.4", "::102:304"),
        ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"),
        ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
        ("::ffff:c000:20a", "::ffff:192.0.2.10"),  // §5 IPv4 in its own form where the prefix tells
    ])
    func `is written in one form, however it was read`(text: String, canonical: String) {
        #expect(IPAddress(text)?.description == canonical)
    }

    @Test(arguments: [
        ":", ":::", "1:", ":1", "::1:", "1:::2", "1::2::3", "::1::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
        "1:2:3:4::5:6:7:8", "::1:2:3:4:5:6:7:8", "12345::", "::g", "::+1", "::-1", ":: 1", "::1 ", "fe80::1%eth0",
        "[::1]", "::1/128", "::1.2.3", "::1.2.3.4.5", "::1.2.3.4:5", "1.2.3.4::", "::01.2.3.4", "::256.0.0.1",
        "1:2:3:4:5:6:7:1.2.3.4", "::\u{0661}", "1\u{301}::", "::\r\n",
    ])
    func `is nothing else`(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test func `is sixteen bytes in network order`() {
        let bytes = [0x20, 0x01, 0x0d, 0xb8] + zeros(11) + [0x10]
        #expect(IPAddress.v6(0x2001_0db8_0000_0000_0000_0000_0000_0010).bytes == bytes)
        #expect(IPAddress(bytes: bytes) == .v6(0x2001_0db8_0000_0000_0000_0000_0000_0010))
        #expect(IPAddress.v6(0).bitWidth == 128)
    }
}

@Suite struct `An address` {
    @Test(arguments: (0...20).filter { $0 != 4 && $0 != 16 }) func `has four or sixteen bytes`(count: Int) {
        #expect(IPAddress(bytes: zeros(count)) == nil)
    }

    @Test func `of one family is none of the other`() {
        #expect(IPAddress.v4(1) != .v6(1))
    }

    @Test func `is read back as it was written, whatever it is`() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<1000 {
            // Zero groups are as likely as others. What fails is printed, so that no seed is needed to see it again.
            let groups = (0..<8).map { _ in
                Bool.random(using: &generator) ? UInt16.random(in: 0 ... .max, using: &generator) : 0
            }
            let six = IPAddress.v6(groups.reduce(0) { $0 << 16 | UInt128($1) })
            #expect(IPAddress(six.description) == six)
            let four = IPAddress.v4(.random(in: 0 ... .max, using: &generator))
            #expect(IPAddress(four.description) == four)
        }
    }
}
