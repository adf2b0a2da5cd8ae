@testable import Elections
import Linux
import Net
import Raft
import Samples
@testable import Storage
import Testing
import Time

private let founders = Membership(
    voters: ["a", "b", "c"].map {
        Member(id: node($0), storage: StorageID(1), endpoint: endpoint("192.0.2.1:7946"))
    }
)
private let founding = RaftNode.founding(founders)

private func leadership(_ index: UInt64, term: UInt64) -> LogEntry {
    LogEntry(index: LogIndex(index), term: Term(term), payload: .leadership)
}

private func hardState(term: UInt64, vote: String?) -> HardState {
    HardState(
        term: Term(term),
        vote: vote.map { node($0) },
        longestPromise: .milliseconds(250),
        cluster: ClusterID(0xc1)
    )
}

private func write(
    _ hardState: HardState? = nil,
    _ snapshot: Snapshot? = nil,
    keep: UInt64? = nil,
    entries: [LogEntry] = []
) -> Persistence {
    // Behind what is there, unless it is said otherwise.
    let place = keep.map { LogIndex($0) } ?? snapshot?.index ?? entries.first.map { LogIndex($0.index.number - 1) }
    return Persistence(number: 1, hardState: hardState, snapshot: snapshot, keep: place, entries: entries)
}

@Suite struct `A node's state` {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func open() throws(StorageError) -> StoredState { try RaftStorage.open(directory: folder.path).1 }

    private func error() throws -> String {
        do throws(StorageError) {
            _ = try open()
        } catch {
            return "\(error)".replacing(folder.path, with: "DIR")
        }
        return "no error"
    }

    /// A node that has voted and has a log of three entries.
    private func storeSomething() throws -> RaftStorage {
        let (storage, _) = try RaftStorage.open(directory: folder.path)
        try storage.write(write(hardState(term: 0, vote: nil), founding))
        try storage.write(write(hardState(term: 4, vote: "b")))
        try storage.write(write(entries: [leadership(2, term: 3), leadership(3, term: 4)]))
        return storage
    }

    @Test func `begins empty, with a storage id that stays`() throws {
        let first = try open()
        #expect(first.hardState == .empty && first.log == Log())
        #expect(first.storage != .none)
        #expect(try open() == first)
    }

    @Test func `gets its folder made, for its user alone`() throws {
        let inner = folder.path + "/data"
        _ = try RaftStorage.open(directory: inner)
        #expect(try FileStatus(of: inner).permissions == 0o700)
        #expect(try FileStatus(of: inner + "/state").permissions == 0o600)
    }

    @Test func `is there again after every write`() throws {
        _ = try storeSomething()
        var stored = try open()
        #expect(stored.hardState == hardState(term: 4, vote: "b"))
        #expect(stored.log == Log(snapshot: founding, entries: [leadership(2, term: 3), leadership(3, term: 4)]))
        stored.hardState = hardState(term: 9, vote: nil)
        let (next, _) = try RaftStorage.open(directory: folder.path)
        try next.write(write(hardState(term: 9, vote: nil), keep: 1, entries: [leadership(2, term: 8)]))
        // Appended to the file that the log became.
        try next.write(write(entries: [leadership(3, term: 9)]))
        stored.log = Log(snapshot: founding, entries: [leadership(2, term: 8), leadership(3, term: 9)])
        #expect(try open() == stored)
    }

    @Test func `begins with the newest snapshot, and goes on behind it`() throws {
        let (storage, first) = try RaftStorage.open(directory: folder.path)
        try storage.write(write(hardState(term: 4, vote: "b"), founding, entries: [leadership(2, term: 3)]))
        let snapshot = Snapshot(index: LogIndex(2), term: Term(3), state: ClusterState(membership: founders))
        try storage.write(write(nil, snapshot, entries: [leadership(3, term: 4)]))
        let log = Log(snapshot: snapshot, entries: [leadership(3, term: 4)])
        #expect(try folder.read("log") == EntryFile.image(first.storage, log))
        try storage.write(write(entries: [leadership(4, term: 4)]))
        #expect(try open().log == Log(snapshot: snapshot, entries: [leadership(3, term: 4), leadership(4, term: 4)]))
    }

