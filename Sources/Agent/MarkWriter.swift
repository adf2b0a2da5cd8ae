import Linux

/// Writes or removes one small file for good, beside the loop: by a process of its own that ends with it, since a disk may
/// hang for as long as it likes.
final class MarkWriter {
    private let helper: HelperProcess
    private let loop: EventLoop
    private let completion: (String?) -> Void
    private var registration: EventLoop.Registration?

    /// - Parameters:
    ///   - text: The line in the file; nil: there shall be none.
    ///   - completion: Called once, from the loop, with the reason where it failed.
    init(
        _ path: String,
        _ text: String?,
        on loop: EventLoop,
        completion: @escaping (String?) -> Void
    ) throws(Errno) {
        self.loop = loop
        self.completion = completion
        helper = try HelperProcess.start(name: "vip-mark") { _ in
            do throws(Errno) {
                if let text {
                    try DurableFile.replace(path, with: Array("\(text)\n".utf8))
                } else {
                    try DurableFile.remove(path)
                }
            } catch {
                HelperProcess.end(error.rawValue)
            }
            HelperProcess.end()
        }
        registration = try loop.watch(helper.exitDescriptor) { [unowned self] _ in reap() }
    }

    deinit {
        if let registration { loop.ignore(registration) }
    }

    /// How it went is the exit status: 0, or the error's number.
    private func reap() {
        guard let status = try? helper.reap() else { return }
        if let registration { loop.ignore(registration) }
        registration = nil
        switch status {
        case .exited(0): completion(nil)
        case .exited(let code): completion("\(Errno(code))")
        case .killed: completion("the process that writes it was killed")
        }
    }
}
