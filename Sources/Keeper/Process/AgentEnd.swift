import Linux

/// The keeper's end of the pair: requests come in, reports go out, and the agent's death is final.
final class AgentEnd {
    /// Requests read before the clock is looked at again.
    static let batch = 64
    /// Reports that wait for a slow agent; log lines are the first to be lost.
    static let capacity = 4_096

    private let socket: MessageSocket
    private let loop: EventLoop
    private var registration: EventLoop.Registration?
    private var isGone = false
    private var waiting: [KeeperReport] = []

    init(_ socket: MessageSocket, on loop: EventLoop, _ handler: @escaping ([KeeperEvent]) -> Void) throws(Errno) {
        self.socket = socket
        self.loop = loop
        try socket.setNonBlocking()
        registration = try loop.watch(socket.descriptor) { [unowned self] readiness in
            if readiness.contains(.writable) { flush() }
            if readiness != .writable { handler(receive()) }
        }
    }

    /// What has come; once the agent is gone `agentGone`, once, and nothing any more.
    ///
    /// A message is obeyed only if its sender still lives after it was read: what a dead agent had queued is not
    /// looked at. What cannot be understood was not sent by an agent that can be trusted: it counts as gone.
    func receive() -> [KeeperEvent] {
        var events: [KeeperEvent] = []
        while !isGone, events.count < Self.batch {
            guard case .message(let bytes) = outcome() else {
                if isGone { events.append(.agentGone) }
                return events
            }
            guard let request = try? KeeperRequest(decoding: bytes) else {
                lose()
                return events + [.agentGone]
            }
            events.append(.requested(request))
        }
        return events
    }

    private func outcome() -> MessageSocket.Received {
        let received = (try? socket.receive()) ?? .peerGone
        guard received == .peerGone || socket.isHungUp else { return received }
        lose()
        return .peerGone
    }

    private func lose() {
        isGone = true
        if let registration { loop.ignore(registration) }
        registration = nil
    }
}

// MARK: - Reports

extension AgentEnd {
    /// Never waits: an agent that does not read must not keep the keeper from its deadlines.
    func send(_ report: KeeperReport) {
        if isGone { return }
        if waiting.isEmpty, offer(report) { return }
        if case .notice = report, waiting.count >= Self.capacity / 2 { return }
        guard waiting.count < Self.capacity else { return }
        waiting.append(report)
    }

    /// Waits a second at most for the agent to take what is left: the keeper is about to exit.
    func finish() {
        for _ in 0..<100 where !waiting.isEmpty && !isGone {
            flush()
            Clock.sleep(for: .milliseconds(10))
        }
    }

    private func flush() {
        while let first = waiting.first, offer(first) { waiting.removeFirst() }
        if waiting.isEmpty { watch(for: .readable) }
    }

    /// Whether it needs to be offered again.
    private func offer(_ report: KeeperReport) -> Bool {
        let outcome = (try? socket.send(report.encoded())) ?? .peerGone
        if outcome == .full { watch(for: [.readable, .writable]) }
        // That the agent is gone is found by reading.
        return outcome != .full
    }

    private func watch(for readiness: EventLoop.Readiness) {
        if let registration { try? loop.rewatch(registration, for: readiness) }
    }
}
