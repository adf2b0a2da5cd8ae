package import Linux

/// The agent's end of the keeper: forks it, speaks to it, and in the last resort makes sure that it is dead.
package final class KeeperLink {
    package enum Event: Hashable, Sendable {
        case reported(KeeperReport)
        /// The keeper is gone, or says what no keeper says: once, and nothing after it.
        case gone
    }

    private let process: HelperProcess
    private var loop: EventLoop?
    private var registration: EventLoop.Registration?
    /// What the keeper has not taken yet. It always reads, so this fills only while it is frozen.
    private var waiting: [[UInt8]] = []

    /// Bound of `waiting`; a keeper that far behind is lost.
    private static let capacity = 1_024
    /// Reports handled in one round of the loop.
    private static let batch = 64

    package var pid: Int32 { process.pid }

    /// For the event loop to watch: readable when the keeper has ended.
    package var exitDescriptor: FileDescriptor { _read { yield process.exitDescriptor } }

    /// Forks the keeper. Call it while the capabilities are there and there is one thread only.
    ///
    /// `loadPlan` runs in a short-lived child of the keeper without capabilities. Where it answers nil the keeper exits
    /// without a word: the agent finds the same mistakes in the configuration and prints them.
    package static func start(loadPlan: () -> KeeperPlan?) throws(Errno) -> KeeperLink {
        KeeperLink(try HelperProcess.start(name: "vip-keeper") { end in KeeperProcess.run(end, loadPlan) })
    }

    private init(_ process: HelperProcess) { self.process = process }

    deinit { detach() }

    /// Blocks until the keeper has started or given up: `ready`, `refused` or `gone`. Notices before are handed on.
    package func awaitStart(_ note: (KeeperNotice) -> Void) -> Event {
        while true {
            switch try? process.socket.receive() {
            case .nothingYet: continue
            case .peerGone, nil: return .gone
            case .message(let bytes):
                guard let report = try? KeeperReport(decoding: bytes) else { return .gone }
                guard case .notice(let notice) = report else { return .reported(report) }
                note(notice)
            }
        }
    }

    /// Calls `handler` from `loop` with whatever the keeper says, beginning with `ready` or `refused`.
    package func attach(to loop: EventLoop, _ handler: @escaping (Event) -> Void) throws(Errno) {
        self.loop = loop
        try process.socket.setNonBlocking()
        registration = try loop.watch(process.socket.descriptor) { [weak self] readiness in
            if readiness.contains(.writable) { self?.flush() }
            if readiness != .writable { self?.receive(handler) }
        }
    }

    /// Sends now, or as soon as the keeper has room. False: the keeper is gone, or too far behind to be waited for.
    @discardableResult
    package func send(_ request: KeeperRequest) -> Bool {
        let bytes = request.encoded()
        if waiting.isEmpty, let isSent = offer(bytes) { return isSent }
        guard waiting.count < Self.capacity else { return false }
        waiting.append(bytes)
        return true
    }

    /// Kills the keeper and waits until it has ended: from then on nothing is installed, and the kernel's lifetimes take
    /// off what is on. False where it still lives after `bound`.
    package func kill(waitingUpTo bound: Duration = .seconds(5)) throws(Errno) -> Bool {
        try process.kill(waitingUpTo: bound) != nil
    }

    package func send(_ signal: Signal) throws(Errno) { try process.send(signal) }

    /// How the keeper ended; nil while it lives.
    package func reap() throws(Errno) -> ExitStatus? { try process.reap() }
}

extension KeeperLink {
    private func receive(_ handler: (Event) -> Void) {
        for _ in 0..<Self.batch where registration != nil {
            switch try? process.socket.receive() {
            case .nothingYet: return
            case .message(let bytes):
                guard let report = try? KeeperReport(decoding: bytes) else { return lose(handler) }
                handler(.reported(report))
            case .peerGone, nil: lose(handler)
            }
        }
    }

    private func lose(_ handler: (Event) -> Void) {
        detach()
        handler(.gone)
    }

    private func detach() {
        if let registration { loop?.ignore(registration) }
        registration = nil
    }

    /// Whether it was sent; nil where there is no room yet.
    private func offer(_ bytes: [UInt8]) -> Bool? {
        switch (try? process.socket.send(bytes)) ?? .peerGone {
        case .sent: return true
        case .peerGone: return false
        case .full:
            listen(for: [.readable, .writable])
            return nil
        }
    }

    private func flush() {
        while let first = waiting.first, offer(first) != nil { waiting.removeFirst() }
        if waiting.isEmpty { listen(for: .readable) }
    }

    private func listen(for readiness: EventLoop.Readiness) {
        if let registration { try? loop?.rewatch(registration, for: readiness) }
    }
}
