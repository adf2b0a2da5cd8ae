package import Linux

/// Answers questions on a unix socket: a line comes in, a document goes out, and the connection ends.
///
/// Bounded everywhere, since anyone whom the file's mode lets in may connect and say nothing: so many clients, of whom
/// the longest connected makes room for a new one, a request of so many bytes, and so long a time for both directions.
package final class ControlServer {
    package static let mostClients = 16
    package static let longestRequest = 1024
    static let patience: Duration = .seconds(5)
    /// For the process to get descriptors again; a listener that is ready all the while would keep the loop busy.
    private static let pause: Duration = .seconds(1)

    private let loop: EventLoop
    private let listener: UnixListener
    private let answer: Answer
    private var registration: EventLoop.Registration?
    /// In the order in which they came.
    private var clients: [ControlConnection] = []

    /// Takes a request without its line end, and who made it, and returns the whole document.
    package typealias Answer = (String, UnixPeer?) -> String

    package convenience init(
        at path: String,
        mode: UInt32,
        on loop: EventLoop,
        answer: @escaping (String) -> String
    ) throws(ControlError) {
        try self.init(at: path, mode: mode, on: loop) { request, _ in answer(request) }
    }

    package init(at path: String, mode: UInt32, on loop: EventLoop, answer: @escaping Answer) throws(ControlError) {
        do {
            listener = try UnixListener(at: path, mode: mode)
        } catch {
            throw ControlError(listening: path, error)
        }
        self.loop = loop
        self.answer = answer
        listen()
    }

    /// Anyone on the machine may read the status.
    package static func status(
        at path: String,
        on loop: EventLoop,
        report: @escaping () -> StatusReport
    ) throws(ControlError) -> ControlServer {
        try ControlServer(at: path, mode: 0o666, on: loop) { request in
            guard request == StatusReport.request else { return #"{"error":"unknown request; expected status"}"# }
            return report().json
        }
    }

    deinit {
        if let registration { loop.ignore(registration) }
        for client in clients { client.end() }
    }

    private func listen() {
        registration = try? loop.watch(listener.descriptor) { [weak self] _ in self?.acceptOne() }
    }

    private func acceptOne() {
        do throws(Errno) {
            guard let descriptor = try listener.accept() else { return }
            if clients.count == Self.mostClients { clients.removeFirst().end() }
            let client = ControlConnection(descriptor, on: loop, answer: answer) { [weak self] ended in
                self?.clients.removeAll { $0 === ended }
            }
            clients.append(client)
        } catch {
            rest()
        }
    }

    private func rest() {
        if let registration { loop.ignore(registration) }
        registration = nil
        loop.schedule(after: Self.pause) { [weak self] in self?.listen() }
    }
}
