import Agent
import Configuration

extension Command {
    static let recover = Command(
        name: "members recover",
        summary: "Makes this node the only voter of a new cluster, when the quorum of the old one is lost for good.",
        options: configurationOptions + [
            Option("--yes", help: "do it; without, it only tells what it would do and what that presumes")
        ],
        run: { AgentProgram.recover(AgentOptions($0), isConfirmed: $0.contains("--yes")) }
    )
}
