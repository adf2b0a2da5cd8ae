package import Linux
internal import Time

/// Asks an agent without waiting, for a program that has a loop: one line goes out, a document comes in.
package final class ControlQuestion {
    /// 10,000 VIPs take some 700 kB.
    package static let longestAnswer = 4 << 20

    /// Why there is no document; the raw value is for whoever counts them.
    package enum Failure: String, Hashable, Sendable, CaseIterable {
        /// Nobody listens there.
        case absent
        case denied
        /// Nothing, or not all of it, within the time.
        case silent
        /// The answer was cut short or too long.
        case broken
        case other
    }

    package enum Outcome: Hashable, Sendable {
        case answer(String)
        /// With a line for people.
        case failure(Failure, String)
    }

    private let path: String
    private let loop: EventLoop
    private let finish: (Outcome) -> Void
    private var descriptor: FileDescriptor?
    private var registration: EventLoop.Registration?
    private var timeout: EventLoop.TimerID?
    private var bytes: [UInt8] = []

    /// Calls `finish` once, in a later round of the loop; the question lives until then.
    package init(
        _ line: String,
        at path: String,
        on loop: EventLoop,
        waitingUpTo bound: Duration,
        then finish: @escaping (Outcome) -> Void
    ) {
        self.path = path
        self.loop = loop
        self.finish = finish
        do throws(Errno) {
            let descriptor = try UnixSocket.connect(to: path)
            // One line fits into any socket buffer.
            _ = try descriptor.send(Array((line + "\n").utf8))
            registration = try loop.watch(descriptor) { _ in self.read() }
            self.descriptor = consume descriptor
            timeout = loop.schedule(after: bound) { self.end(.failed(.timedOut, asking: self.path)) }
        } catch {
            loop.schedule(after: .zero) { self.end(.failed(error, asking: self.path)) }
        }
    }

    private func read() {
        do throws(Errno) {
            let more = try descriptor?.read(upTo: 65536) ?? []
            // The agent closes when all is said; the line end tells a whole answer from one cut short.
            if more.isEmpty { return end(whole()) }
            bytes += more
            if bytes.count > Self.longestAnswer { end(.failed(.messageTooLong, asking: path)) }
        } catch {
            if error != .wouldBlock { end(.failed(error, asking: path)) }
        }
    }

    private func whole() -> Outcome {
        guard bytes.last == UInt8(ascii: "\n") else { return .failed(.connectionReset, asking: path) }
        return .answer(String(decoding: bytes.dropLast(), as: UTF8.self))
    }

    private func end(_ outcome: Outcome) {
        if let registration { loop.ignore(registration) }
        if let timeout { loop.cancel(timeout) }
        (registration, timeout) = (nil, nil)
        descriptor = nil
        finish(outcome)
    }
}

extension ControlQuestion.Outcome {
    fileprivate static func failed(_ error: Errno, asking path: String) -> Self {
        .failure(ControlQuestion.Failure(error), ControlError(asking: path, error).description)
    }
}

extension ControlQuestion.Failure {
    fileprivate init(_ error: Errno) {
        self =
            switch error {
            case .noEntry, .connectionRefused: .absent
            case .accessDenied, .notPermitted: .denied
            case .timedOut, .wouldBlock: .silent
            case .connectionReset, .brokenPipe, .messageTooLong: .broken
            default: .other
            }
    }
}
