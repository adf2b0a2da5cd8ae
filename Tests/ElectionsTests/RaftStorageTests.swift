@testable import Elections
import Linux
import Net
import Raft
import Testing
import Time

private let founders = Membership(
    voters: ["a", "b", "c"].map {
        Member(id: node($0), storage: StorageID(1), endpoint: endpoint("192.0.2.1:7946"))
    }
)
private let founding = LogEntry(index: LogIndex(1), term: Term(0), payload: .membership(founders))

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

private func write(_ hardState: HardState? = nil, keep: UInt64? = nil, _ entries: [LogEntry] = []) -> Persistence {
    Persistence(number: 1, hardState: hardState, keep: keep.map { LogIndex($0) }, entries: entries)
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
        try storage.write(write(hardState(term: 0, vote: nil), keep: 0, [founding]))
        try storage.write(write(hardState(term: 4, vote: "b")))
        try storage.write(write(nil, [leadership(2, term: 3), leadership(3, term: 4)]))
        return storage
    }

    @Test func `begins empty, with a storage id that stays`() throws {
        let first = try open()
        #expect(first.hardState == .empty && first.entries.isEmpty)
        #expect(first.storage != StorageID(0))
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
        #expect(stored.entries == [founding, leadership(2, term: 3), leadership(3, term: 4)])
        stored.hardState = hardState(term: 9, vote: nil)
        stored.entries = [founding, leadership(2, term: 8)]
        let (next, _) = try RaftStorage.open(directory: folder.path)
        try next.write(write(hardState(term: 9, vote: nil), keep: 1, [leadership(2, term: 8)]))
        // Appended to the file that the log became.
        try next.write(write(nil, [leadership(3, term: 9)]))
        stored.entries.append(leadership(3, term: 9))
        #expect(try open() == stored)
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
        try storage.write(write(hardState(term: 0, vote: nil), keep: 0, [founding]))
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
        try again.write(write(nil, [leadership(4, term: 4)]))
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
        #expect(try error().hasPrefix("DIR/state is damaged: it is missing, and DIR/log has entries; "))
        try folder.write(state, to: "state")
        #expect(try open().entries.count == 3)
    }

    @Test func `is damaged when its log is newer, or empty`() throws {
        let (storage, _) = try RaftStorage.open(directory: folder.path)
        let empty = try folder.read("log")
        try storage.write(write(hardState(term: 2, vote: "b"), keep: 0, [founding]))
        let older = try folder.read("state")
        try storage.write(write(hardState(term: 5, vote: nil), [leadership(2, term: 5)]))
        try folder.write(older, to: "state")
        #expect(try error().hasPrefix("DIR/state is damaged: it is of term 2, and the log of term 5; "))
        try folder.write(empty, to: "log")
        #expect(try error().hasPrefix("DIR/log is damaged: its first entry is lost; "))
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

    @Test func `of a newer release is left as it is`() throws {
        _ = try storeSomething()
        var image = try folder.read("state")
        image[9] = 2
        var checksum: [UInt8] = []
        checksum.append(bigEndian: CRC32C.checksum(image[..<508]))
        image.replaceSubrange(508..<512, with: checksum)
        try folder.write(image, to: "state")
        #expect(
            try error()
                == "DIR/state has format 2, and this release reads up to 1; run the release that wrote it or a newer one"
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
        try storage.write(write(hardState(term: 1, vote: "a"), keep: 0, [founding]))
        var failure: StorageError?
        var written: UInt64 = 1
        while failure == nil, written < 10000 {
            do throws(StorageError) {
                try storage.write(write(nil, [leadership(written + 1, term: 1)]))
                written += 1
            } catch {
                failure = error
            }
        }
        let expected = StorageError.failed(act: "write", path: "\(folder.path)/log", .noSpace)
        #expect(failure == expected)
        try folder.remount("size=1m")
        #expect(throws: expected) { try storage.write(write(nil, [leadership(written + 1, term: 1)])) }
        #expect(throws: expected) { try storage.write(write(hardState(term: 2, vote: "b"))) }
        let stored = try RaftStorage.open(directory: folder.path).1
        #expect(stored.entries.count == Int(written))
        #expect(stored.hardState == hardState(term: 1, vote: "a"))
    }
}
