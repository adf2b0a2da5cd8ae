import Control
import Foundation
import Linux
import Testing

@Suite struct `A control server` {
    let folder = TemporaryFolder()
    var path: String { folder.file("status.sock") }

    private func server(on loop: EventLoop, _ answer: @escaping (String) -> String = { "<\($0)>" }) throws
        -> ControlServer
    {
        try ControlServer(at: path, mode: 0o666, on: loop, answer: answer)
    }

    /// What a client is told, or why it is told nothing.
    private func ask(_ loop: EventLoop, _ request: String = "status") throws -> String? {
        let path = path
        return try whileRunning(loop) {
            do throws(ControlError) {
                return try ControlClient.ask(request, at: path)
            } catch {
                return error.description
            }
        }
    }

    @Test func `answers one line with one document`() throws {
        let loop = try EventLoop()
        let server = try server(on: loop)
        #expect(try ask(loop, "status") == "<status>")
        #expect(try ask(loop, "other") == "<other>")
        _ = server
    }

    @Test func `hands over a document that is larger than any buffer`() throws {
        let loop = try EventLoop()
        let document = String(repeating: "0123456789", count: 100_000)
        let server = try server(on: loop) { _ in document }
        #expect(try ask(loop) == document)
        _ = server
    }

    @Test func `lets the mode decide who may ask`() throws {
        let server = try server(on: try EventLoop())
        #expect(try FileStatus(of: path).permissions == 0o666)
        _ = server
    }

    @Test func `takes the place of one that is dead`() throws {
        // What a killed owner leaves: a name on which nobody listens.
        var dead: ControlServer? = try ControlServer(at: folder.file("dead"), mode: 0o666, on: try EventLoop()) { $0 }
        try FileManager.default.linkItem(atPath: folder.file("dead"), toPath: path)
        dead = nil
        #expect(dead == nil)
        let loop = try EventLoop()
        let server = try server(on: loop)
        #expect(try ask(loop) == "<status>")
        _ = server
    }