    /// With the first slot a turned bit would be a lost vote; the second may be torn at any moment.
    @Test func `is tried in its second slot`() throws {
        let storage = try storeSomething()
        try storage.settle()
        let (state, log) = (try folder.read("state"), try folder.read("log"))
        var torn = state
        torn.replaceSubrange(4096..<4608, with: Array(repeating: 0, count: 512))
        let file = try DurableFile(path: folder.path + "/state")
        try file.write(Array(torn[4096...]), at: 4096)
        try storage.write(Persistence(number: 9))
        #expect(try folder.read("state") == state)
        #expect(try folder.read("log") == log)
    }

    @Test func `settles in both slots`() throws {
        let storage = try storeSomething()
        let image = try folder.read("state")
        #expect(image[..<512] != image[4096...])
        try storage.settle()
        let settled = try folder.read("state")
        #expect(settled[..<512] == settled[4096...])
        #expect(settled[..<512] == image[..<512])
    }

    @Test func `is forgotten when a crash hit before the cluster's id was written`() throws {
        let (storage, first) = try RaftStorage.open(directory: folder.path)
        let before = try folder.read("state")
        try storage.write(write(hardState(term: 0, vote: nil), founding))
        try folder.write(before, to: "state")
        #expect(try open() == first)
    }

    /// All files as a crash can leave them in the middle of an append: nothing older than the append is lost.
    @Test func `survives a crash at every byte of an append`() throws {
        let storage = try storeSomething()
        let before = try folder.read("log")
        let stored = try open()
        // `open` has written anew what it read: the file that is appended to is the new one.
        let (again, _) = try RaftStorage.open(directory: folder.path)
        try again.write(write(entries: [leadership(4, term: 4)]))
        let after = try folder.read("log")
        #expect(after.starts(with: before))
        for written in before.count..<after.count {
            try folder.write(Array(after[..<written]), to: "log")
            #expect(try open() == stored)
        }
        _ = storage
    }

    @Test func `is damaged, and says so, when a bit of a slot is turned`() throws {
        _ = try storeSomething()
        var image = try folder.read("state")
        image[40] ^= 1
        try folder.write(image, to: "state")
        #expect(
            try error()
                == "DIR/state is damaged: the checksum of its first slot is wrong, and that may have held a vote; "
                + "the node may have voted and forgotten it: move DIR away to rejoin as a new member"
        )
        #expect(try folder.read("state") == image)
    }

    @Test func `is damaged when one of its files is missing`() throws {
        _ = try storeSomething()
        let (state, log) = (try folder.read("state"), try folder.read("log"))
        try run("/bin/rm", folder.path + "/log")
        #expect(try error().hasPrefix("DIR/log is damaged: it is missing; "))
        try folder.write(log, to: "log")
        try run("/bin/rm", folder.path + "/state")
        #expect(try error().hasPrefix("DIR/state is damaged: it is missing, and the log is that of a cluster; "))
        try folder.write(state, to: "state")
        #expect(try open().log.entries.count == 2)
    }

    @Test func `is damaged when its log is newer, or empty`() throws {
        let (storage, _) = try RaftStorage.open(directory: folder.path)
        let empty = try folder.read("log")
        try storage.write(write(hardState(term: 2, vote: "b"), founding))
        let older = try folder.read("state")
        try storage.write(write(hardState(term: 5, vote: nil), entries: [leadership(2, term: 5)]))
        try folder.write(older, to: "state")
        #expect(try error().hasPrefix("DIR/state is damaged: it is of term 2, and the log of term 5; "))
        try folder.write(empty, to: "log")
        #expect(try error().hasPrefix("DIR/log is damaged: its beginning is lost; "))
    }

    @Test(arguments: ["state", "log"]) func `is not mixed up with a foreign file`(name: String) throws {
        _ = try storeSomething()
        let foreign = Array("#!/bin/sh\necho somebody's work\n".utf8)
        try folder.write(foreign, to: name)
        #expect(
            try error() == "DIR/\(name) is not a file of vip-switch; move it away or choose another node.data_dir"
        )
        #expect(try folder.read(name) == foreign)
    }

    @Test func `of another release is left as it is`() throws {
        _ = try storeSomething()
        var image = try folder.read("state")
        image[9] = 2
        var checksum: [UInt8] = []
        checksum.append(bigEndian: CRC32C.checksum(image[..<508]))
        image.replaceSubrange(508..<512, with: checksum)
        try folder.write(image, to: "state")
        #expect(
            try error()
                == "DIR/state has format 2, and this release reads format 1; "
                + "run the release that wrote it, or the one before that"
        )
        #expect(try folder.read("state") == image)
    }

    @Test func `is not read through a link or out of a pipe`() throws {
        try run("/bin/ln", "-s", "/etc/passwd", folder.path + "/state")
        #expect(try error() == "cannot read DIR/state: Too many levels of symbolic links")
        try run("/bin/rm", folder.path + "/state")
        try run("/usr/bin/mkfifo", folder.path + "/state")
        #expect(try error() == "cannot read DIR/state: Invalid argument")
    }
}

