import Configuration

/// Three nodes and a VIP: nothing to complain about.
let plain = """
    node:
      id: node1
      raft_addr: 192.168.1.10:7946
      data_dir: /var/lib/vip-switch
    cluster:
      nodes:
        - {id: node1, addr: 192.168.1.10:7946}
        - {id: node2, addr: 192.168.1.11:7946}
        - {id: node3, addr: 192.168.1.12:7946}
      secret_file: /etc/vip-switch/cluster.key
    vips:
      - {address: 192.168.1.100/32, interface: eth0}

    """

func read(
    _ text: String,
    vipConf: String? = nil,
    environment: [String: String] = [:],
    resolve: @escaping (String) -> String? = { _ in nil },
    options change: (inout AgentOptions) -> Void = { _ in }
) -> Reading {
    var options = AgentOptions(configurationPath: "c.yaml")
    change(&options)
    return Configuration.read(
        ConfigurationInput(
            file: TextFile(path: "c.yaml", bytes: Array(text.utf8)),
            vipConf: vipConf.map { TextFile(path: "vip.conf", bytes: Array($0.utf8)) },
            options: options,
            environment: environment,
            resolve: resolve
        )
    )
}

extension Reading {
    var lines: [String] { diagnostics.map(\.description) }
}

extension String {
    /// With the first place where `old` stands changed; the test is wrong where there is none.
    func with(_ old: String, _ new: String) -> String {
        let pieces = split(separator: old, maxSplits: 1, omittingEmptySubsequences: false)
        precondition(pieces.count == 2, "no \(old)")
        return pieces[0] + new + pieces[1]
    }
}
