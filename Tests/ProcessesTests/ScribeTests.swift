import Foundation
import Testing

@Suite struct `The scribe` {
    @Test func `persists in order and says so`() throws {
        let scratch = try Scratch()
        let lines = try Stage.play("scribe", scratch.path)
        #expect(lines == ["in order: true", "scribe: Optional(exited with 0)"])
        #expect(Set(scratch.names) == Set((1...200).map(String.init) + ["scribe.lock"]))
    }

    @Test func `finishes what a dead agent had handed over, then ends`() throws {
        let scratch = try Scratch()
        let stage = try Stage("scribe-dies", scratch.path)
        let scribe = try #require(try stage.line().flatMap { Int32($0) })
        #expect(eventually { !runs(scribe) })
        #expect(Set(scratch.names) == Set((1...40).map(String.init) + ["scribe.lock"]))
    }

    @Test func `refuses everything once it has failed`() throws {
        let scratch = try Scratch()
        #expect(
            try Stage.play("scribe-fails", scratch.path) == [
                #"persisted(number: 1, syncTime: 0.0 seconds)"#, #"failed("the disk is on fire")"#, "failures: 1",
                "own end: Optional(exited with 0)",
            ]
        )
    }

    @Test func `may hang without holding up the agent, which learns when too much waits`() throws {
        let scratch = try Scratch()
        let lines = try Stage.play("scribe-hangs", scratch.path)
        #expect(
            lines == [
                #"failed("the scribe has not finished 1024 records; the disk does not answer")"#, "ticks: true",
                "scribe: Optional(killed by signal 9)",
            ]
        )
    }
}

@Suite struct `A scribe that outlives its agent` {
    @Test func `keeps its data folder until it ends`() throws {
        let scratch = try Scratch()
        let text =
            "an earlier run's scribe (pid PID) still writes to FOLDER; wait for its disk to answer, or kill it"
        #expect(try Stage.play("scribe-locked", scratch.path) == ["true", text, "free"])
    }
}

@Suite struct `The log writer` {
    @Test func `follows a renamed file, reopens when told, and writes a dead agent's last lines`() throws {
        let scratch = try Scratch()
        let log = scratch.path + "/daemon.log"
        let stage = try Stage("log", log, scratch.path + "/daemon.log.1")
        let writer = try #require(try stage.line().flatMap { Int32($0) })
        #expect(eventually { !runs(writer) })
        #expect(scratch.text(of: "daemon.log.1") == "one\n")
        #expect(scratch.text(of: "daemon.log") == (1...100).map { "line \($0)\n" }.joined())
        let mode = try FileManager.default.attributesOfItem(atPath: log)[.posixPermissions] as? Int
        #expect(mode.map { $0 & 0o7 } == 0)
    }

    @Test func `tells once that the disk is full, while records are persisted`() throws {
        let scratch = try Scratch()
        let lines = try Stage.play("log-full", scratch.path + "/record", scratch.path)
        #expect(lines.sorted() == [#"log: failing("No space left on device")"#, "persisted: 20"])
    }

    @Test func `refuses lines while nobody reads, and says when there is room again`() throws {
        #expect(try Stage.play("log-stuck") == ["refused: true", "drained"])
    }
}
