import Glibc
import Linux
import Scribe
import Time

enum LogScenes {
    /// Writes lines, has the file renamed in between, is told to reopen, and dies with lines unwritten.
    static func write(to path: String, next: String) throws {
        let loop = try EventLoop()
        let writer = try LogWriter.start(to: path)
        let link = try LogLink(writer, on: loop) { say("\($0)") }
        _ = link.write(Array("one\n".utf8))
        wait(for: path, toHold: 4)
        unsafe rename(path, next)
        _ = link.write(Array("two\n".utf8))
        wait(for: path, toHold: 4)
        unsafe unlink(path)
        link.reopen()
        for number in 1...100 { _ = link.write(Array("line \(number)\n".utf8)) }
        say("\(link.pid)")
        kill(getpid(), SIGKILL)
    }

    /// The log's disk is full; records are persisted nevertheless, and the loss is told once.
    static func fullDisk(record: String, in folder: String) throws {
        let loop = try EventLoop()
        var (failures, persisted) = (0, 0)
        let log = try LogLink(try LogWriter.start(to: "/dev/full"), on: loop) { event in
            say("log: \(event)")
            failures += 1
        }
        let scribe = try Scribe.start(in: folder) { bytes in
            try DurableFile.replace(record, with: bytes)
            return .zero
        }
        let link = try ScribeLink(scribe, on: loop) { _ in persisted += 1 }
        for number in 1...20 {
            _ = log.write([UInt8](repeating: 0x61, count: 1000))
            link.persist([UInt8(number)], number: UInt64(number))
        }
        while failures == 0 || persisted < 20 { try loop.runOnce() }
        // Time for a second failure, which must not be told.
        loop.schedule(after: .milliseconds(200)) { loop.stop() }
        try loop.run()
        say("persisted: \(persisted)")
    }

    /// Standard error is a pipe that nobody reads: lines are refused, never waited for; then there is room again.
    static func readerStops() throws {
        let loop = try EventLoop()
        let pipe = try DescriptorPair.pipe()
        dup2(pipe.second.rawValue, 2)
        let log = try LogLink(try LogWriter.start(to: nil), on: loop) { event in
            say("\(event)")
            if event == .drained { loop.stop() }
        }
        var refused = 0
        for _ in 0..<2000 where !log.write([UInt8](repeating: 0x61, count: 1000)) { refused += 1 }
        say("refused: \(refused > 0)")
        let reader = try loop.watch(pipe.first) { _ in _ = try? pipe.first.read(upTo: 65_536) }
        try loop.run()
        loop.ignore(reader)
    }
}

/// Waits until the file has so many bytes.
private func wait(for path: String, toHold size: Int64) {
    for _ in 0..<2000 where (try? FileStatus(of: path))?.size != size { usleep(10_000) }
}
