import Agent
import Elections
import Linux

extension Command {
    static let keygen = Command(
        name: "keygen",
        summary: "Makes a secret for cluster.secret_file; every node needs the same.",
        options: [
            Option("--output", short: "-o", value: "FILE", help: "a new file, mode 0600; otherwise standard output")
        ],
        run: keygen
    )

    @Sendable private static func keygen(_ arguments: Arguments) -> ExitCode {
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
