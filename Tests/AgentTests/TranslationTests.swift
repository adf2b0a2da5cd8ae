import Configuration
import Keeper
import Testing

@testable import Agent

@Suite struct `A configuration without a mistake` {
    /// Of so many groups, which share the VIPs among them.
    private func configuration(groups: Int, vips: Int, announce: String) throws -> Configuration {
        let lists = (0..<groups).map { group in
            let addresses = stride(from: group, to: vips, by: groups).map {
                "10.\($0 / 62_500).\($0 / 250 % 250).\($0 % 250 + 1)"
            }
            return "  - {name: g\(group), interface: eth0, vips: [\(addresses.joined(separator: ","))]}\n"
        }
        let text = """
            node: {id: a, raft_addr: 192.0.2.1:7946, data_dir: /d}
            cluster:
              {nodes: [{id: a, addr: 192.0.2.1:7946}], single: true, insecure: true, timing: {heartbeat: 1s, promise: 60s}}
            announce: {\(announce)}
            groups:

            """
        let file = TextFile(path: "c.yaml", bytes: Array((text + lists.joined()).utf8))
        return try #require(Configuration.read(ConfigurationInput(file: file)).configuration)
    }

    @Test(arguments: ["refresh: 0", "count: 1, interval: 10ms, refresh: 1s", "count: 20, interval: 10s, refresh: 24h"])
    func `makes a plan that the keeper takes, at its bounds too`(announce: String) throws {
        let configuration = try configuration(
            groups: Configuration.mostParts,
            vips: Configuration.mostVIPs,
            announce: announce
        )
        let plan = configuration.keeperPlan(adopts: false)
        let bytes = plan.encoded()
        #expect(bytes.count <= KeeperPlan.Limit.encoding)
        #expect(try KeeperPlan(decoding: bytes) == plan)
    }
}
