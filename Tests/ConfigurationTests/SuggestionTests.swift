import Configuration
import Testing

@Suite struct `A suggestion` {
    @Test(arguments: [
        ("raft_adr", "raft_addr"), ("Raft_addr", "raft_addr"), ("id", "id"), ("di", "id"), ("prioritty", "priority"),
    ]) func `is what differs by a slip`(text: String, meant: String) {
        #expect(suggestion(for: text, among: ["id", "raft_addr", "data_dir", "priority"]) == meant)
    }

    @Test(arguments: ["x", "zzzzzz", "", "raft", String(repeating: "a", count: 1_000_000)])
    func `is withheld where nothing is near`(text: String) {
        #expect(suggestion(for: text, among: ["raft_addr", "data_dir", "priority"]) == nil)
    }
}
