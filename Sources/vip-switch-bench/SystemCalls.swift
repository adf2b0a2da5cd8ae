/// The system calls of a few processes, as the kernel's `raw_syscalls` events show them: nothing is stopped for that, as
/// strace(1) would, so the times are those of an undisturbed run.
struct SystemCalls {
    struct Process: Hashable {
        let pid: Int
        let node: String
        /// `agent`, `keeper`, `scribe` …
        let name: String
    }

    struct Call {
        let process: Process
        let number: Int
        /// Nanoseconds of CLOCK_BOOTTIME; the kernel writes microseconds.
        let begin: Int64
        let end: Int64
        let result: Int
    }

    /// Of x86-64.
    enum Number {
        static let sendto = 44
        static let recvfrom = 45
        static let fdatasync = 75
        static let epollWait = 232
        static let sendmmsg = 307
    }

    private(set) var calls: [Call] = []

    /// - Parameters:
    ///   - trace: The text of `/sys/kernel/tracing/trace`, with `trace_clock` set to `boot`.
    ///   - processes: One a line: `PID NODE NAME`.
    init(trace: String, processes: String) throws {
        let known = try Self.processes(processes)
        var begun: [Int: (number: Int, at: Int64)] = [:]
        for line in trace.split(separator: "\n") where !line.hasPrefix("#") {
            guard let event = TraceLine(line), let process = known[event.pid] else { continue }
            if let result = event.result {
                guard let begin = begun.removeValue(forKey: event.pid), begin.number == event.number else { continue }
                calls.append(
                    Call(process: process, number: event.number, begin: begin.at, end: event.at, result: result)
                )
            } else {
                begun[event.pid] = (event.number, event.at)
            }
        }
        calls.sort { $0.begin < $1.begin }
    }

    private static func processes(_ text: String) throws -> [Int: Process] {
        var known: [Int: Process] = [:]
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count == 3, let pid = Int(words[0]) else { throw Complaint("no process: \(line)") }
            known[pid] = Process(pid: pid, node: String(words[1]), name: String(words[2]))
        }
        return known
    }
}

/// `NAME-PID [CPU] FLAGS SECONDS: sys_enter: NR 44 (…)`, or `… sys_exit: NR 44 = 179`.
private struct TraceLine {
    let pid: Int
    let at: Int64
    let number: Int
    let result: Int?

    init?(_ line: Substring) {
        let words = line.split(separator: " ")
        guard let place = words.firstIndex(of: "NR"), place >= 5, words.count > place + 1,
            let pid = words[place - 5].split(separator: "-").last.flatMap({ Int($0) }),
            let at = Self.nanoseconds(words[place - 2]), let number = Int(words[place + 1])
        else { return nil }
        self.pid = pid
        self.at = at
        self.number = number
        guard words[place - 1] == "sys_exit:" else {
            result = nil
            return
        }
        guard words.count > place + 3, let value = Int(words[place + 3]) else { return nil }
        result = value
    }

    /// Of `12324.412872:`.
    private static func nanoseconds(_ word: Substring) -> Int64? {
        let parts = word.dropLast().split(separator: ".")
        guard parts.count == 2, parts[1].count == 6, let seconds = Int64(parts[0]), let rest = Int64(parts[1]) else {
            return nil
        }
        return (seconds * 1_000_000 + rest) * 1_000
    }
}
