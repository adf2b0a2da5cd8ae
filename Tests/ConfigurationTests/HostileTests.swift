import Configuration
import Testing

/// xorshift64*: the same mutations for the same seed.
struct Dice: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 2_685_821_657_736_338_717
    }
}

@Suite struct `A hostile file` {
    static let rich =
        plain + """
            announce: {count: 3, interval: 200ms, refresh: 60s}
            hooks: {timeout: 60s, ToMaster: {command: /bin/a, args: ["{{.NodeID}}"], environment: {A: b}}}
            logging: {level: info, format: json}
            kernel_lifetime: 1s

            """

    private func bytes(_ text: [UInt8], vipConf: [UInt8]? = nil) -> Reading {
        Configuration.read(
            ConfigurationInput(
                file: TextFile(path: "c.yaml", bytes: text),
                vipConf: vipConf.map { TextFile(path: "vip.conf", bytes: $0) }
            )
        )
    }

    /// A mistake, or a configuration: nothing in between, and never a crash.
    private func expectVerdict(_ reading: Reading, seed: UInt64) {
        let isWrong = reading.diagnostics.contains { $0.severity == .error }
        #expect(isWrong == (reading.configuration == nil), "seed \(seed)")
        for line in reading.lines {
            #expect(!line.unicodeScalars.contains { $0.value < 0x20 }, "seed \(seed)")
        }
    }

    @Test(arguments: 0..<8) func `never crashes what reads it`(part: UInt64) {
        let pieces = [
            "{", "}", "[", "]", "&a ", "*a", "!!x ", "\t", "\n", ": ", "- ", "\"", "'", "|", ">", "---\n", "\u{0}", "é",
        ]
        for round in 0..<500 {
            let seed = part * 1000 + UInt64(round) + 1
            var dice = Dice(state: seed)
            var text = Array(Self.rich.utf8)
            for _ in 0..<Int.random(in: 1...4, using: &dice) {
                let place = Int.random(in: 0..<text.count, using: &dice)
                switch Int.random(in: 0..<4, using: &dice) {
                case 0: text[place] = UInt8.random(in: 0...255, using: &dice)
                case 1: text.remove(at: place)
                case 2: text.insert(contentsOf: (pieces.randomElement(using: &dice) ?? "").utf8, at: place)
                default: text.removeSubrange(place..<min(text.count, place + Int.random(in: 1...40, using: &dice)))
                }
            }
            expectVerdict(bytes(text), seed: seed)
        }
    }

    @Test func `may end anywhere`() {
        let text = Array(Self.rich.utf8)
        for length in 0..<text.count { expectVerdict(bytes(Array(text[..<length])), seed: UInt64(length)) }
    }

    @Test func `may be any vip.conf`() {
        let without = Array(plain.with("vips:\n  - {address: 192.168.1.100/32, interface: eth0}\n", "").utf8)
        let conf = Array("VIP_ADDRESS=192.168.1.100 # x\nINTERFACE=\"eth0\"\nARP_COUNT='3'\n".utf8)
        for seed in 1...2000 as ClosedRange<UInt64> {
            var dice = Dice(state: seed)
            var text = conf
            for _ in 0..<3 {
                text[Int.random(in: 0..<text.count, using: &dice)] = UInt8.random(in: 0...255, using: &dice)
            }
            expectVerdict(bytes(without, vipConf: text), seed: seed)
        }
    }

    @Test(arguments: [
        (String(repeating: "[", count: 100_000), "c.yaml:1:17: not YAML: nested deeper than 16 levels"),
        (String(repeating: "- ", count: 100_000), "c.yaml:1:33: not YAML: nested deeper than 16 levels"),
        ("a: \u{1}", "c.yaml:1:4: not YAML: control characters are not allowed"),
        ("", "c.yaml:1:1: the file is empty; expected node, cluster and vips"),
        ("# nothing\n", "c.yaml:1:1: the file is empty; expected node, cluster and vips"),
        ("- a", "c.yaml:1:1: no mapping; expected node, cluster and vips"),
        (String(repeating: "x", count: 2 << 20 + 1), "c.yaml: larger than 2 MiB; expected a configuration"),
    ]) func `is refused with a reason`(text: String, line: String) {
        #expect(read(text).lines == [line])
    }

    @Test func `of bytes that are no text is refused at their place`() {
        let text = Array("node:\n  id: é".utf8) + [0xff]
        #expect(bytes(text).lines == ["c.yaml:2:8: not YAML: invalid leading UTF-8 octet"])
    }

    @Test func `of nothing but mistakes is told a bounded number of them`() {
        let text = (0..<5000).map { "key\($0): 1\n" }.joined()
        let reading = read(text)
        #expect(reading.diagnostics.count == 201)
        #expect(reading.lines.last?.hasSuffix("further mistakes") == true)
    }

    @Test func `does not blow up by aliases`() {
        var text = "a: &a [x, x, x, x, x, x, x, x]\n"
        for (old, new) in zip("abcdefgh", "bcdefghi") {
            text += "\(new): &\(new) [*\(old), *\(old), *\(old), *\(old), *\(old), *\(old)]\n"
        }
        #expect(read(text).hasErrors)
    }

    @Test func `cannot draw on the terminal of him who checks it`() {
        let reading = read(plain.with("id: node1", #"id: "a\e[31m\u202e""#))
        #expect(reading.lines.first?.hasPrefix(#"c.yaml:2:7: node.id is "a\u{1b}[31m\u{202e}"; expected"#) == true)
    }

    @Test func `of more VIPs than the keeper takes is refused`() {
        let vips = (0..<16_384).map { "10.\($0 / 62_500).\($0 / 250 % 250).\($0 % 250 + 1)," }.joined()
        let groups = "groups:\n  - {name: web, interface: eth0, vips: [\(vips)10.9.0.1]}\n"
        let timing = "  timing: {heartbeat: 200ms, promise: 10s}\n  secret_file"
        let text = plain.with("vips:\n  - {address: 192.168.1.100/32, interface: eth0}\n", groups)
        let reading = read(text.with("  secret_file", timing))
        #expect(reading.lines == ["c.yaml:12:1: groups has 16385 VIPs; expected at most 16384"])
    }

    @Test func `of more interfaces than the keeper takes is refused`() {
        let vips = (0..<65).map { "  - {address: 10.0.0.\($0 + 1), interface: eth\($0)}\n" }.joined()
        let text = plain.with("  - {address: 192.168.1.100/32, interface: eth0}\n", vips)
        let reading = read(text)
        #expect(
            reading.lines == [
                "c.yaml:11:1: vips puts VIPs on 65 interfaces, each counted once a group; expected at most 64"
            ]
        )
    }

    @Test func `of ten thousand VIPs is read whole`() {
        let vips = (0..<10_000).map { "  - {address: 10.0.\($0 / 250).\($0 % 250 + 1)/32, interface: eth0}\n" }.joined()
        #expect(read(plain + vips).lines.first?.contains("expected a promise of at least 2574ms") == true)
        let reading = read(
            plain.with("  secret_file", "  timing: {heartbeat: 200ms, promise: 4s}\n  secret_file") + vips
        )
        #expect(reading.lines == [])
        #expect(reading.configuration?.groups.first?.vips.count == 10_001)
    }
}
