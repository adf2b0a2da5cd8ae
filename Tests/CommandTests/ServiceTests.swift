import Foundation
import Linux
import Testing

@Suite struct `The service manager` {
    @Test(arguments: [false, true]) func `hears when the agent is ready, what it is, and that it stops`(
        isAbstract: Bool
    ) throws {
        let agent = try RunningAgent(isAbstract: isAbstract)
        try agent.hear { $0 == "READY=1" }
        try agent.hear { $0.hasPrefix("STATUS=leads, term ") && $0.hasSuffix(", holds default") }
        agent.send(SIGTERM)
        try agent.hear { $0 == "STOPPING=1" }
        try agent.hear { $0.hasPrefix("EXTEND_TIMEOUT_USEC=1") }
        #expect(agent.wait().code == 0)
        #expect(!agent.heard.contains { $0.hasPrefix("WATCHDOG") })
    }

    @Test func `hears of a reload from its beginning to its end, whatever comes of it`() throws {
        let agent = try RunningAgent()
        try agent.hear { $0 == "READY=1" }
        try agent.hear { $0.contains("holds") }
        agent.send(SIGHUP)
        try agent.hear { $0.hasPrefix("RELOADING=1\nMONOTONIC_USEC=") }
        try agent.hear { $0 == "READY=1" }
        try agent.edit("single: true", "single: maybe")
        agent.send(SIGHUP)
        try agent.hear { $0.hasPrefix("RELOADING=1\nMONOTONIC_USEC=") }
        try agent.hear { $0 == "READY=1" }
    }

    @Test func `has signs of life while the election is attended to`() throws {
        let agent = try RunningAgent(environment: ["WATCHDOG_USEC": "400000"])
        for _ in 0..<5 { try agent.hear { $0 == "WATCHDOG=1" } }
    }

    @Test func `has none for another process`() throws {
        let agent = try RunningAgent(environment: ["WATCHDOG_USEC": "200000", "WATCHDOG_PID": "1"])
        try agent.hear { $0.contains("holds") }
        sleep(1)
        agent.send(SIGTERM)
        try agent.hear { $0 == "STOPPING=1" }
        #expect(!agent.heard.contains { $0.hasPrefix("WATCHDOG") })
    }

    /// Only root may look into processes that are not dumpable.
    @Test(.enabled(if: getuid() == 0)) func `is spoken to by the agent alone`() throws {
        let agent = try RunningAgent(
            "hooks: {ToReady: {command: HOOK}}",
            environment: ["WATCHDOG_USEC": "60000000", "VIP_SWITCH_NODE_PRIORITY": "50"]
        )
        try agent.hear { $0.contains("holds") }
        let file = agent.folder.file("environment-of-ToReady")
        for _ in 0..<100 where !FileManager.default.fileExists(atPath: file) { usleep(100_000) }
        let hook = try String(contentsOfFile: file, encoding: .utf8)
        #expect(hook.contains("EVENT_TYPE=ToReady"))
        let children = try agent.environments()
        #expect(children.count >= 4, "\(children.keys)")
        for (name, environment) in children {
            #expect(environment.contains("VIP_SWITCH_NODE_PRIORITY=50"), "\(name)")
            for variable in ["NOTIFY_SOCKET", "WATCHDOG_USEC"] { #expect(!environment.contains(variable), "\(name)") }
        }
        for variable in ["NOTIFY_SOCKET", "WATCHDOG_USEC"] { #expect(!hook.contains(variable)) }
    }
}
