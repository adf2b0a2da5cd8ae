import Agent
import Control

extension Command {
    static let drain = Command(
        name: "drain",
        summary: "Has a node give its VIPs to another and take none, also after a restart; it keeps its vote.",
        options: controlOptions,
        operands: [Operand("ID", help: "this node; otherwise the one whose agent is asked")],
        run: { order(.drain($0.operand), $0) }
    )

    static let undrain = Command(
        name: "undrain",
        summary: "Lets a drained node take VIPs again when it is its turn; it takes none back by itself.",
        options: controlOptions,
        operands: [Operand("ID", help: "this node; otherwise the one whose agent is asked")],
        run: { order(.undrain($0.operand), $0) }
    )
}
