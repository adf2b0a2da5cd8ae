import Net
import Testing
import Time

@testable import Configuration

private func configuration(_ vips: [String], timing: String = "lan", more: String = "") -> String {
    plain.with("  secret_file", "  timing: \(timing)\n  secret_file")
        .with("vips:\n  - {address: 192.168.1.100/32, interface: eth0}\n", "")
        + "groups:\n  - {name: web, interface: eth0, vips: [\(vips.joined(separator: ", "))]}\n" + more
}

private func v4(_ count: Int) -> [String] { (0..<count).map { "10.1.\($0 / 250).\($0 % 250 + 1)" } }
private func v6(_ count: Int) -> [String] { (0..<count).map { "\"2001:db8::1:\(String($0 + 1, radix: 16))\"" } }

/// The promise that a complaint asks for; nil without a complaint.
private func promiseAskedFor(_ lines: [String]) -> String? {
    guard let line = lines.first, let asked = line.split(separator: "at least ").last else { return nil }
    return String(asked.prefix { $0 != "," })
}

@Suite struct `A configuration of many VIPs` {
    @Test(arguments: [("lan", v4(1_000)), ("wan", v4(1_000)), ("lan", v4(50)), ("lan", v6(50)), ("fast", v4(100))])
    func `holds them with a profile that leaves time to take them off`(profile: String, vips: [String]) {
        #expect(read(configuration(vips, timing: profile)).lines == [])
    }

    @Test(
        arguments: [v4(10_000), v6(1_000), v6(10_000), v4(5_000) + v6(5_000)],
        ["", "kernel_lifetime: 600s\n"]
    )
    func `names the promise that would do, and is content with it`(vips: [String], more: String) throws {
        let promise = try #require(promiseAskedFor(read(configuration(vips, more: more)).lines))
        let timing = "{heartbeat: 50ms, promise: \(promise)}"
        let reading = read(configuration(vips, timing: timing, more: more))
        #expect(reading.configuration?.cluster.timing.promise.milliseconds.description == promise.dropLast(2) + ".0")
        #expect(reading.lines.filter { !$0.contains("kernel_lifetime") } == [])
    }

    @Test func `in strict names the promise that would do as well`() throws {
        let strict = "  exclusivity: strict\n  secret_file"
        let text = configuration(v4(10_000)).with("  secret_file", strict)
        let promise = try #require(promiseAskedFor(read(text).lines))
        let timing = "{heartbeat: 50ms, promise: \(promise)}"
        #expect(read(configuration(v4(10_000), timing: timing).with("  secret_file", strict)).lines == [])
    }

    @Test func `refreshes them more rarely the more there are`() {
        let lifetimes = [v4(1), v4(100), v4(1_000), v4(10_000), v6(100), v6(1_000)].map { vips in
            read(configuration(vips, timing: "{heartbeat: 50ms, promise: 10s}")).configuration?.kernelLifetime
        }
        #expect(lifetimes == [10, 10, 10, 53, 10, 86])
        #expect(read(configuration(v4(1_000))).configuration?.kernelLifetime == 2)
    }

    @Test func `warns of a lifetime that would be a load`() {
        let text = configuration(v6(1_000), timing: "{heartbeat: 50ms, promise: 10s}", more: "kernel_lifetime: 1s\n")
        let reading = read(text)
        #expect(reading.configuration != nil)
        #expect(
            reading.lines.map { String($0.drop { $0 != "k" }) } == [
                "kernel_lifetime is 1s, and to refresh 1000 VIPs every third of it takes more than a fifth of a core; "
                    + "expected at least 9s"
            ]
        )
    }
}
