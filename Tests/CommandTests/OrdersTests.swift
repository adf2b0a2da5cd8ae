import Agent
import Elections
import Foundation
import Linux
import Net
import Raft
import Testing

@testable import vip_switch

/// The data directory and the configuration of node n1, one of three.
private final class Stage {
    let folder = TemporaryFolder()
    var directory: String { folder.file("state") }

    func configuration(of id: String = "n1") throws -> String {
        let nodes = (1...3).map { "{id: n\($0), addr: 127.0.0.\($0):7946}" }.joined(separator: ", ")
        return try folder.file(
            "c.yaml",
            """
            node: {id: \(id), raft_addr: 127.0.0.\(id.dropFirst()):7946, data_dir: \(directory)}
            cluster: {insecure: true, nodes: [\(nodes)]}

            """
        )
    }

    /// Runs a command of the node, and shows what it says without the names of this test's files.
    func run(_ words: String..., as id: String = "n1") throws -> Outcome {
        var outcome = try Running(words + ["--config", try configuration(of: id)]).wait()
        outcome.output = outcome.output.replacing(directory, with: "DIR")
        outcome.error = outcome.error.replacing(directory, with: "DIR")
        return outcome
    }

    /// Stores the state of a node of the cluster c1.
    @discardableResult
    func store(
        voters: [String] = ["n1", "n2", "n3"],
        entrants: [String] = [],
        disk: StorageID? = nil
    ) throws -> StoredState {
        let (storage, empty) = try RaftStorage.open(directory: directory)
        func members(_ names: [String]) throws -> [Member] {
            try names.map { name in
                Member(
                    id: try #require(NodeID(name)),
                    storage: name == "n1" ? disk ?? empty.storage : StorageID(7),
                    endpoint: try #require(Endpoint("127.0.0.\(name.dropFirst()):7946"))
                )
            }
        }
        let membership = Membership(voters: try members(voters), entrants: try members(entrants))
        let hardState = HardState(
            term: Term(4),
            vote: nil,
            longestPromise: .milliseconds(250),
            cluster: ClusterID(0xc1)
        )
        let founding = RaftNode.founding(membership)
        try storage.write(
            Persistence(number: 1, hardState: hardState, snapshot: founding, keep: founding.index, entries: [])
        )
        return try RaftStorage.open(directory: directory).1
    }

    func stored() throws -> StoredState { try #require(try RaftStorage.peek(directory: directory)) }
}

private let cluster = "000000000000000000000000000000c1"

@Suite struct `The order to recover` {
    private let stage = Stage()

    @Test func `says what it would do, and does nothing without a yes`() throws {
        let before = try stage.store()
        let outcome = try stage.run("members", "recover")
        #expect(outcome.code == 1)
        #expect(
            outcome.output == """
                node n1 would go on alone, as the only voter of a new cluster
                  data_dir     DIR
                  old cluster  \(cluster) of n1, n2, n3, term 4
                  invited      n2, n3: taken in under its name when it comes with an empty data_dir
                It presumes that the old cluster cannot elect a leader any more, and that n2, n3 are stopped and will start
                only with an empty data_dir. A node that goes on with what it has may make a second holder of the VIPs.

                """
        )
        #expect(outcome.error == "vip-switch: nothing was changed; if that is so, say it again with --yes\n")
        #expect(try stage.stored() == before)
    }

