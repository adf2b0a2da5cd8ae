import Glibc

/// Marks the fault and sends the signal in one breath: what a second process would take to start is no part of a takeover.
///
/// With `--stop yes` all are stopped first, so that none acts on another's death.
func strike(_ options: Options) throws {
    let signals = ["TERM": SIGTERM, "KILL": SIGKILL, "STOP": SIGSTOP]
    let name = try options.required("signal")
    guard let signal = signals[name] else { throw Complaint("--signal \(name) is none of TERM, KILL, STOP") }
    let pids = try options.required("pids").split(separator: ",").map { text throws(Complaint) in
        guard let pid = pid_t(text), pid > 1 else { throw Complaint("\(text) is no process") }
        return pid
    }
    try mark(options)
    if options["stop"] != nil { for pid in pids { kill(pid, SIGSTOP) } }
    for pid in pids where kill(pid, signal) != 0 { throw Complaint("process \(pid) could not be sent \(name)") }
}
