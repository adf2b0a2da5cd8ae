import Agent
import Control

extension Command {
    static let version = Command(
        name: "version",
        summary: "Prints the version.",
        options: [],
        run: { _ in succeed("vip-switch \(programVersion)\n\(ReleaseVersions.present.summary)\n") }
    )
}
