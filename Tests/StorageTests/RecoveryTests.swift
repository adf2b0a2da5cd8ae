import Net
import Raft
import Samples
@testable import Storage
import Testing

@Suite struct `A node that is told to go on alone` {
    private func member(_ name: String, disk: UInt128) -> Member {
        Member(id: node(name), storage: StorageID(disk), endpoint: endpoint("192.0.2.\(disk):7946"))
    }

    private let timing = ClusterTiming(heartbeat: .milliseconds(50), promise: .milliseconds(250))

    private func stored(_ membership: Membership, cluster: ClusterID = ClusterID(0xc1)) -> StoredState {
        let founding = Snapshot(index: LogIndex(4), term: Term(2), state: ClusterState(membership: membership))
        let entries: [LogPayload] = [.leadership, .timing(timing)]
        return StoredState(
            storage: StorageID(2),
            hardState: HardState(
                term: Term(7),
                vote: node("a"),
                longestPromise: .milliseconds(900),
                cluster: cluster
            ),
            log: Log(
                snapshot: founding,
                entries: entries.enumerated().map { place, payload in
                    LogEntry(index: LogIndex(UInt64(5 + place)), term: Term(6), payload: payload)
                }
            )
        )
    }

    @Test func `is the only voter of another cluster, and invites the others under their names`() throws {
        let before = stored(
            Membership(
                voters: [member("a", disk: 1), member("b", disk: 2), member("c", disk: 3)],
                entrants: [member("d", disk: 4)],
                learners: [member("e", disk: 5)]
            )
        )
        let moved = ConfiguredNode(id: node("b"), endpoint: endpoint("198.51.100.1:1"))
        let after = try before.recovered(as: moved, cluster: ClusterID(0xc2))
        func invited(_ name: String, at number: Int) -> Member {
            Member(id: node(name), storage: .none, endpoint: endpoint("192.0.2.\(number):7946"))
        }
        let membership = Membership(
            voters: [Member(id: node("b"), storage: StorageID(2), endpoint: moved.endpoint)],
            entrants: [invited("a", at: 1), invited("c", at: 3), invited("d", at: 4)],
            learners: [invited("e", at: 5)]
        )
        let snapshot = Snapshot(
            index: LogIndex(7),
            term: Term(8),
            state: ClusterState(membership: membership, timing: timing)
        )
        let promise = before.hardState.longestPromise
        #expect(
            after
                == StoredState(
                    storage: StorageID(2),
                    hardState: HardState(term: Term(8), vote: nil, longestPromise: promise, cluster: ClusterID(0xc2)),
                    log: Log(snapshot: snapshot)
                )
        )
    }

    @Test func `has a cluster to recover, and room in it`() {
        let own = ConfiguredNode(id: node("me"), endpoint: endpoint("192.0.2.99:1"))
        let full = Membership(voters: (0..<10).map { member("n\($0)", disk: UInt128($0) + 1) })
        #expect(throws: RecoveryFault.belongsToNone) {
            try stored(full, cluster: .none).recovered(as: own, cluster: ClusterID(1))
        }
        #expect(throws: RecoveryFault.isFull(limit: 10)) { try stored(full).recovered(as: own, cluster: ClusterID(1)) }
    }
}

@Suite struct `The file of the founders` {
    private func founders(_ text: String) throws(StoredFault) -> Set<NodeID> {
        try FoundersFile.founders(of: Array(text.utf8))
    }

    @Test func `gives back who was written`() throws {
        let names: Set = [node("a"), node("db-1.example"), node("c")]
        #expect(String(decoding: FoundersFile.image(names), as: UTF8.self) == "a\nc\ndb-1.example\n")
        #expect(try FoundersFile.founders(of: FoundersFile.image(names)) == names)
    }

    @Test func `may be written by hand`() throws {
        #expect(try founders("\nb\n\n  \na") == [node("a"), node("b")])
    }

    @Test(arguments: [
        ("a\nb c\n", "line 2 is no node's name"),
        ("a\n b\n", "line 2 is no node's name"),
        ("", "it names no node"),
        ("\n \n", "it names no node"),
        ((0...10).map { "n\($0)\n" }.joined(), "it names 11 nodes, and a cluster has 10 at most"),
    ])
    func `says what is wrong with it`(text: String, fault: String) {
        #expect(throws: StoredFault.illegible(fault)) { try founders(text) }
    }

    @Test func `is a text`() {
        #expect(throws: StoredFault.illegible("it is no text")) { try FoundersFile.founders(of: [0xff, 10]) }
    }
}
