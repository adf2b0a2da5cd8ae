package import Linux

/// The agent's end of the keeper: forks it, speaks to it, and in the last resort makes sure that it is dead.
package final class KeeperLink {
    package enum Event: Hashable, Sendable {
        case reported(KeeperReport)
        /// The keeper is gone, or says what no keeper says: once, and nothing after it.
        case gone
    }

    private let process: HelperProcess
    private var channel: MessageChannel?

    /// Requests that wait for a keeper which does not read. It always reads, so it is frozen, and soon given up.
    private static let capacity = 1_024

    package var pid: Int32 { process.pid }

    /// For the event loop to watch: readable when the keeper has ended.
    package var exitDescriptor: FileDescriptor { _read { yield process.exitDescriptor } }

    /// Forks the keeper. Call it while the capabilities are there and there is one thread only.
    ///
    /// `loadPlan` runs in a short-lived child of the keeper without capabilities, now and for each reload. Where it answers nil
    /// now, the keeper exits
    /// without a word: the agent finds the same mistakes in the configuration and prints them.
    package static func start(loadPlan: @escaping () -> LoadedPlan?) throws(Errno) -> KeeperLink {
        KeeperLink(try HelperProcess.start(name: "vip-keeper") { end in KeeperProcess.run(end, loadPlan) })
    }

    private init(_ process: HelperProcess) { self.process = process }

    /// Blocks until the keeper has started or given up: `ready`, `refused` or `gone`. What it says before is handed on.
    package func awaitStart(_ note: (KeeperReport) -> Void) -> Event {
        while true {
            switch try? process.socket.receive() {
            case .nothingYet: continue
            case .peerGone, nil: return .gone
            case .message(let bytes):
                guard let report = try? KeeperReport(decoding: bytes) else { return .gone }
                switch report {
                case .notice, .link, .contested, .tallied, .late, .prepared: note(report)
                case .ready, .refused, .held, .assigning, .released, .expired, .overran, .allOff, .unprepared, .adopted,
                    .settled:
                    return .reported(report)
                }
            }
        }
    }

    /// Calls `handler` from `loop` with whatever the keeper says, beginning with `ready` or `refused`.
    package func attach(to loop: EventLoop, _ handler: @escaping (Event) -> Void) throws(Errno) {
        channel = try MessageChannel(process.socket, on: loop, capacity: Self.capacity) { [weak self] event in
            switch event {
            case .gone: handler(.gone)
            case .message(let bytes):
                if let report = try? KeeperReport(decoding: bytes) { return handler(.reported(report)) }
                self?.channel?.close()
                handler(.gone)
            }
        }
    }

    /// Sends now, or as soon as the keeper has room; only once attached. False: the request is lost, since the keeper is
    /// gone or too far behind to be waited for.
    package func send(_ request: KeeperRequest) -> Bool { channel?.send(request.encoded()) ?? false }

    /// After `Signal.kill` and `reap()` nothing is installed, and the kernel's lifetimes take off what is on.
    package func send(_ signal: Signal) throws(Errno) { try process.send(signal) }

    /// How the keeper ended; nil while it lives.
    package func reap() throws(Errno) -> ExitStatus? { try process.reap() }
}
