/// The process, its helpers and its log.
extension LogEvent {
    package static let started = LogEvent("started", .notice, "started", .history)
    package static let stopping = LogEvent("stopping", .notice, "stopping", .history)
    package static let stoppingAtOnce = LogEvent("stopping_at_once", .warn, "stopping at once", .history)
    package static let stopped = LogEvent("stopped", .notice, "stopped", .history)
    package static let stoppedByFault = LogEvent("stopped_by_fault", .error, "stopped", .history)
    package static let runsAsRoot = LogEvent(
        "runs_as_root",
        .warn,
        "running as root; an ordinary user with the two file capabilities is enough"
    )
    package static let realtimeLimited = LogEvent("realtime_limited", .warn, "realtime is not allowed in full")
    package static let stateUnwritable = LogEvent(
        "state_unwritable",
        .error,
        "the state cannot be written any more; giving up",
        .history
    )
    package static let runnerLost = LogEvent(
        "runner_lost",
        .error,
        "the runner is lost; giving up, since no hook would be run",
        .history
    )
    package static let commandDone = LogEvent("command_done", .notice, "command", [.history, .paced])
    package static let commandRefused = LogEvent("command_refused", .info, "command refused", .counted)
    /// The logger's own words.
    package static let linesDropped = LogEvent("log_lines_dropped", .warn, "log lines dropped")
    package static let linesLost = LogEvent("log_lines_lost", .warn, "log lines were lost", .counted)
    package static let repeated = LogEvent("repeated", .warn, "more of the same, not printed")
}
