import Configuration
import Glibc
import Hooks
import Linux
import Runner
import Scribe

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

    /// The helpers that need no privilege, started by an agent that has all; stays for others to look at.
    static func helpers(in folder: String) throws {
        let configuration = """
            node: {id: node1, raft_addr: 192.168.1.10:7946, data_dir: /var/lib/vip-switch}
            cluster: {nodes: [{id: node1, addr: 192.168.1.10:7946}], single: true, insecure: true}
            """
        let file = TextFile(path: "/vip-switch.yaml", bytes: Array(configuration.utf8))
        guard let read = Configuration.read(ConfigurationInput(file: file)).configuration else { return }
        let helpers = [
            try Scribe.start(in: folder) { _ in .zero }, try LogWriter.start(to: nil), try Runner.start(HookPlan(read)),
        ]
        for helper in helpers { say("\(helper.pid)") }
        while true { pause() }
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
