package import Linux

/// The agent's side of the log writer. Never blocks: a line that the writer has no room for is refused, and its caller
/// counts it.
package final class LogLink {
    package enum Event: Hashable, Sendable {
        /// Lines are being lost, and why.
        case failing(String)
        /// Lines are written again; so many were lost.
        case recovered(lost: Int)
        /// There is room again after a line was refused: the time to say how many were.
        case drained
        case gone
    }

    private let writer: HelperProcess
    private let handler: (Event) -> Void
    private var channel: MessageChannel?

    /// Lines that wait beyond the kernel's queue. Whoever has many to write looks at `isBackedUp` in between.
    private static let capacity = 512

    package init(
        _ writer: HelperProcess,
        on loop: EventLoop,
        _ handler: @escaping (Event) -> Void
    ) throws(Errno) {
        self.writer = writer
        self.handler = handler
        channel = try MessageChannel(writer.socket, on: loop, capacity: Self.capacity) { [unowned self] in hear($0) }
        channel?.whenDrained = { handler(.drained) }
    }

    package var pid: Int32 { writer.pid }

    /// Whether the writer is behind, and lines wait.
    package var isBackedUp: Bool { channel?.isBackedUp ?? false }

    /// Hands over one line, its newline included. False where it was dropped.
    package func write(_ line: [UInt8]) -> Bool {
        guard line.count <= LogWriter.longestLine else { return false }
        return channel?.send([LogRequest.line] + line) ?? false
    }

    /// Closes the file and opens what now has its name.
    package func reopen() { _ = channel?.send([LogRequest.reopen]) }

    /// Lines that follow go to that file; nil for standard error.
    package func move(to path: String?) { _ = channel?.send([LogRequest.move] + Array((path ?? "").utf8)) }

    /// Lets the writer finish what it has and end; how it ended, or nil after `bound`.
    package func stop(waitingUpTo bound: Duration) -> ExitStatus? {
        channel?.flush(upTo: bound)
        channel = nil
        try? writer.socket.shutDown()
        return try? writer.wait(upTo: bound)
    }

    private func hear(_ event: MessageChannel.Event) {
        guard case .message(let bytes) = event else { return handler(.gone) }
        switch try? LogAnswer(unsafe bytes.span.bytes) {
        case .failing(let text): handler(.failing(text))
        case .recovered(let lost): handler(.recovered(lost: lost))
        case nil: break
        }
    }
}
