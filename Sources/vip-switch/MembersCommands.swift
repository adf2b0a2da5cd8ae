import Agent
import Configuration
import Control
import Net

/// Who belongs to the cluster: shown, and changed through the leader.
extension Command {
    static let members = Command(
        name: "members",
        summary: "Shows who belongs to the cluster, with vote, priority and state.",
        options: [
            Option("--json", help: "print one JSON document instead"),
            Option("--socket", short: "-s", value: "PATH", help: "the agent's status socket"),
            Option("--config", short: "-c", value: "FILE", help: "the agent's configuration, which names its socket"),
        ],
        run: showMembers
    )

    static let addMember = Command(
        name: "members add",
        summary: "Invites a node; it gets the log when it comes, and a vote when it has caught up.",
        options: [
            Option("--learner", help: "no vote until `members promote`"),
            Option("--witness", help: "votes and never holds a VIP"),
        ] + controlOptions,
        operands: [
            memberOperand, Operand("ADDRESS", isRequired: true, help: "its raft_addr: 192.0.2.14:7946"),
        ],
        run: add
    )

    static let removeMember = Command(
        name: "members remove",
        summary: "Takes a node out of the cluster, whether it is up or not.",
        options: controlOptions,
        operands: [memberOperand],
        run: { order(.member(.remove($0.operands[0])), $0) }
    )

    static let promoteMember = Command(
        name: "members promote",
        summary: "Gives a learner a vote as soon as it has caught up.",
        options: controlOptions,
        operands: [memberOperand],
        run: { order(.member(.promote($0.operands[0])), $0) }
    )

    static let preferMember = Command(
        name: "members priority",
        summary: "Prefers a node as successor, whatever its configuration says; it takes nothing back by itself.",
        options: controlOptions,
        operands: [
            memberOperand,
            Operand("NUMBER", isRequired: true, help: "0 to 65535, or `configured`: as its configuration has it"),
        ],
        run: prefer
    )

    private static let memberOperand = Operand("ID", isRequired: true, help: "the node's name")

    @Sendable private static func showMembers(_ arguments: Arguments) -> ExitCode {
        do throws(CommandFailure) {
            let path = try socketPath(arguments, \.statusSocket)
            let document = try ask(MembersReport.request, at: path)
            guard let report = MembersReport(json: document) else {
                return fail("the agent at \(path) answers what this version cannot read: \(quoted(document))")
            }
            let text = arguments.contains("--json") ? document + "\n" : report.text
            return succeed(text, report.leader == nil ? .noLeader : .success)
        } catch {
            return fail(error.text, error.code)
        }
    }

    @Sendable private static func add(_ arguments: Arguments) -> ExitCode {
        let (id, address) = (arguments.operands[0], arguments.operands[1])
        guard Endpoint(address) != nil else {
            return fail("\(quoted(address)) is no address; expected ADDRESS:PORT, such as 192.0.2.14:7946", .usage)
        }
        if arguments.contains("--learner"), arguments.contains("--witness") {
            return fail("a learner has no vote, and a witness nothing else: expected --learner or --witness", .usage)
        }
        let kind: MemberOrder.Kind =
            arguments.contains("--learner") ? .learner : arguments.contains("--witness") ? .witness : .voter
        return order(.member(.add(id, address: address, kind)), arguments)
    }

    @Sendable private static func prefer(_ arguments: Arguments) -> ExitCode {
        let word = arguments.operands[1]
        guard let priority = MemberOrder.priority(word) else {
            return fail("\(quoted(word)) is no priority; expected 0 to 65535, or \(MemberOrder.configured)", .usage)
        }
        return order(.member(.priority(arguments.operands[0], priority)), arguments)
    }
}