    @Test func `makes a cluster of one node, and says which`() throws {
        let before = try stage.store()
        let outcome = try stage.run("members", "recover", "--yes")
        #expect(outcome.code == 0)
        #expect(outcome.error == "")
        let after = try stage.stored()
        let own = ConfiguredNode(
            id: try #require(NodeID("n1")),
            endpoint: try #require(Endpoint("127.0.0.1:7946"))
        )
        #expect(after.hardState.cluster != before.hardState.cluster)
        #expect(after == (try before.recovered(as: own, cluster: after.hardState.cluster)))
        #expect(
            outcome.output == """
                node n1 goes on alone, as the only voter of a new cluster
                  data_dir     DIR
                  old cluster  \(cluster) of n1, n2, n3, term 4
                  new cluster  \(after.hardState.cluster) of n1
                  invited      n2, n3: taken in under its name when it comes with an empty data_dir
                Start the agent here. Start no other node before its data_dir is empty: with what it has it may make a
                second holder of the VIPs.

                """
        )
    }

    @Test(arguments: [("lock", "an agent runs on DIR, and "), ("scribe.lock", "an earlier run's scribe (pid ")])
    func `is refused as long as somebody may write there`(lock: String, reason: String) throws {
        let before = try stage.store()
        guard case .acquired(let held) = try FileLock.acquire("\(stage.directory)/\(lock)") else {
            Issue.record("the lock is not free")
            return
        }
        let outcome = try stage.run("members", "recover", "--yes")
        #expect(outcome.code == 1)
        #expect(outcome.output == "")
        #expect(outcome.error.hasPrefix("vip-switch: " + reason))
        #expect(outcome.error.contains("\(getpid())"))
        #expect(try stage.stored() == before)
        _ = consume held
    }

    @Test func `is refused where nothing is stored, and makes nothing`() throws {
        let text =
            "vip-switch: the node of DIR belongs to no cluster, so there is none to recover; start it to found or join one\n"
        let missing = try stage.run("members", "recover", "--yes")
        #expect(missing.code == 1)
        #expect(missing.error == text)
        #expect(throws: Errno.noEntry) { try FileStatus(of: stage.directory) }
        try Folder.create(stage.directory)
        let empty = try stage.run("members", "recover", "--yes")
        #expect(empty.code == 1)
        #expect(empty.error == text)
        #expect(throws: Errno.noEntry) { try FileStatus(of: stage.directory + "/state") }
        _ = try RaftStorage.open(directory: stage.directory)
        #expect(try stage.run("members", "recover", "--yes").error == text)
    }

    @Test func `is refused with the configuration of another node`() throws {
        try stage.store()
        let outcome = try stage.run("members", "recover", "--yes", as: "n2")
        #expect(outcome.code == 1)
        #expect(
            outcome.error
                == "vip-switch: DIR is that of node n1, and this is n2; "
                + "expected the configuration and the data_dir of one node\n"
        )
    }

    @Test func `is refused by a node without a vote`() throws {
        try stage.store(voters: ["n2", "n3"], entrants: ["n1"])
        let outcome = try stage.run("members", "recover", "--yes")
        #expect(outcome.code == 1)
        #expect(
            outcome.error == "vip-switch: n1 has no vote in the cluster of DIR, and may not know "
                + "what it has agreed on; recover one that has: n2, n3\n"
        )
    }

    @Test func `is refused by a disk that another took the place of`() throws {
        let before = try stage.store(disk: StorageID(99))
        let outcome = try stage.run("members", "recover", "--yes")
        #expect(outcome.code == 1)
        #expect(outcome.error.hasPrefix("vip-switch: n1 has no vote in the cluster of DIR"))
        #expect(try stage.stored() == before)
    }

    @Test(.enabled(if: User.effective.isRoot, "needs root"))
    func `is refused by another user, who leaves nothing behind`() throws {
        try Folder.create(stage.directory)
        try FileManager.default.setAttributes([.ownerAccountID: 65534], ofItemAtPath: stage.directory)
        let owner = User(id: 65534).name
        for words in [["members", "recover", "--yes"], ["bootstrap", "--only", "n1,n2"]] {
            var outcome = try Running(words + ["-c", try stage.configuration()]).wait()
            outcome.error.replace(stage.directory, with: "DIR")
            #expect(outcome.code == 1)
            #expect(
                outcome.error == "vip-switch: DIR belongs to \(owner), not to root; run as \(owner) or chown root it\n"
            )
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: stage.directory) == [])
    }

    @Test func `names the mistakes of the configuration`() throws {
        let path = try stage.folder.file("wrong.yaml", "node: {id: n1}\n")
        let outcome = try Running(["members", "recover", "--config", path]).wait()
        #expect(outcome.code == 2)
        #expect(outcome.error.contains("node.raft_addr"))
    }
}

@Suite struct `The order to found a cluster` {
    private let stage = Stage()

    private func founders() throws -> Set<String>? {
        try RaftStorage.founders(directory: stage.directory).map { Set($0.map(\.text)) }
    }

    @Test func `stands from then on, and says what is left to do`() throws {
        let outcome = try stage.run("bootstrap", "--only", "n2,n1")
        #expect(outcome.code == 0)
        #expect(outcome.error == "")
        #expect(
            outcome.output == """
                the cluster will be founded by n1, n2, without waiting for n3
                give the same order on n2
                start the agent here
                n3 is taken in when it comes with an empty data_dir

                """
        )
        #expect(try founders() == ["n1", "n2"])
    }

    @Test func `tells to restart an agent that runs`() throws {
        try Folder.create(stage.directory)
        guard case .acquired(let held) = try FileLock.acquire("\(stage.directory)/lock") else {
            Issue.record("the lock is not free")
            return
        }
        let outcome = try stage.run("bootstrap", "--only", "n1,n2,n3")
        #expect(outcome.code == 0)
        #expect(outcome.output.contains("\nan agent runs here, process \(getpid()) ("))
        #expect(outcome.output.hasSuffix("): restart it, for it heeds the order only when it starts\n"))
        #expect(try founders() == ["n1", "n2", "n3"])
        _ = consume held
    }

    @Test(arguments: [
        ("n1,n4,n2", "cluster.nodes does not name n4; expected some of n1, n2, n3"),
        ("n2,n3", "this node, n1, is not among them; the order is for those it names"),
        (
            "n1",
            "n1 is no majority of the 3 in cluster.nodes; expected 2 or more, or the others could found a second cluster"
        ),
        (
            "n1,n1",
            "n1 is no majority of the 3 in cluster.nodes; expected 2 or more, or the others could found a second cluster"
        ),
        ("n1, n2", #"" n2" is no node's name; expected names like n1,n2"#),
        ("n1,,n2", #""" is no node's name; expected names like n1,n2"#),
    ]) func `is refused where it makes no sense`(names: String, reason: String) throws {
        let outcome = try stage.run("bootstrap", "--only", names)
        #expect(outcome.code == 2)
        #expect(outcome.output == "")
        #expect(outcome.error == "vip-switch: --only: \(reason)\n")
        #expect(throws: Errno.noEntry) { try FileStatus(of: stage.directory) }
    }

    @Test func `is refused by a member of a cluster`() throws {
        try stage.store()
        let outcome = try stage.run("bootstrap", "--only", "n1,n2")
        #expect(outcome.code == 1)
        #expect(
            outcome.error == "vip-switch: the node of DIR belongs to a cluster already and founds none; "
                + "to leave that one for good, move DIR away first\n"
        )
        #expect(try founders() == nil)
    }
}
