internal import Linux

/// Where log lines are appended: a file or standard error.
///
/// A file that was renamed or removed under us (logrotate) is noticed at the next line and made anew.
final class LogFile {
    private var path: String?
    /// Says on standard error what the file cannot.
    private let complain: (String) -> Void
    private var file: AppendFile?
    private var lost = 0
    /// A full disk has cut the last line: the next one begins on a line of its own.
    private var endsWithinLine = false

    /// How long a line may wait for room on a standard error that somebody made non-blocking.
    private static let patience: Duration = .seconds(1)

    init(_ path: String?, complain: @escaping (String) -> Void = { _ in }) {
        self.path = path
        self.complain = complain
    }

    /// Appends one line, its newline included.
    func write(_ line: [UInt8]) -> [LogAnswer] {
        do throws(Errno) {
            try openIfMoved()
            try append(endsWithinLine ? [UInt8(ascii: "\n")] + line : line)
        } catch {
            lost += 1
            guard lost == 1 else { return [] }
            return fail("log lines are lost: cannot write \(name): \(error)", error)
        }
        guard lost > 0 else { return [] }
        defer { lost = 0 }
        if path != nil { complain("\(name) is written again; \(lost) log lines were lost") }
        return [.recovered(lost: lost)]
    }

    func reopen() -> [LogAnswer] {
        guard let path else { return [] }
        do throws(Errno) {
            file = try AppendFile(path: path)
            return []
        } catch {
            // The earlier file stays: better a line in a renamed file than none.
            return fail("cannot open \(name) anew: \(error)", error)
        }
    }

    /// Lines that follow go to another file. Where it cannot be opened they are lost, and said to be, until it can.
    func move(to path: String?) -> [LogAnswer] {
        self.path = path
        file = nil
        endsWithinLine = false
        return []
    }

    private func fail(_ words: String, _ error: Errno) -> [LogAnswer] {
        // What standard error itself does not take is told by nobody but the agent's count.
        if path != nil { complain(words) }
        return [.failing("\(error)")]
    }

    private var name: String { path ?? "standard error" }

    private func openIfMoved() throws(Errno) {
        guard let path else {
            if file == nil { file = try .standardError() }
            return
        }
        if file?.isNamed(path) != true { file = try AppendFile(path: path) }
    }

    private func append(_ bytes: [UInt8]) throws(Errno) {
        var rest = bytes[...]
        while !rest.isEmpty {
            guard let written = try file?.append(rest, patience: Self.patience) else { return }
            rest = rest.dropFirst(written)
            endsWithinLine = !rest.isEmpty
        }
    }
}
