import Configuration
import Testing
import Time

@testable import Agent

private let text = """
    node: {id: a, raft_addr: 192.0.2.1:7946, data_dir: /d}
    cluster: {nodes: [{id: a, addr: 192.0.2.1:7946}], single: true, insecure: true}

    """

@Suite struct `A reload` {
    private func reload(_ number: UInt64) throws -> Reload {
        let reading = Configuration.read(ConfigurationInput(file: TextFile(path: "c.yaml", bytes: Array(text.utf8))))
        var reload = Reload(number: number, began: Instant(boottime: 0, raw: 0), replies: [])
        reload.candidate = Reload.Candidate(
            configuration: try #require(reading.configuration),
            secrets: [],
            digest: try #require(reading.digest),
            warnings: [],
            changes: []
        )
        return reload
    }

    @Test func `waits for keeper and runner, first to read and then to follow`() throws {
        var reload = try reload(2)
        #expect(reload.unprepared == [.keeper, .runner])
        reload.note(prepared: .runner, number: 2)
        #expect(reload.unprepared == [.keeper])
        reload.note(prepared: .keeper, number: 2)
        #expect(reload.unprepared == [])
        reload.isAdopted = true
        #expect(reload.stragglers == [.keeper, .runner])
        reload.note(following: .keeper, number: 2)
        #expect(reload.stragglers == [.runner])
        reload.note(following: .runner, number: 2)
        #expect(reload.stragglers == [])
    }

    /// The same files give the same digest: only the number tells the second try of a hasty operator from his first.
    @Test func `is not refused, prepared or followed by an answer to the one before`() throws {
        var reload = try reload(2)
        #expect(!reload.isRefused(byAnswerTo: 1))
        #expect(reload.isRefused(byAnswerTo: 2))
        reload.note(prepared: .keeper, number: 1)
        #expect(reload.unprepared == [.keeper, .runner])
        reload.isAdopted = true
        #expect(!reload.isRefused(byAnswerTo: 2))
        reload.note(following: .keeper, number: 1)
        #expect(reload.stragglers == [.keeper, .runner])
    }

    @Test func `is not done by what comes of the one before while it is still being read`() throws {
        var reload = Reload(number: 2, began: Instant(boottime: 0, raw: 0), replies: [])
        reload.note(prepared: .keeper, number: 2)
        reload.noteSettled()
        #expect(reload.unprepared == [.keeper, .runner])
        #expect(!reload.isSettled)
        #expect(!reload.isRefused(byAnswerTo: 2))
    }
}
