import Glibc
import Linux
import Scribe
import Time

enum ScribeScenes {
    struct Refused: Error, CustomStringConvertible {
        let description: String
    }

    /// A file of its own a record.
    static func file(in folder: String) -> ([UInt8]) throws -> Duration {
        { record in
            guard let text = String(validating: record, as: UTF8.self) else { throw Refused(description: "no text") }
            try DurableFile.replace("\(folder)/\(text)", with: record)
            return .milliseconds(1)
        }
    }

    static func persist(into folder: String, count: Int) throws {
        let loop = try EventLoop()
        var numbers: [UInt64] = []
        let link = try ScribeLink(try Scribe.start(in: folder, persist: file(in: folder)), on: loop) { event in
            guard case .persisted(let number, let syncTime) = event, syncTime == .milliseconds(1) else {
                say("\(event)")
                return loop.stop()
            }
            numbers.append(number)
            if numbers.count == count { loop.stop() }
        }
        for number in 1...count { link.persist(Array("\(number)".utf8), number: UInt64(number)) }
        try loop.run()
        say("in order: \(numbers == Array(1...UInt64(count)))")
        say("scribe: \(String(describing: link.stop(waitingUpTo: .seconds(20))))")
    }

    static func agentDies(into folder: String, count: Int) throws {
        let loop = try EventLoop()
        let persist = file(in: folder)
        let scribe = try Scribe.start(in: folder) { record in
            usleep(10_000)
            return try persist(record)
        }
        let link = try ScribeLink(scribe, on: loop) { _ in }
        say("\(link.pid)")
        for number in 1...count { link.persist(Array("\(number)".utf8), number: UInt64(number)) }
        // Answers are unread by now, so that the scribe's first news of the end is ECONNRESET.
        usleep(50_000)
        kill(getpid(), SIGKILL)
    }

    /// The second record fails: the third is refused, though it would not fail.
    static func failing(in folder: String) throws {
        let loop = try EventLoop()
        let scribe = try Scribe.start(in: folder) { record in
            if record == [2] { throw Refused(description: "the disk is on fire") }
            return .zero
        }
        var failures = 0
        let link = try ScribeLink(scribe, on: loop) { event in
            say("\(event)")
            guard case .failed = event else { return }
            failures += 1
            // Time for a second one, which must not come.
            loop.schedule(after: .milliseconds(300)) { loop.stop() }
        }
        for number in UInt8(1)...3 { link.persist([number], number: UInt64(number)) }
        try loop.run()
        say("failures: \(failures)")
        say("own end: \(String(describing: link.stop(waitingUpTo: .seconds(20))))")
    }

    /// A sync that never returns: the loop ticks on, nothing is lost up to the bound, and beyond it the link says so.
    static func hanging(in folder: String, records: Int) throws {
        let loop = try EventLoop()
        let scribe = try Scribe.start(in: folder) { _ in while true { pause() } }
        var ticks = 0
        let link = try ScribeLink(scribe, on: loop) { event in
            say("\(event)")
            loop.stop()
        }
        func tick() {
            ticks += 1
            for number in 0..<100 { link.persist([1], number: UInt64(number)) }
            if ticks < records / 100 { loop.schedule(after: .milliseconds(2), tick) } else { loop.stop() }
        }
        tick()
        try loop.run()
        say("ticks: \(ticks > 3)")
        try scribe.send(.kill)
        say("scribe: \(String(describing: try scribe.wait(upTo: .seconds(20))))")
    }

    /// A scribe that hangs when its agent is gone keeps the next run from reading, until it has ended.
    static func lockedOut(of folder: String) throws {
        let scribe = try Scribe.start(in: folder) { _ in while true { pause() } }
        _ = try scribe.socket.send([UInt8](repeating: 0, count: 9))
        usleep(200_000)
        try scribe.socket.shutDown()
        do {
            try ScribeLock.awaitEarlierScribe(in: folder, upTo: .milliseconds(200))
            say("not locked")
        } catch {
            say("\(error == .held(folder: folder, holder: scribe.pid))")
        }
        let loop = try EventLoop()
        let second = try ScribeLink(try Scribe.start(in: folder) { _ in .zero }, on: loop) { event in
            if case .failed(let text) = event { say(text.replacing(scribe.pid)) }
            loop.stop()
        }
        try loop.run()
        _ = try scribe.kill()
        try ScribeLock.awaitEarlierScribe(in: folder)
        say("free")
        withExtendedLifetime(second) {}
    }
}

extension String {
    /// With a process's number and all folders taken out.
    fileprivate func replacing(_ pid: Int32) -> String {
        split(separator: " ").map { $0.hasPrefix("/") ? "FOLDER;" : $0 == "\(pid))" ? "PID)" : $0 }.joined(
            separator: " "
        )
    }
}