@Suite struct `An operator's order` {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func error(_ body: () throws(StorageError) -> Void) -> String {
        do throws(StorageError) { try body() } catch { return "\(error)".replacing(folder.path, with: "DIR") }
        return "no error"
    }

    private func join() throws -> RaftStorage {
        let (storage, _) = try RaftStorage.open(directory: folder.path)
        try storage.write(write(hardState(term: 4, vote: "b"), founding))
        return storage
    }

    @Test func `to found a cluster stands until the node belongs to one`() throws {
        #expect(try RaftStorage.founders(directory: folder.path) == nil)
        try RaftStorage.order([node("a"), node("b")], directory: folder.path)
        _ = try RaftStorage.open(directory: folder.path)
        #expect(try RaftStorage.founders(directory: folder.path) == [node("a"), node("b")])
        _ = try join()
        #expect(try RaftStorage.founders(directory: folder.path) == nil)
        #expect(throws: Errno.noEntry) { try FileStatus(of: folder.path + "/bootstrap") }
    }

    @Test func `to found a cluster is taken back at the start of a member`() throws {
        _ = try join()
        try folder.write(Array("a\n".utf8), to: "bootstrap")
        _ = try RaftStorage.open(directory: folder.path)
        #expect(try RaftStorage.founders(directory: folder.path) == nil)
    }

    @Test func `to found a cluster is refused by a member`() throws {
        _ = try join()
        let text = error { () throws(StorageError) in try RaftStorage.order([node("a")], directory: folder.path) }
        #expect(
            text == "the node of DIR belongs to a cluster already and founds none; "
                + "to leave that one for good, move DIR away first"
        )
    }

    @Test func `to found a cluster may have been spoilt`() throws {
        try folder.write(Array("a\nb, c\n".utf8), to: "bootstrap")
        let text = error { () throws(StorageError) in _ = try RaftStorage.founders(directory: folder.path) }
        #expect(
            text == "DIR/bootstrap cannot be read: line 2 is no node's name; write the name of a founder a line, "
                + "or remove it"
        )
    }

    @Test func `may be preceded by a look, which makes and changes nothing`() throws {
        let inner = folder.path + "/data"
        #expect(try RaftStorage.peek(directory: inner) == nil)
        #expect(throws: Errno.noEntry) { try FileStatus(of: inner) }
        #expect(try RaftStorage.peek(directory: folder.path) == nil)
        #expect(throws: Errno.noEntry) { try FileStatus(of: folder.path + "/state") }
        _ = try join()
        let files = (try folder.read("state"), try folder.read("log"))
        #expect(try RaftStorage.peek(directory: folder.path)?.hardState == hardState(term: 4, vote: "b"))
        #expect(try folder.read("state") == files.0)
        #expect(try folder.read("log") == files.1)
        try run("/bin/chmod", "0777", folder.path)
        let text = error { () throws(StorageError) in _ = try RaftStorage.exists(directory: folder.path) }
        #expect(text == "DIR is writable by everybody; chmod o-w DIR")
    }

    @Test func `to recover makes another cluster of one node`() throws {
        let own = ConfiguredNode(id: node("a"), endpoint: endpoint("192.0.2.1:7946"))
        let nothing = error { () throws(StorageError) in
            _ = try RaftStorage.recover(directory: folder.path, as: own)
        }
        #expect(
            nothing
                == "the node of DIR belongs to no cluster, so there is none to recover; start it to found or join one"
        )
        let storage = try join()
        try storage.write(write(entries: [leadership(2, term: 3)]))
        let before = try RaftStorage.open(directory: folder.path).1
        let recovered = try RaftStorage.recover(directory: folder.path, as: own)
        #expect(recovered == (try before.recovered(as: own, cluster: recovered.hardState.cluster)))
        #expect(recovered.hardState.cluster != before.hardState.cluster)
        #expect(try RaftStorage.open(directory: folder.path).1 == recovered)
    }
}

