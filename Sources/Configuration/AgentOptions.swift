/// What the command line says to the agent, and to every command that reads its configuration.
package struct AgentOptions: Hashable, Sendable {
    package var configurationPath: String
    package var nodeID: String?
    package var raftAddress: String?
    package var dataDirectory: String?
    package var logLevel: String?
    package var logFormat: String?
    /// Take over VIPs that stand on an interface without our tag.
    package var adopts: Bool

    /// Where commands look without `--config`, and where the unit of the package has it.
    package static let standardPath = "/etc/vip-switch/config.yaml"

    /// - Parameter workingFolder: What a relative path is meant from: helpers run in `/`.
    package init(configurationPath: String, workingFolder: String = "") {
        let isRelative = !configurationPath.hasPrefix("/") && !workingFolder.isEmpty
        self.configurationPath = isRelative ? "\(workingFolder)/\(configurationPath)" : configurationPath
        adopts = false
    }
}

/// A setting that has a flag, and a shorter variable beside the one that is made from its name.
package struct OverridableSetting: Hashable, Sendable {
    package var setting: String
    package var flag: String
    package var variable: String

    package static let all = [
        OverridableSetting(setting: "node.id", flag: "--node-id", variable: "VIP_SWITCH_NODE_ID"),
        OverridableSetting(setting: "node.raft_addr", flag: "--raft-addr", variable: "VIP_SWITCH_RAFT_ADDR"),
        OverridableSetting(setting: "node.data_dir", flag: "--data-dir", variable: "VIP_SWITCH_DATA_DIR"),
        OverridableSetting(setting: "logging.level", flag: "--log-level", variable: "VIP_SWITCH_LOG_LEVEL"),
        OverridableSetting(setting: "logging.format", flag: "--log-format", variable: "VIP_SWITCH_LOG_FORMAT"),
    ]
}

extension AgentOptions {
    /// What stands above the file: flag before environment.
    func overrides(environment: SettingsEnvironment) -> [String: Override] {
        var overrides = environment.overrides
        for overridable in OverridableSetting.all {
            guard let text = flag(overridable.flag) else { continue }
            overrides[overridable.setting] = Override(text: text, origin: .flag(overridable.flag))
        }
        return overrides
    }

    private func flag(_ name: String) -> String? {
        switch name {
        case "--node-id": nodeID
        case "--raft-addr": raftAddress
        case "--data-dir": dataDirectory
        case "--log-level": logLevel
        case "--log-format": logFormat
        default: nil
        }
    }
}
