import Linux

/// One client of a `ControlServer`, from its request to the last byte of the answer.
final class ControlConnection {
    private enum State {
        case reading([UInt8])
        case writing(ArraySlice<UInt8>)
        case ended
    }

    private let loop: EventLoop
    private let answer: ControlServer.Answer
    private let onEnd: (ControlConnection) -> Void
    /// Nil where the kernel does not tell.
    private let peer: UnixPeer?
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
        registration = try? loop.watch(descriptor) { [weak self] _ in self?.proceed() }
        self.descriptor = consume descriptor
        timeout = loop.schedule(after: ControlServer.patience) { [weak self] in self?.finish() }
    }

    /// Closes without telling the owner.
    func end() {
        if let registration { loop.ignore(registration) }
        if let timeout { loop.cancel(timeout) }
        registration = nil
        descriptor = nil
        state = .ended
    }

    private func finish() {
        end()
        onEnd(self)
    }

    private func proceed() {
        do throws(Errno) {
            switch state {
            case .reading(let request): try read(request)
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
            let line = String(decoding: all[..<end], as: UTF8.self)
            state = .writing(ArraySlice((answer(line, peer) + "\n").utf8))
            if let registration { try loop.rewatch(registration, for: .writable) }
        } else if more.isEmpty || all.count > ControlServer.longestRequest {
            finish()
        } else {
            state = .reading(all)
        }
    }

    private func write(_ rest: ArraySlice<UInt8>) throws(Errno) {
        let count = try descriptor?.send(rest.prefix(65536)) ?? 0
        state = .writing(rest.dropFirst(count))
        if count == rest.count { finish() }
    }
}
