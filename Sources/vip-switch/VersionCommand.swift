extension Command {
    static let version = Command(
        name: "version",
        summary: "Prints the version.",
        options: [],
        run: { _ in succeed("vip-switch \(programVersion)\n") }
    )
}

let programVersion = "0.1.0"
