import Configuration
import Elections
import Preflight
import Raft

/// What the agent is told from outside, read and checked: all mistakes at once.
struct AgentInputs {
    let configuration: Configuration
    /// The first seals, all open.
    let secrets: [ClusterSecret]
    /// What is no mistake, a line each.
    let warnings: [String]
    let digest: ConfigurationDigest?

    init(_ options: AgentOptions) throws(StartFailure) {
        let reading = Preflight.load(options)
        guard let configuration = reading.configuration else { throw StartFailure(reading.diagnostics) }
        let examined = Preflight.examine(configuration, reading.origins)
        let mistakes = reading.diagnostics + examined.diagnostics
        guard !mistakes.contains(where: { $0.severity == .error }) else { throw StartFailure(mistakes) }
        self.configuration = configuration
        warnings = mistakes.map(\.description)
        digest = reading.digest
        secrets = examined.secrets
    }
}

/// What the data directory says at the agent's start.
struct StoredInputs {
    let state: StoredState
    /// Who founds the cluster without waiting for the others, by an operator's word; nil where there is none.
    let founders: Set<NodeID>?
    let history: StoredHistory
}
