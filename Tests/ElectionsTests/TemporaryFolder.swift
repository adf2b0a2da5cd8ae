import Glibc
import Linux
import Testing

/// A folder of this test alone, taken away with all that is in it.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = "/tmp/vip-switch-test-\(getpid())-\(String(Random.uint64(), radix: 16))"
        try Folder.create(path)
    }

    deinit { try? run("/bin/rm", "-rf", path) }

    /// A file system of so many kilobytes and no more: needs root.
    func mountSmallFileSystem(kilobytes: Int) throws {
        try run("/bin/mount", "-t", "tmpfs", "-o", "mode=0700,size=\(kilobytes)k", "tmpfs", path)
    }

    func remount(_ options: String) throws { try run("/bin/mount", "-o", "remount,\(options)", path) }

    func unmount() throws { try run("/bin/umount", "-l", path) }

    func read(_ name: String) throws -> [UInt8] {
        try #require(try DurableFile.read("\(path)/\(name)", limit: 1 << 24))
    }

    func write(_ bytes: [UInt8], to name: String) throws {
        try DurableFile.replace("\(path)/\(name)", with: bytes)
    }
}

/// Runs a program and waits for it.
func run(_ program: String, _ arguments: String...) throws {
    let child = try Child(Child.Program(path: program, arguments: arguments))
    let status = try child.wait(upTo: .seconds(10))
    guard status == .exited(0) else { throw Errno.invalidArgument }
}
