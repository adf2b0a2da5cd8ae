package import Linux
internal import Time

/// HTTP/1.1 over libmicrohttpd in our own loop: no thread, no log of its own.
///
/// Bounded everywhere, since anyone who reaches the port may connect and say nothing, or read nothing: so many clients, of
/// whom the one that has got nothing done for the longest makes room for a new one, so many bytes of a request, and so long
/// a time between any two of: connected, asked, answered.
package final class HTTPServer {
    package struct Limits: Sendable {
        package var clients: UInt32 = 256
        /// Who was hung up on leaves a moment later; meanwhile others may come in.
        let leaving: UInt32 = 32
        /// For the request and the headers of the answer; a longer request is refused with 414 or 431.
        package var bytesPerClient = 16384
        /// Longer than the usual interval of a scraper, which likes to keep its connection.
        package var patience: Duration = .seconds(20)

        package init() {}
    }

    package typealias Answer = (HTTPExchange) -> Void

    private let loop: EventLoop
    private let limits: Limits
    private let answer: Answer
    private var daemon: Daemon?
    private var epoll: FileDescriptor?
    private var registration: EventLoop.Registration?
    private var timer: EventLoop.TimerID?
    private var sweep: EventLoop.TimerID?
    private var clients: [Connection: Client] = [:]
    /// Clients that were hung up on; a metric.
    package private(set) var evicted = 0

    private struct Client {
        /// When it last connected, asked or had its answer.
        var progress: Instant
        var exchange: HTTPExchange?

        /// Whoever waits for us is not to blame.
        var mayBeHungUpOn: Bool { exchange?.isSuspended != true }
    }

    /// Takes over the listener. Every exchange that `answer` gets must be responded to at some time, and `stop` called before
    /// the server is let go.
    package init(
        _ listener: consuming TCPListener,
        on loop: EventLoop,
        limits: Limits = Limits(),
        answer: @escaping Answer
    ) throws(Errno) {
        self.loop = loop
        self.limits = limits
        self.answer = answer
        guard let daemon = Daemon(listener, limits: limits, telling: self) else { throw .noBufferSpace }
        self.daemon = daemon
        let epoll = try FileDescriptor(duplicating: daemon.epoll)
        registration = try loop.watch(epoll) { [weak self] _ in self?.run() }
        self.epoll = consume epoll
        sweepLater()
    }

    /// How many are connected now.
    package var clientCount: Int { clients.count }

    /// Answers what is being answered, at most for `bound`, then closes everything.
    package func stop(within bound: Duration, then finish: @escaping () -> Void) {
        daemon?.closeListener()
        let isIdle = clients.values.allSatisfy { $0.exchange == nil }
        guard !isIdle, bound > .zero else {
            close()
            return finish()
        }
        let step = Duration.milliseconds(20)
        loop.schedule(after: step) { self.stop(within: bound - step, then: finish) }
    }

    private func close() {
        for exchange in clients.values.compactMap(\.exchange) where exchange.isSuspended {
            exchange.respond(with: HTTPResponse(status: 503, headers: [], body: []))
        }
        run()
        for id in [timer, sweep].compactMap(\.self) { loop.cancel(id) }
        if let registration { loop.ignore(registration) }
        (timer, sweep, registration) = (nil, nil, nil)
        epoll = nil
        daemon = nil
    }

    private func run() {
        guard let daemon else { return }
        daemon.run()
        if let timer { loop.cancel(timer) }
        timer = daemon.wait.map { wait in loop.schedule(after: wait) { [weak self] in self?.run() } }
    }
}

// MARK: - Clients

extension HTTPServer {
    private func sweepLater() {
        sweep = loop.schedule(after: .seconds(1)) { [weak self] in
            self?.sweepNow()
            self?.sweepLater()
        }
    }

    private func sweepNow() {
        let now = Clock.now()
        for (connection, client) in clients
        where client.mayBeHungUpOn && now.longestElapsed(since: client.progress) > limits.patience {
            hangUp(connection)
        }
    }

    private func hangUp(_ connection: Connection) {
        evicted += 1
        // Not again in the next sweep, where the daemon is not done with it yet.
        clients[connection]?.progress = Clock.now()
        connection.hangUp()
    }

    private func makeRoom() {
        guard clients.count >= limits.clients else { return }
        let idlest = clients.filter(\.value.mayBeHungUpOn).min { one, other in
            one.value.progress.boottime < other.value.progress.boottime
        }
        if let idlest { hangUp(idlest.key) }
    }
}

// MARK: - What the daemon tells

extension HTTPServer {
    func connected(_ connection: Connection) {
        makeRoom()
        clients[connection] = Client(progress: Clock.now())
    }

    func disconnected(_ connection: Connection) {
        clients[connection] = nil
        // A daemon that was full looks at its listener again only when it is run again.
        if clients.count >= limits.clients { runSoon() }
    }

    /// The headers of a request are there.
    func heard(_ request: HTTPRequest, on connection: Connection) -> HTTPExchange {
        let exchange = HTTPExchange(request, on: connection) { [weak self] in self?.runSoon() }
        clients[connection]?.exchange = exchange
        return exchange
    }

    /// The request is whole, or its answer is.
    func proceed(_ exchange: HTTPExchange) -> Bool {
        clients[exchange.connection]?.progress = Clock.now()
        return exchange.proceed(answer)
    }

    func ended(_ exchange: HTTPExchange) {
        exchange.end()
        clients[exchange.connection]?.progress = Clock.now()
        clients[exchange.connection]?.exchange = nil
    }

    /// Not at once: whoever answers may be called by the daemon itself.
    private func runSoon() {
        loop.schedule(after: .zero) { [weak self] in self?.run() }
    }
}
