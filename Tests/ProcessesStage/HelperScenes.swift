import Glibc
import Linux
import Time

enum HelperScenes {
    /// Three helpers that end at end-of-file; stays until it is killed.
    static func standing() throws {
        var helpers: [HelperProcess] = []
        for name in ["first", "second", "third"] {
            helpers.append(
                try HelperProcess.start(name: name) { end in
                    let socket = MessageSocket(end)
                    _ = try? socket.send([1])
                    while case .message? = try? socket.receive() {}
                    HelperProcess.end()
                }
            )
            // It is itself by the time that it speaks.
            _ = try helpers[helpers.count - 1].socket.receive()
            say("\(helpers[helpers.count - 1].pid)")
        }
        say("ready")
        while true { pause() }
    }

    /// Dies with an answer unread: the helper's first news is ECONNRESET, and a message sent before comes after it.
    static func unreadAnswers() throws {
        let helper = try HelperProcess.start(name: "helper") { end in
            let socket = MessageSocket(end)
            _ = try? socket.send([1])
            _ = try? socket.descriptor.waitUntilReadable(upTo: .seconds(20))
            usleep(300_000)
            say("helper: \((try? socket.receive()) == .peerGone ? "gone" : "heard")")
            say("helper: \((try? socket.receive()) == .peerGone ? "gone" : "heard")")
            say("helper: left \(socket.receiveRemaining() ?? [])")
            HelperProcess.end()
        }
        try helper.socket.descriptor.waitUntilReadable(upTo: .seconds(20))
        _ = try helper.socket.send([7])
        kill(getpid(), SIGKILL)
    }

    /// What the parent sees of helpers that end, and that none stays a zombie.
    static func ending() throws {
        let quick = try HelperProcess.start(name: "quick") { _ in HelperProcess.end(3) }
        say("quick: \(String(describing: try quick.wait(upTo: .seconds(20))))")
        say("quick: \(try quick.socket.receive())")
        let slow = try HelperProcess.start(name: "slow") { _ in while true { pause() } }
        for signal in [Signal.terminate, .interrupt, .hangup, .user1] { try slow.send(signal) }
        usleep(200_000)
        say("slow: \(String(describing: try slow.reap()))")
        say("slow: \(String(describing: try slow.kill()))")
        for _ in 0..<50 {
            _ = try HelperProcess.start(name: "many") { _ in HelperProcess.end() }.wait(upTo: .seconds(20))
        }
        say("children: \(waitpid(-1, nil, WNOHANG) == -1 && errno == ECHILD ? "none" : "some")")
    }

    /// Drops everything and stays, for others to look at.
    static func dropped() throws {
        try Capabilities.dropAll()
        say("ready")
        while true { pause() }
    }

    /// The bounds of messages.
    static func messages() throws {
        let (one, other) = try MessageSocket.pair(limits: (100, 50))
        try one.setNonBlocking()
        try other.setNonBlocking()
        say("\(try other.receive())")
        say("\(try one.send([UInt8](repeating: 1, count: 50)))")
        say("\(try other.receive() == .message([UInt8](repeating: 1, count: 50)))")
        _ = try one.send([UInt8](repeating: 1, count: 51))
        do { say("\(try other.receive())") } catch { say("\(error)") }
        do { say("\(try one.send([UInt8](repeating: 1, count: 101)))") } catch { say("\(error)") }
        var sent = 0
        while try one.send([1]) == .sent { sent += 1 }
        say("full: \(sent > 10)")
    }

    static func signals() throws {
        let loop = try EventLoop()
        var heard = 0
        let signals = try Signals(on: loop) { signal in
            say("\(signal)")
            heard += 1
            if heard == 4 { loop.stop() }
        }
        for number in [SIGTERM, SIGINT, SIGHUP, SIGUSR1] { kill(getpid(), number) }
        try loop.run()
        withExtendedLifetime(signals) {}
    }

    /// Holds the lock, then shows whether another process gets it, while it lives and after.
    static func lock(_ path: String) throws {
        let holder = try HelperProcess.start(name: "holder") { end in
            let socket = MessageSocket(end)
            guard case .acquired(let lock)? = try? FileLock.acquire(path) else { HelperProcess.end(1) }
            _ = try? socket.send([1])
            while case .message? = try? socket.receive() {}
            _ = consume lock
            HelperProcess.end()
        }
        _ = try holder.socket.receive()
        switch try FileLock.acquire(path) {
        case .acquired: say("acquired too early")
        case .held(let pid): say("held by \(pid == holder.pid ? "holder" : "\(pid)")")
        }
        _ = try holder.kill()
        switch try FileLock.acquire(path) {
        case .acquired: say("acquired")
        case .held(let pid): say("still held by \(pid)")
        }
    }
}