    @Test func `leaves one alone that answers`() throws {
        let loop = try EventLoop()
        let first = try server(on: loop)
        let refusal = #expect(throws: ControlError.self) { try server(on: loop) }
        #expect(
            refusal?.description
                == "cannot listen on \(path): another agent answers there; stop it, or set control in this one's file"
        )
        #expect(try ask(loop) == "<status>")
        _ = first
    }

    @Test func `leaves a file alone that is no socket`() throws {
        try Data("precious".utf8).write(to: URL(filePath: path))
        let refusal = #expect(throws: ControlError.self) { try server(on: try EventLoop()) }
        #expect(
            refusal?.description == "cannot listen on \(path): something that is no socket stands there; move it away"
        )
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious")
    }

    @Test func `tells how to make a folder that is missing`() throws {
        let refusal = #expect(throws: ControlError.self) {
            try ControlServer(at: folder.file("none/status.sock"), mode: 0o666, on: try EventLoop()) { $0 }
        }
        let user = User.effective.name
        #expect(
            refusal?.description
                == "cannot listen on \(folder.path)/none/status.sock: No such file or directory; "
                + "type: install -d -m 0755 -o \(user) \(folder.path)/none"
        )
    }

    @Test func `takes its name away when it ends`() throws {
        var server: ControlServer? = try server(on: try EventLoop())
        #expect(FileManager.default.fileExists(atPath: path))
        server = nil
        #expect(server == nil)
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func `makes room for a new client when too many say nothing`() throws {
        let loop = try EventLoop()
        let server = try server(on: loop)
        let silent = try (0..<ControlServer.mostClients + 4).map { _ in Client(try UnixSocket.connect(to: path)) }
        try loop.runFor(milliseconds: 50)
        #expect(silent.filter(\.isClosed).count == 4)
        #expect(try ask(loop) == "<status>")
        #expect(silent.filter(\.isClosed).count == 5)
        _ = server
    }

    @Test func `answers when the answer is there, and others meanwhile`() throws {
        let loop = try EventLoop()
        let server = try ControlServer(at: path, mode: 0o600, on: loop) { line, reply in
            guard line == "slow" else { return reply.send("<\(line)>") }
            loop.schedule(after: .milliseconds(100)) {
                #expect(reply.isAwaited)
                reply.send("late")
                reply.send("later")
            }
        }
        let path = path
        let slow = Box<String>()
        Thread { slow.value = (try? ControlClient.ask("slow", at: path)) ?? "nothing" }.start()
        #expect(try ask(loop, "quick") == "<quick>")
        for _ in 0..<200 where slow.value == nil { try loop.runFor(milliseconds: 5) }
        #expect(slow.value == "late")
        _ = server
    }

    @Test func `forgets a question whose client is gone`() throws {
        let loop = try EventLoop()
        var replies: [ControlReply] = []
        let server = try ControlServer(at: path, mode: 0o600, on: loop) { _, reply in replies.append(reply) }
        do {
            let client = Client(try UnixSocket.connect(to: path))
            _ = try client.descriptor.send(Array("status\n".utf8))
            try loop.runFor(milliseconds: 20)
            #expect(replies.map(\.isAwaited) == [true])
        }
        try loop.runFor(milliseconds: 20)
        #expect(replies.map(\.isAwaited) == [false])
        replies.first?.send("nobody hears it")
        try loop.runFor(milliseconds: 20)
        _ = server
    }

    @Test func `answers a client that has only closed its writing end`() throws {
        let loop = try EventLoop()
        var replies: [ControlReply] = []
        let server = try ControlServer(at: path, mode: 0o600, on: loop) { _, reply in replies.append(reply) }
        let client = Client(try UnixSocket.connect(to: path))
        _ = try client.descriptor.send(Array("status\n".utf8))
        let number = client.descriptor.rawValue
        #expect(shutdown(number, Int32(SHUT_WR)) == 0)
        try loop.runFor(milliseconds: 20)
        try #require(replies.first).send("yes")
        try loop.runFor(milliseconds: 20)
        #expect(try client.descriptor.read(upTo: 10) == Array("yes\n".utf8))
        _ = server
    }

    @Test func `ends with a client that sends too much`() throws {
        let loop = try EventLoop()
        let server = try server(on: loop)
        let client = Client(try UnixSocket.connect(to: path))
        _ = try client.descriptor.send(Array(repeating: UInt8(ascii: "x"), count: ControlServer.longestRequest + 1))
        try loop.runFor(milliseconds: 50)
        #expect(client.isClosed)
        _ = server
    }

    @Test func `ends with a client that never reads its answer`() throws {
        let loop = try EventLoop()
        let document = String(repeating: "x", count: 4_000_000)
        let server = try server(on: loop) { _ in document }
        let client = Client(try UnixSocket.connect(to: path))
        _ = try client.descriptor.send(Array("status\n".utf8))
        for _ in 0..<200 where !client.isHungUp { try loop.runFor(milliseconds: 100) }
        #expect(client.isHungUp)
        #expect(try ask(loop) == document)
        _ = server
    }

    @Test func `lets others in while many come at once`() throws {
        let loop = try EventLoop()
        let server = try server(on: loop)
        var crowd: [Client] = []
        for _ in 0..<500 {
            if let descriptor = try? UnixSocket.connect(to: path) { crowd.append(Client(descriptor)) }
            if crowd.count.isMultiple(of: 50) { try loop.runFor(milliseconds: 5) }
        }
        #expect(try ask(loop) == "<status>")
        #expect(crowd.count { !$0.isHungUp } < ControlServer.mostClients)
        _ = server
    }

    @Test func `does not mind a client that leaves before the answer`() throws {
        let loop = try EventLoop()
        let document = String(repeating: "x", count: 4_000_000)
        let server = try server(on: loop) { _ in document }
        do {
            let client = Client(try UnixSocket.connect(to: path))
            _ = try client.descriptor.send(Array("status\n".utf8))
            try loop.runFor(milliseconds: 20)
        }
        try loop.runFor(milliseconds: 20)
        #expect(try ask(loop) == document)
        _ = server
    }
}

@Suite struct `A control client` {
    @Test func `says what to do where nobody answers`() throws {
        let folder = TemporaryFolder()
        let path = folder.file("status.sock")
        let error = #expect(throws: ControlError.self) { try ControlClient.ask("status", at: path) }
        #expect(
            error?.description
                == "no agent to ask at \(path); start it, or name its socket with --socket or its file with --config"
        )
    }

    @Test func `does not wait for ever for an agent that is stopped`() throws {
        let folder = TemporaryFolder()
        let path = folder.file("status.sock")
        let listener = try UnixListener(at: path, mode: 0o600)
        let error = #expect(throws: ControlError.self) {
            try ControlClient.ask("status", at: path, waitingUpTo: .milliseconds(50))
        }
        #expect(error?.description == "the agent at \(path) does not answer; is it stopped or overloaded?")
        _ = listener
    }
}

/// A connection in a class, so that there can be several in an array.
final class Client {
    let descriptor: FileDescriptor

    init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }

    /// Whatever there is to read.
    var isHungUp: Bool {
        var state = pollfd(fd: descriptor.rawValue, events: 0, revents: 0)
        return unsafe poll(&state, 1, 0) == 1 && Int32(state.revents) & POLLHUP != 0
    }

    var isClosed: Bool {
        do throws(Errno) {
            return try descriptor.read(upTo: 1).isEmpty
        } catch {
            return error != .wouldBlock
        }
    }
}
