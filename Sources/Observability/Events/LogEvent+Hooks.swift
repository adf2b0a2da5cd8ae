extension LogEvent {
    package static let hookBegan = LogEvent("hook_began", .debug, "hook began")
    package static let hookOutput = LogEvent("hook_output", .info, "hook output")
    package static let hookRetried = LogEvent(
        "hook_retried",
        .warn,
        "hook failed, and is tried again",
        [.history, .counted]
    )
    package static let hookSucceeded = LogEvent("hook_succeeded", .info, "hook succeeded")
    package static let hookFailed = LogEvent("hook_failed", .error, "hook failed", .history)
    package static let hookNotNeeded = LogEvent("hook_not_needed", .debug, "hook not needed any more")
    package static let hooksDoNotEnd = LogEvent(
        "hooks_do_not_end",
        .error,
        "the hooks do not end; stopping without them",
        .history
    )
}
