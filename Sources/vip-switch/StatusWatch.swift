import Agent
import Linux

/// Shows the status anew every second. On a terminal in place, elsewhere one behind the other.
///
/// An agent that stops is no reason to end: it says so, and goes on trying.
final class StatusWatch {
    private static let interval: Duration = .seconds(1)
    private static let clearScreen = "\u{1b}[2J"
    private static let hideCursor = "\u{1b}[?25l"
    private static let showCursor = "\u{1b}[?25h"
    private static let home = "\u{1b}[H"
    /// What was there before, to the end of the line, and below.
    private static let eraseLine = "\u{1b}[K"
    private static let eraseBelow = "\u{1b}[J"

    private let source: StatusSource
    private let isTerminal = StandardStream.output.isTerminal
    private var isFirst = true
    private var failure: ExitCode?

    init(_ source: StatusSource) { self.source = source }

    func run() -> ExitCode {
        do throws(Errno) {
            let loop = try EventLoop()
            let signals = try Signals(on: loop) { signal in
                if signal == .interrupt || signal == .terminate || signal == .hangup { loop.stop() }
            }
            if isTerminal { show(Self.hideCursor + Self.clearScreen) }
            // Whatever ends it, the cursor is seen again.
            defer { if isTerminal { show(Self.showCursor) } }
            tick(on: loop)
            try withExtendedLifetime(signals) { () throws(Errno) in try loop.run() }
            return failure ?? .success
        } catch {
            return fail("cannot watch: \(error)")
        }
    }

    private func tick(on loop: EventLoop) {
        draw(frame())
        if failure != nil { return loop.stop() }
        loop.schedule(after: Self.interval) { [self] in tick(on: loop) }
    }

    private func frame() -> String {
        do throws(CommandFailure) {
            return source.text(try source.report())
        } catch {
            return "\(error.text)\nTrying again every second; interrupt to end.\n"
        }
    }

    private func draw(_ text: String) {
        guard isTerminal else {
            show((isFirst ? "" : "\n") + text)
            isFirst = false
            return
        }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { $0 + Self.eraseLine }
        show(Self.home + lines.joined(separator: "\n") + Self.eraseBelow)
    }

    /// Where nobody reads any more, there is nothing left to do.
    private func show(_ text: String) {
        do { try StandardStream.output.write(text) } catch { failure = .failure }
    }
}
