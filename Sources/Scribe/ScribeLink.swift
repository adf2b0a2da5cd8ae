package import Linux
internal import Net

/// The agent's side of the scribe: hands over records in order, and hears when each is durable.
package final class ScribeLink {
    package enum Event: Hashable, Sendable {
        /// The record of this number, and every one before it, survives a power loss.
        case persisted(number: UInt64, syncTime: Duration)
        /// Lines of the history are written, but for so many; the next may come.
        case noted(lost: Int, reason: String)
        /// Nothing more will be persisted: step down and exit.
        case failed(String)
    }

    /// Requests that wait for the scribe beyond the kernel's queue. A disk that far behind is a disk that is lost.
    package static let capacity = 1024

    private let scribe: HelperProcess
    private let loop: EventLoop
    private let handler: (Event) -> Void
    private var channel: MessageChannel?
    private var hasFailed = false

    package init(
        _ scribe: HelperProcess,
        on loop: EventLoop,
        _ handler: @escaping (Event) -> Void
    ) throws(Errno) {
        self.scribe = scribe
        self.loop = loop
        self.handler = handler
        channel = try MessageChannel(scribe.socket, on: loop, capacity: Self.capacity) { [unowned self] in hear($0) }
    }

    package var pid: Int32 { scribe.pid }

    /// Asks for `record` to be made durable; answered by `persisted` with its number, in order.
    ///
    /// Never dropped: where it cannot even be queued, `failed` comes from the loop.
    package func persist(_ record: [UInt8], number: UInt64) {
        guard record.count <= Scribe.largestRecord else {
            return failSoon("a record of \(record.count) bytes; the scribe takes \(Scribe.largestRecord)")
        }
        var request: [UInt8] = []
        request.reserveCapacity(record.count + 8)
        request.append(bigEndian: number)
        request += record
        if channel?.send(request) == true { return }
        failSoon("the scribe has not finished \(Self.capacity) records; the disk does not answer")
    }

    /// Hands over whole lines of the history, which the scribe appends when nothing of the election waits; answered by
    /// `noted`. One at a time, so that a slow disk does not fill the queue that votes wait in. False: they are not taken.
    package func note(_ lines: [UInt8]) -> Bool {
        guard lines.count <= Scribe.largestRecord else { return false }
        var request: [UInt8] = []
        request.reserveCapacity(lines.count + 8)
        request.append(bigEndian: ScribeAnswer.history)
        request += lines
        return channel?.send(request) ?? false
    }

    /// Lets the scribe finish what it has and end; how it ended, or nil after `bound`.
    package func stop(waitingUpTo bound: Duration) -> ExitStatus? {
        channel = nil
        try? scribe.socket.shutDown()
        return try? scribe.wait(upTo: bound)
    }

    private func hear(_ event: MessageChannel.Event) {
        switch event {
        case .gone: fail("the scribe is gone: \(ending)")
        case .message(let bytes):
            switch try? ScribeAnswer(unsafe bytes.span.bytes) {
            case .persisted(let number, let syncTime):
                if !hasFailed { handler(.persisted(number: number, syncTime: syncTime)) }
            case .noted(let lost, let reason): handler(.noted(lost: lost, reason: reason))
            case .failed(let text): fail(text)
            case nil: fail("the scribe sent an answer that is none")
            }
        }
    }

    private var ending: String {
        guard let status = try? scribe.wait(upTo: .milliseconds(100)) else { return "it closed its socket" }
        return "\(status)"
    }

    /// From the loop, not from within the caller's `persist`.
    private func failSoon(_ text: String) {
        loop.schedule(after: .zero) { [weak self] in self?.fail(text) }
    }

    private func fail(_ text: String) {
        guard !hasFailed else { return }
        hasFailed = true
        handler(.failed(text))
    }
}
