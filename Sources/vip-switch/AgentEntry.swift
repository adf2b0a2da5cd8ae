import Agent
import Configuration

/// Where the program hands over to the agent.
enum AgentEntry {
    static func run(_ options: AgentOptions) -> ExitCode {
        ExitCode(rawValue: AgentProgram.run(options)) ?? .failure
    }

    static func release(_ options: AgentOptions) -> ExitCode {
        ExitCode(rawValue: AgentProgram.release(options)) ?? .failure
    }
}
