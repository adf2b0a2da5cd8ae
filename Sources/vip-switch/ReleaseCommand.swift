import Agent
import Configuration

extension Command {
    static let release = Command(
        name: "release",
        summary: "Takes off the VIPs that an agent left which is gone.",
        options: configurationOptions,
        needsCapabilities: true,
        run: { AgentProgram.release(AgentOptions($0)) }
    )
}
