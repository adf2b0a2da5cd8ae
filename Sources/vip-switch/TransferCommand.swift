import Agent
import Control

extension Command {
    static let transfer = Command(
        name: "transfer",
        summary: "Hands leadership and the VIPs to another node; answers when it has them.",
        options: [Option("--to", value: "ID", help: "to this node; otherwise to the best of the others")]
            + controlOptions,
        run: { order(.transfer(to: $0["--to"]), $0) }
    )
}
