import Configuration
import Net
import Testing

@Suite struct `A configuration` {
    @Test func `fills in what is not written`() throws {
        let reading = read(plain)
        #expect(reading.lines == [])
        let configuration = try #require(reading.configuration)
        #expect(configuration.node.id == "node1")
        #expect(configuration.node.raftAddress == Endpoint("192.168.1.10:7946"))
        #expect(configuration.node.priority == 100)
        #expect(!configuration.node.isWitness)
        #expect(configuration.cluster.nodes.map(\.id) == ["node1", "node2", "node3"])
        #expect(configuration.cluster.timing == .lan)
        #expect(configuration.cluster.exclusivity == .prompt)
        #expect(configuration.groups == [GroupSettings(name: "default", vips: [vip("192.168.1.100/32", "eth0")])])
        #expect(configuration.announce.count == 3)
        #expect(configuration.hooks.hooks.isEmpty)
        #expect(configuration.logging.level == .info)
        #expect(configuration.control == .standard)
        #expect(configuration.kernelLifetime == 1)
        #expect(configuration.withdrawal == .milliseconds(10))
    }
}

func vip(_ prefix: String, _ interface: String) -> VirtualAddress {
    guard let prefix = Prefix(prefix) else { preconditionFailure(prefix) }
    return VirtualAddress(prefix: prefix, interface: interface)
}
