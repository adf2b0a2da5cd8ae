package import Linux

/// Answers questions on a unix socket: a line comes in, a document goes out, and the connection ends.
///
/// Bounded everywhere, since anyone whom the file's mode lets in may connect and say nothing: so many clients, of whom
/// one makes room for a new one, a request of so many bytes, and so long a time for both directions and for the answer.
package final class ControlServer {
    package static let mostClients = 16
    package static let longestRequest = 1024
    static let patience: Duration = .seconds(5)
    /// How long an answer may be waited for. Whoever answers should give up before and say why.
    package static let longestWait: Duration = .seconds(15)
    static let tooLate = JSONValue.object([
        .init("error", .string("there was no answer within \(longestWait.components.seconds) s"))
    ]).text
    /// For the process to get descriptors again; a listener that is ready all the while would keep the loop busy.
    private static let pause: Duration = .seconds(1)
    /// Clients that are let in before the listener rests a moment: a thousand a second, so that a crowd at the door takes no
    /// time from the election.
    private static let burst = 10
    private static let breath: Duration = .milliseconds(10)

    private let loop: EventLoop
    private let listener: UnixListener
    private let answer: Answer
    private var registration: EventLoop.Registration?
    /// In the order in which they came.
    private var clients: [ControlConnection] = []
    private var acceptedSinceRest = 0

    /// Takes a request without its line end, and where the whole document goes, now or later.
    package typealias Answer = (String, ControlReply) -> Void

    /// For what is answered at once.
    package convenience init(
        at path: String,
        mode: UInt32,
        on loop: EventLoop,
        answer: @escaping (String) -> String
    ) throws(ControlError) {
        try self.init(at: path, mode: mode, on: loop) { (request, reply: ControlReply) in reply.send(answer(request)) }
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
    package static func questions(
        at path: String,
        on loop: EventLoop,
        answer: @escaping Answer
    ) throws(ControlError) -> ControlServer {
        try ControlServer(at: path, mode: 0o666, on: loop, answer: answer)
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
            makeRoom()
            let client = ControlConnection(descriptor, on: loop, answer: answer) { [weak self] ended in
                self?.clients.removeAll { $0 === ended }
            }
            clients.append(client)
            acceptedSinceRest += 1
            if acceptedSinceRest == Self.burst { rest(for: Self.breath) }
        } catch {
            rest(for: Self.pause)
        }
    }

    /// The oldest connection of the user who has most of them goes: so nobody keeps the others out.
    private func makeRoom() {
        guard clients.count >= Self.mostClients else { return }
        let counts = Dictionary(clients.map { ($0.peer?.user, 1) }, uniquingKeysWith: +)
        let most = counts.values.max()
        guard let place = clients.firstIndex(where: { counts[$0.peer?.user] == most }) else { return }
        clients.remove(at: place).end()
    }

    private func rest(for time: Duration) {
        if let registration { loop.ignore(registration) }
        registration = nil
        acceptedSinceRest = 0
        loop.schedule(after: time) { [weak self] in self?.listen() }
    }
}