@Suite struct `A data directory` {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func error(_ path: String) -> String {
        do throws(StorageError) {
            _ = try RaftStorage.open(directory: path)
        } catch {
            return "\(error)".replacing(folder.path, with: "DIR")
        }
        return "no error"
    }

    @Test func `needs a folder to be made in`() {
        let path = folder.path + "/a/b"
        #expect(error(path) == "cannot create DIR/a/b: No such file or directory; create DIR/a first")
    }

    @Test func `is a folder`() throws {
        try folder.write([], to: "file")
        #expect(error(folder.path + "/file") == "cannot create DIR/file: Not a directory")
    }

    @Test func `is not for everybody to write`() throws {
        try run("/bin/chmod", "0777", folder.path)
        #expect(error(folder.path) == "DIR is writable by everybody; chmod o-w DIR")
    }

    @Test(.enabled(if: User.effective.isRoot, "needs root")) func `belongs to the node's user`() throws {
        try run("/bin/chown", "nobody", folder.path)
        #expect(error(folder.path) == "DIR belongs to nobody, not to root; run as nobody or chown root it")
    }

    @Test(.enabled(if: User.effective.isRoot, "needs root")) func `may not be read-only`() throws {
        try folder.mountSmallFileSystem(kilobytes: 64)
        defer { try? folder.unmount() }
        try folder.remount("ro")
        #expect(
            error(folder.path)
                == "cannot write DIR/log: Read-only file system; node.data_dir must be on a file system that can be written"
        )
    }

    @Test(.enabled(if: User.effective.isRoot, "needs root")) func `may be full at the start`() throws {
        try folder.mountSmallFileSystem(kilobytes: 4)
        defer { try? folder.unmount() }
        #expect(error(folder.path) == "cannot write DIR/state: No space left on device; make room on its file system")
        try folder.remount("size=64k")
        #expect(error(folder.path) == "no error")
    }

    @Test(.enabled(if: User.effective.isRoot, "needs root"))
    func `that fills up ends the writing for good and loses nothing`() throws {
        try folder.mountSmallFileSystem(kilobytes: 24)
        defer { try? folder.unmount() }
        let (storage, _) = try RaftStorage.open(directory: folder.path)
        try storage.write(write(hardState(term: 1, vote: "a"), founding))
        var failure: StorageError?
        var written: UInt64 = 1
        while failure == nil, written < 10000 {
            do throws(StorageError) {
                try storage.write(write(entries: [leadership(written + 1, term: 1)]))
                written += 1
            } catch {
                failure = error
            }
        }
        let expected = StorageError.failed(act: "write", path: "\(folder.path)/log", .noSpace)
        #expect(failure == expected)
        try folder.remount("size=1m")
        #expect(throws: expected) { try storage.write(write(entries: [leadership(written + 1, term: 1)])) }
        #expect(throws: expected) { try storage.write(write(hardState(term: 2, vote: "b"))) }
        let stored = try RaftStorage.open(directory: folder.path).1
        #expect(stored.log.lastIndex == LogIndex(written))
        #expect(stored.hardState == hardState(term: 1, vote: "a"))
    }
}
