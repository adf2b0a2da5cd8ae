import Agent
import Configuration
import Elections
import Linux

extension Command {
    static let keygen = Command(
        name: "keygen",
        summary: "Makes a secret for cluster.secret_file, which every node needs, or changes it step by step.",
        options: [
            Option("--output", short: "-o", value: "FILE", help: "a new file, mode 0600; otherwise standard output"),
            Option(
                "--rotate",
                value: "STEP",
                preset: "plan",
                help: "takes a step of a change of the key: add, first, drop; without one, shows the plan"
            ),
            Option("--file", short: "-f", value: "FILE", help: "the key file that --rotate changes"),
        ],
        run: keygen
    )

    @Sendable private static func keygen(_ arguments: Arguments) -> ExitCode {
        if let step = arguments["--rotate"] { return rotate(step, arguments) }
        guard arguments["--file"] == nil else {
            return fail("--file goes with --rotate; a new key goes to --output FILE", .usage)
        }
        let line = ClusterSecret.generate().text + "\n"
        guard let path = arguments["--output"] else { return succeed(line) }
        do {
            try RegularFile.create(path, with: Array(line.utf8))
            return .success
        } catch .exists {
            return fail("\(path) exists and is left as it is; choose another name, or move it away first")
        } catch {
            return fail("cannot make \(path): \(error)")
        }
    }
}
