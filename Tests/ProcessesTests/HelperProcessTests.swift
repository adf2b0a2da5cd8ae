import Foundation
import Linux
import Testing

@Suite struct `A helper` {
    @Test func `sees the end of an agent that was killed, whichever helpers were forked before or after`() throws {
        let stage = try Stage("helpers")
        let helpers = try (0..<3).compactMap { _ in try stage.line().flatMap { Int32($0) } }
        #expect(try stage.line() == "ready")
        #expect(helpers.allSatisfy(runs))
        kill(stage.pid, SIGKILL)
        #expect(eventually { !helpers.contains(where: runs) })
    }

    @Test func `has a name, a session of its own, and no descriptors but its end`() throws {
        let stage = try Stage("helpers")
        let helpers = try (0..<3).compactMap { _ in try stage.line().flatMap { Int32($0) } }
        #expect(try stage.line() == "ready")
        let names = try helpers.map { try String(contentsOfFile: "/proc/\($0)/comm", encoding: .utf8) }
        #expect(names == ["first\n", "second\n", "third\n"])
        for helper in helpers {
            #expect(getsid(helper) == helper)
            let descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(helper)/fd")
            #expect(Set(descriptors) == ["0", "1", "2", "3"])
        }
        kill(stage.pid, SIGKILL)
    }

    @Test func `obeys nothing that it reads after the agent's end, but may look at it`() throws {
        #expect(try Stage.play("orphans") == ["helper: gone", "helper: gone", "helper: left [7]"])
    }

    @Test func `ignores what is sent to stop the agent, dies of a kill, and leaves no zombie`() throws {
        #expect(
            try Stage.play("end") == [
                "quick: Optional(exited with 3)", "quick: peerGone", "slow: nil",
                "slow: Optional(killed by signal 9)", "children: none",
            ]
        )
    }
}

@Suite struct `A message socket` {
    @Test func `keeps messages whole, refuses those beyond its bound, and never blocks when told so`() throws {
        #expect(
            try Stage.play("messages") == [
                "nothingYet", "sent", "true", "Message too long", "Message too long", "full: true",
            ]
        )
    }
}

@Suite struct `The agent's signals` {
    @Test func `come through the loop`() throws {
        let lines = try Stage.play("signals")
        #expect(Set(lines) == ["terminate", "interrupt", "hangup", "user1"])
        #expect(lines.count == 4)
    }
}

@Suite struct `A file lock` {
    @Test func `names its holder and ends with it`() throws {
        let scratch = try Scratch()
        #expect(try Stage.play("lock", scratch.path + "/lock") == ["held by holder", "acquired"])
    }
}
