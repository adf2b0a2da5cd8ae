import Linux

/// One client of a `ControlServer`, from its request to the last byte of the answer.
final class ControlConnection {
    private enum State {
        case reading([UInt8])
        /// The answer takes its time; the client may go away meanwhile.
        case waiting(ControlReply)
        case writing(ArraySlice<UInt8>)
        case ended
    }

    /// Nil where the kernel does not tell.
    let peer: UnixPeer?
    private let loop: EventLoop
    private let answer: ControlServer.Answer
    private let onEnd: (ControlConnection) -> Void
    private var descriptor: FileDescriptor?
    private var registration: EventLoop.Registration?
    private var timeout: EventLoop.TimerID?
    private var state = State.reading([])

    init(
        _ descriptor: consuming FileDescriptor,
        on loop: EventLoop,
        answer: @escaping ControlServer.Answer,
        onEnd: @escaping (ControlConnection) -> Void
    ) {
        self.loop = loop
        self.answer = answer
        self.onEnd = onEnd
        peer = try? UnixPeer(of: descriptor)
        registration = try? loop.watch(descriptor) { [weak self] in self?.proceed($0) }
        self.descriptor = consume descriptor
        limit(to: ControlServer.patience) { $0.finish() }
    }

    /// Closes without telling the owner.
    func end() {
        if let registration { loop.ignore(registration) }
        if let timeout { loop.cancel(timeout) }
        if case .waiting(let reply) = state { reply.abandon() }
        (registration, timeout) = (nil, nil)
        descriptor = nil
        state = .ended
    }

    private func finish() {
        end()
        onEnd(self)
    }

    /// Each part of a conversation has a time of its own.
    private func limit(to patience: Duration, _ act: @escaping (ControlConnection) -> Void) {
        if let timeout { loop.cancel(timeout) }
        timeout = loop.schedule(after: patience) { [weak self] in
            guard let self else { return }
            timeout = nil
            act(self)
        }
    }

    private func proceed(_ readiness: EventLoop.Readiness) {
        do throws(Errno) {
            switch state {
            case .reading(let request): try read(request)
            // Only a client that is gone makes it ready now: one that has closed its writing end is still answered.
            case .waiting: finish()
            case .writing(let rest): try write(rest)
            case .ended: break
            }
        } catch {
            // The client went away: it is no matter of ours.
            if error != .wouldBlock { finish() }
        }
    }

    private func read(_ request: [UInt8]) throws(Errno) {
        let more = try descriptor?.read(upTo: ControlServer.longestRequest) ?? []
        let all = request + more
        if let end = all.firstIndex(of: UInt8(ascii: "\n")) {
            try ask(String(decoding: all[..<end], as: UTF8.self))
        } else if more.isEmpty || all.count > ControlServer.longestRequest {
            finish()
        } else {
            state = .reading(all)
        }
    }

    private func ask(_ line: String) throws(Errno) {
        let reply = ControlReply(to: peer) { [weak self] in self?.begin($0) }
        state = .waiting(reply)
        if let registration { try loop.rewatch(registration, for: []) }
        limit(to: ControlServer.longestWait) { _ in reply.send(ControlServer.tooLate) }
        answer(line, reply)
    }

    private func begin(_ document: String) {
        guard case .waiting = state else { return }
        state = .writing(ArraySlice((document + "\n").utf8))
        limit(to: ControlServer.patience) { $0.finish() }
        do throws(Errno) {
            if let registration { try loop.rewatch(registration, for: .writable) }
        } catch {
            finish()
        }
    }

    private func write(_ rest: ArraySlice<UInt8>) throws(Errno) {
        let count = try descriptor?.send(rest.prefix(65536)) ?? 0
        state = .writing(rest.dropFirst(count))
        if count == rest.count { finish() }
    }
}
