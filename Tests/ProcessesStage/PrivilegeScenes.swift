import Linux

enum PrivilegeScenes {
    /// Drops everything, then executes a program that shows what it has.
    static func drop(executing command: [String]) throws {
        try Capabilities.keepOnly([.netAdmin, .netRaw])
        say("kept: \(Capabilities.has([.netAdmin, .netRaw])) \(Capabilities.has(.setPCap))")
        try Capabilities.dropAll()
        let held = try Capabilities.held()
        say("left: \(held.effective.rawValue | held.permitted.rawValue | held.inheritable.rawValue)")
        say("again: \((try? Capabilities.keepOnly([.netAdmin])) != nil && Capabilities.has(.netAdmin))")
        try run(command, "exec")
        try Capabilities.setNoNewPrivileges()
        try Capabilities.setNonDumpable()
        try run(command, "exec without new privileges")
    }

    private static func run(_ command: [String], _ title: String) throws {
        let child = try Child(.init(path: command[0], arguments: Array(command.dropFirst())))
        var text = ""
        while case let bytes = try child.output.read(upTo: 4096), !bytes.isEmpty {
            text += String(decoding: bytes, as: UTF8.self)
        }
        _ = try child.wait(upTo: .seconds(20))
        for line in text.split(separator: "\n") { say("\(title): \(line)") }
    }
}
