import Agent
import Configuration

extension Command {
    static let testHook = Command(
        name: "hooks test",
        summary: "Runs a hook as the agent would, and shows what it prints, how it ends, and what of it is not needed.",
        options: configurationOptions + [
            Option("--group", value: "GROUP", help: "whose hook, where there is more than one group"),
            Option("--json", help: "print one JSON document instead"),
        ],
        operands: [
            Operand("EVENT", isRequired: true, help: HookEvent.allCases.map(\.rawValue).joined(separator: ", "))
        ],
        // It gives them up itself: root's are locked away for good with them, and with them a hook's way to use sudo.
        needsCapabilities: true,
        run: {
            AgentProgram.testHook(
                AgentOptions($0),
                event: $0.operand,
                group: $0["--group"],
                asJSON: $0.contains("--json")
            )
        }
    )

    static let signHooks = Command(
        name: "hooks sign",
        summary: "Signs the programs of all hooks as they are now, into hooks.signature_file.",
        options: configurationOptions,
        run: { AgentProgram.signHooks(AgentOptions($0)) }
    )
}
