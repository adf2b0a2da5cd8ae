/// One request and its answer, which may come later: the client waits as long.
package final class HTTPExchange {
    package let request: HTTPRequest
    let connection: Connection
    private var state = State.heard
    private let onResumed: () -> Void

    private enum State {
        case heard
        /// Somebody is asked for the answer and has not returned yet.
        case asked
        /// The daemon holds the connection back.
        case suspended
        case answered(HTTPResponse)
        /// The client has its answer, or is gone.
        case ended
    }

    init(_ request: HTTPRequest, on connection: Connection, onResumed: @escaping () -> Void) {
        self.request = request
        self.connection = connection
        self.onResumed = onResumed
    }

    /// Answers; only the first answer counts.
    package func respond(with response: HTTPResponse) {
        switch state {
        case .heard, .asked: state = .answered(response)
        case .suspended:
            state = .answered(response)
            connection.resume()
            onResumed()
        case .answered, .ended: break
        }
    }

    var isSuspended: Bool { if case .suspended = state { true } else { false } }

    /// Called whenever the daemon wants to go on: asks once, then waits or answers. False where it can only hang up.
    func proceed(_ ask: (HTTPExchange) -> Void) -> Bool {
        if case .heard = state {
            state = .asked
            ask(self)
        }
        guard case .answered(let response) = state else {
            state = .suspended
            connection.suspend()
            return true
        }
        return connection.queue(response)
    }

    func end() { state = .ended }
}
