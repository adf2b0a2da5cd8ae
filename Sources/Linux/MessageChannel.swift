internal import Time

/// A message socket in an event loop: hands on what comes, and keeps in order what the other side cannot take yet.
package final class MessageChannel {
    package enum Event: Hashable, Sendable {
        case message([UInt8])
        /// The other side is gone; comes once, and nothing after it.
        case gone
    }

    /// How many messages wait here for the other side; beyond it `send(_:)` refuses.
    package let capacity: Int
    /// Called when the other side has taken everything after it had fallen behind.
    package var whenDrained: () -> Void = {}

    private let socket: MessageSocket
    private let loop: EventLoop
    private let handler: (Event) -> Void
    private var registration: EventLoop.Registration?
    private var waiting: ArraySlice<[UInt8]> = []
    private var isBehind = false
    private var isPaused = false

    /// Messages handled in one round of the loop, so that no talkative process starves the others.
    private let batch: Int

    /// - Parameters:
    ///   - capacity: 0 keeps nothing: what the kernel's queue has no room for is refused.
    ///   - batch: How many messages are handled before timers and others have their turn.
    package init(
        _ socket: MessageSocket,
        on loop: EventLoop,
        capacity: Int,
        batch: Int = 64,
        _ handler: @escaping (Event) -> Void
    ) throws(Errno) {
        self.socket = socket
        self.loop = loop
        self.capacity = capacity
        self.batch = batch
        self.handler = handler
        try socket.setNonBlocking()
        registration = try loop.watch(socket.descriptor) { [weak self] readiness in self?.attend(readiness) }
    }

    deinit { close() }

    package var isClosed: Bool { registration == nil }

    /// Whether messages wait, here or because the kernel refused the last one.
    package var isBackedUp: Bool { isBehind }

    /// Sends now or as soon as the other side has room. False: the message is lost, since too many wait or nobody hears.
    package func send(_ message: [UInt8]) -> Bool {
        guard !isClosed else { return false }
        if !isBehind, offer(message) { return true }
        guard !isClosed, message.count <= socket.limit, waiting.count < capacity else { return false }
        waiting.append(message)
        return true
    }

    /// Reads nothing more until `resume()`: the other side is to wait. Its end is seen later, too.
    package func pause() { setPaused(true) }

    package func resume() { setPaused(false) }

    private func setPaused(_ isPaused: Bool) {
        self.isPaused = isPaused
        updateReadiness()
    }

    /// Gives what waits to the other side, and blocks for that at most for `bound`.
    package func flush(upTo bound: Duration) {
        let end = Clock.now() + bound
        while !isClosed, let first = waiting.first {
            if offer(first) {
                waiting.removeFirst()
            } else {
                let left = Deadline.timer(end).remaining(at: Clock.now())
                guard left > .zero, (try? socket.descriptor.waitUntilWritable(upTo: left)) != nil else { return }
            }
        }
    }

    /// Stops listening and sending; the socket stays its owner's.
    package func close() {
        if let registration { loop.ignore(registration) }
        registration = nil
        waiting = []
    }

    private func attend(_ readiness: EventLoop.Readiness) {
        if readiness.contains(.writable) { drain() }
        // Whoever is gone writes nothing more, and its hang-up comes whether asked for or not.
        if isPaused, !readiness.isDisjoint(with: [.hangup, .failed]) { resume() }
        if readiness != .writable { receive() }
    }

    private func receive() {
        for _ in 0..<batch where !isClosed && !isPaused {
            switch try? socket.receive() {
            case .message(let message): handler(.message(message))
            case .nothingYet: return
            // An oversized message or an error that sockets never have: whoever sends that is not to be trusted.
            case .peerGone, nil: lose()
            }
        }
    }

    /// Whether the kernel took the message.
    private func offer(_ message: [UInt8]) -> Bool {
        guard let outcome = try? socket.send(message) else { return false }
        if outcome == .full { listenForRoom(true) }
        // Its last words may still be queued for us: reading finds the end, not writing.
        return outcome == .sent
    }

    private func drain() {
        isBehind = false
        while let first = waiting.first, offer(first) { waiting.removeFirst() }
        guard waiting.isEmpty, !isBehind else { return }
        listenForRoom(false)
        whenDrained()
    }

    private func listenForRoom(_ isBehind: Bool) {
        self.isBehind = isBehind
        updateReadiness()
    }

    private func updateReadiness() {
        guard let registration else { return }
        var wanted: EventLoop.Readiness = isPaused ? [] : .readable
        if isBehind { wanted.insert(.writable) }
        try? loop.rewatch(registration, for: wanted)
    }

    private func lose() {
        close()
        handler(.gone)
    }
}
