import Agent
import Configuration
import Linux

extension Command {
    static let agent = Command(
        name: "",
        summary: "Runs the agent: elects a leader with the other nodes; the leader holds the virtual IPs.",
        options: [requiredConfiguration] + overridingOptions + [
            Option("--adopt", help: "take over VIPs that stand on an interface without our tag")
        ],
        needsCapabilities: true,
        run: { AgentProgram.run(AgentOptions($0)) }
    )
}

/// With a file by default, an agent would start where somebody only meant to look.
private let requiredConfiguration = Option(
    "--config",
    short: "-c",
    value: "FILE",
    isRequired: true,
    help: "the configuration"
)

/// The configuration's file, and what stands above it, for all that read it and are not the agent.
let configurationOptions =
    [
        Option(
            "--config",
            short: "-c",
            value: "FILE",
            help: "the configuration (default: \(AgentOptions.standardPath))"
        )
    ] + overridingOptions

private let overridingOptions = [
    Option("--node-id", value: "ID", help: "instead of node.id"),
    Option("--raft-addr", value: "ADDRESS:PORT", help: "instead of node.raft_addr"),
    Option("--data-dir", value: "PATH", help: "instead of node.data_dir"),
    Option("--log-level", value: "LEVEL", help: "instead of logging.level: debug, info, notice, warn, error"),
    Option("--log-format", value: "FORMAT", help: "instead of logging.format: json, text"),
]

extension AgentOptions {
    init(_ arguments: Arguments) {
        self.init(
            configurationPath: arguments["--config"] ?? AgentOptions.standardPath,
            workingFolder: ProcessEnvironment.workingFolder
        )
        nodeID = arguments["--node-id"]
        raftAddress = arguments["--raft-addr"]
        dataDirectory = arguments["--data-dir"]
        logLevel = arguments["--log-level"]
        logFormat = arguments["--log-format"]
        adopts = arguments.contains("--adopt")
    }
}
