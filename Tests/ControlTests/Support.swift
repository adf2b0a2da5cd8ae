import Foundation
import Linux

/// A folder that goes with the test.
final class TemporaryFolder {
    let path: String

    init() {
        path = FileManager.default.temporaryDirectory.appending(path: "control-\(getpid())-\(UUID().uuidString)").path
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { "\(path)/\(name)" }
}

/// Runs the loop on this thread until the work on another thread is done, and returns what that found.
func whileRunning<Result: Sendable>(_ loop: EventLoop, _ work: @escaping @Sendable () -> Result) throws -> Result? {
    let box = Box<Result>()
    Thread { box.value = work() }.start()
    for _ in 0..<2000 where box.value == nil { try loop.runFor(milliseconds: 5) }
    return box.value
}

final class Box<Value: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var stored: Value?

    var value: Value? {
        get { lock.withLock { stored } }
        set { lock.withLock { stored = newValue } }
    }
}

extension EventLoop {
    /// Handles what happens within that time.
    func runFor(milliseconds: Int) throws {
        schedule(after: .milliseconds(milliseconds)) { [weak self] in self?.stop() }
        try run()
    }
}
