import Agent
import Configuration

extension Command {
    static let bootstrap = Command(
        name: "bootstrap",
        summary: "Orders a majority of the nodes to found the cluster without waiting for the others.",
        options: [
            Option("--only", value: "NAMES", isRequired: true, help: "who founds it: n1,n2; the same on each of them")
        ] + configurationOptions,
        run: { AgentProgram.bootstrap(AgentOptions($0), only: $0["--only"] ?? "") }
    )
}
