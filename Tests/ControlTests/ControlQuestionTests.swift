import Control
import Linux
import Testing
import Time

@Suite struct `A question without waiting` {
    let folder = TemporaryFolder()

    /// What comes of asking somebody who does with each client what `serve` says.
    private func ask(
        waitingUpTo bound: Duration = .seconds(10),
        _ serve: ((borrowing FileDescriptor, EventLoop) throws -> Bool)?
    ) throws -> ControlQuestion.Outcome? {
        let loop = try EventLoop()
        let path = folder.file("status.sock")
        let listener = try serve.map { _ in try UnixListener(at: path, mode: 0o600) }
        var outcome: ControlQuestion.Outcome?
        _ = ControlQuestion("status", at: path, on: loop, waitingUpTo: bound) { outcome = $0 }
        #expect(outcome == nil)
        var isServing = true
        for _ in 0..<2000 where outcome == nil && isServing {
            guard let client = try listener?.accept() else {
                try loop.runFor(milliseconds: 5)
                continue
            }
            isServing = try serve?(client, loop) ?? true
        }
        for _ in 0..<2000 where outcome == nil { try loop.runFor(milliseconds: 5) }
        return outcome
    }

    @Test func `gets a document that comes in pieces`() throws {
        let outcome = try ask { client, loop in
            #expect(try client.read(upTo: 100) == Array("status\n".utf8))
            _ = try client.send(Array("{\"a\":".utf8))
            try loop.runFor(milliseconds: 20)
            _ = try client.send(Array("1}\n".utf8))
            return false
        }
        #expect(outcome == .answer("{\"a\":1}"))
    }

    @Test func `finds nobody`() throws {
        let path = folder.file("status.sock")
        #expect(
            try ask(nil)
                == .failure(
                    .absent,
                    "no agent to ask at \(path); start it, or name its socket with --socket or its file with --config"
                )
        )
    }

    @Test func `takes half an answer for none`() throws {
        let outcome = try ask { client, _ in
            _ = try client.send(Array("{\"a\":1}".utf8))
            return false
        }
        #expect(outcome?.failure == .broken)
    }

    @Test func `waits for nobody who says nothing`() throws {
        let outcome = try ask(waitingUpTo: .milliseconds(50)) { _, loop in
            try loop.runFor(milliseconds: 100)
            return false
        }
        #expect(outcome?.failure == .silent)
    }

    @Test func `listens to nobody who never ends`() throws {
        let flood = [UInt8](repeating: 0x20, count: 65536)
        let outcome = try ask { client, loop in
            for _ in 0..<1000 {
                do throws(Errno) {
                    _ = try client.send(flood)
                } catch {
                    if error != .wouldBlock { break }
                }
                try loop.runFor(milliseconds: 1)
            }
            return false
        }
        #expect(outcome?.failure == .broken)
    }
}

extension ControlQuestion.Outcome {
    fileprivate var failure: ControlQuestion.Failure? {
        if case .failure(let failure, _) = self { failure } else { nil }
    }
}
