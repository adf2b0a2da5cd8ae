internal import CLinux
internal import Glibc
internal import Time

/// Small durable writes into a scratch file, as a vote is one; the file is gone afterwards.
package struct DiskTrial: Hashable, Sendable {
    package var writes: [Duration] = []
    package var failure: Errno?

    /// - Parameter pause: Between two of them, so that an agent's own writes find their way.
    package static func run(in directory: String, writes count: Int, pause: Duration) -> DiskTrial {
        var trial = DiskTrial()
        let path = "\(directory)/doctor-\(getpid()).scratch"
        do throws(Errno) {
            let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
            let file = FileDescriptor(owning: try retrying { unsafe clinux_open(path, flags, 0o600) })
            defer { unsafe unlink(path) }
            try trial.run(on: file, count, pause)
        } catch {
            trial.failure = error
        }
        return trial
    }

    private mutating func run(on file: borrowing FileDescriptor, _ count: Int, _ pause: Duration) throws(Errno) {
        let number = file.rawValue
        let block = [UInt8](repeating: 0x56, count: 512)
        // The state file is there whole before it is written to: what is measured must not make the file longer.
        try file.writeAll([UInt8](repeating: 0, count: 8192))
        try retrying { fsync(number) }
        for index in 0..<count {
            let start = Clock.now()
            try retrying { unsafe pwrite(number, block, block.count, index % 2 * 4096) }
            try retrying { fdatasync(number) }
            writes.append(Clock.now().longestElapsed(since: start))
            Clock.sleep(for: pause)
        }
    }
}
