internal import CLinux
internal import Glibc
internal import Time

/// The question of `UnprivilegedAnswer`, asked while a loop goes on: what the child reads may hang on a disk or a resolver.
package final class AwaitedAnswer {
    private let loop: EventLoop
    private let limit: Int
    private let child: Pidfd
    private let end: FileDescriptor
    private var handler: (([UInt8]?) -> Void)?
    private var bytes: [UInt8] = []
    private var registration: EventLoop.Registration?
    private var exit: EventLoop.Registration?
    private var timer: EventLoop.TimerID?

    /// Forks the child and calls `handler` once with what `body` answers there: nil where it has no answer, dies, says
    /// more than `limit` bytes, or takes longer than `bound`.
    package init(
        limit: Int,
        within bound: Duration,
        on loop: EventLoop,
        _ body: () -> [UInt8]?,
        _ handler: @escaping ([UInt8]?) -> Void
    ) throws(Errno) {
        (self.loop, self.limit, self.handler) = (loop, limit, handler)
        let pipe = try DescriptorPair.pipe()
        let pid = try retrying { fork() }
        if pid == 0 { UnprivilegedAnswer.answer(body, through: pipe.second) }
        let writing = pipe.second.release()
        _ = Glibc.close(writing)
        end = pipe.first
        child = try Pidfd(ofNew: pid)
        try end.setNonBlocking(true)
        registration = try loop.watch(end) { [unowned self] _ in _ = read() }
        // Keeps this value until the child has ended, whoever has forgotten the question by then: no zombie is left.
        exit = try loop.watch(child.descriptor) { [self] _ in bury() }
        timer = loop.schedule(after: bound) { [weak self] in self?.giveUp() }
    }

    /// Whether the child has ended. One that a disk holds outlives the end of our patience.
    package var isOver: Bool { child.isReaped }

    /// Nobody waits for the answer any more.
    package func cancel() {
        handler = nil
        giveUp()
    }

    /// Whether there may be more at once.
    private func read() -> Bool {
        do throws(Errno) {
            let more = try end.read(upTo: 65_536)
            bytes += more
            if more.isEmpty { stopReading() } else if bytes.count > limit { giveUp() }
            return registration != nil
        } catch {
            if error != .wouldBlock { giveUp() }
            return false
        }
    }

    private func giveUp() {
        stopReading()
        try? child.send(.kill)
        settle(nil)
    }

    private func bury() {
        guard let status = try? child.reap() else { return }
        if let exit { loop.ignore(exit) }
        exit = nil
        // What it wrote last may still be in the pipe.
        if registration != nil { while read() {} }
        settle(status.isSuccess ? bytes : nil)
    }

    private func stopReading() {
        if let registration { loop.ignore(registration) }
        registration = nil
    }

    private func settle(_ answer: [UInt8]?) {
        if let timer { loop.cancel(timer) }
        timer = nil
        stopReading()
        guard let handler else { return }
        self.handler = nil
        handler(answer)
    }
}
