internal import Hooks
internal import Linux

/// One of a hook's two outputs, read in lines as they come.
final class HookPipe {
    private(set) var isAtEnd = false

    private let stream: HookStream
    private let child: Child
    private let loop: EventLoop
    private let heard: (HookStream, [String]) -> Void
    private let ended: () -> Void
    private var registration: EventLoop.Registration?
    private var lines = LineSplitter()

    /// Small, since all its lines reach the log in one turn of the agent.
    private static let chunk = 1024
    /// What a pipe holds by default; at the end no more is read of one that somebody goes on writing to.
    private static let capacity = 65_536

    init(
        _ stream: HookStream,
        of child: Child,
        on loop: EventLoop,
        heard: @escaping (HookStream, [String]) -> Void,
        ended: @escaping () -> Void
    ) throws(Errno) {
        (self.stream, self.child, self.loop, self.heard, self.ended) = (stream, child, loop, heard, ended)
        try descriptor.setNonBlocking(true)
    }

    deinit { pause() }

    func listen() {
        guard registration == nil, !isAtEnd else { return }
        registration = try? loop.watch(descriptor) { [unowned self] _ in _ = read() }
        // Without memory to watch it, what it holds is still read once the program has ended.
    }

    func pause() {
        if let registration { loop.ignore(registration) }
        registration = nil
    }

    /// Reads what is there now and regards that as the end.
    func finish() {
        for _ in 0..<Self.capacity / Self.chunk where !isAtEnd { if !read() { break } }
        end()
    }

    private var descriptor: FileDescriptor {
        _read {
            switch stream {
            case .output: yield child.output
            case .errors: yield child.errors
            }
        }
    }

    /// Whether there was anything.
    private func read() -> Bool {
        do throws(Errno) {
            let bytes = try descriptor.read(upTo: Self.chunk)
            if bytes.isEmpty { end() } else { hear(lines.add(bytes)) }
            return !bytes.isEmpty
        } catch {
            if error != .wouldBlock { end() }
            return false
        }
    }

    private func end() {
        guard !isAtEnd else { return }
        isAtEnd = true
        pause()
        hear(lines.finish())
        ended()
    }

    private func hear(_ lines: [String]) { if !lines.isEmpty { heard(stream, lines) } }
}
