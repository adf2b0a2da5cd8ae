import Testing

@testable import vip_switch

@Suite struct `A command line` {
    static let options = [
        Option("--config", short: "-c", value: "FILE", isRequired: true, help: ""),
        Option("--log-level", value: "LEVEL", help: ""),
        Option("--adopt", help: ""),
    ]

    @Test(arguments: [
        ["--config", "a", "--log-level", "info", "--adopt"], ["-c", "a", "--log-level=info", "--adopt"],
        ["--adopt", "--log-level=info", "--config=a"],
    ]) func `may be written in several ways`(words: [String]) throws {
        let arguments = try Arguments(words, options: Self.options)
        #expect(arguments["--config"] == "a")
        #expect(arguments["--log-level"] == "info")
        #expect(arguments.contains("--adopt"))
    }

    @Test(arguments: [["web", "-c", "a"], ["-c", "a", "web"], ["--config=a", "web", "--adopt"]])
    func `may have one operand where the command takes one`(words: [String]) throws {
        let operand = Operand("GROUP", help: "")
        #expect(try Arguments(words, options: Self.options, operands: [operand]).operand == "web")
        #expect(throws: UsageError(description: #""db" is not expected here; expected an option"#)) {
            try Arguments(words + ["db"], options: Self.options, operands: [operand])
        }
        #expect(throws: UsageError(description: #""web" is not expected here; expected an option"#)) {
            try Arguments(words, options: Self.options)
        }
    }

    @Test func `has as many operands as the command takes, and misses those that it needs`() throws {
        let operands = [
            Operand("ID", isRequired: true, help: "the name"), Operand("ADDRESS", isRequired: true, help: "where"),
        ]
        let arguments = try Arguments(["n4", "-c", "a", "192.0.2.4:1"], options: Self.options, operands: operands)
        #expect(arguments.operands == ["n4", "192.0.2.4:1"])
        #expect(throws: UsageError(description: "ADDRESS is missing: where")) {
            try Arguments(["-c", "a", "n4"], options: Self.options, operands: operands)
        }
    }

    @Test(arguments: [
        ([], "--config is missing: --config FILE"),
        (["--confg", "a"], #"unknown option "--confg"; did you mean --config?"#),
        (["--zzzz"], #"unknown option "--zzzz""#),
        (["-c"], "--config needs a value: --config FILE"),
        (["--config="], "--config needs a value: --config FILE"),
        (["-c", "a", "--config", "b"], "--config is given twice"),
        (["-c", "a", "--adopt", "--adopt"], "--adopt is given twice"),
        (["-c", "a", "--adopt=yes"], "--adopt takes no value"),
        (["-c", "a", "b\u{1b}"], #""b\u{1b}" is not expected here; expected an option"#),
    ]) func `is refused with a reason`(words: [String], reason: String) {
        #expect(throws: UsageError(description: reason)) { try Arguments(words, options: Self.options) }
    }
}
