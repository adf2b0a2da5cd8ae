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
    package static let hookAwaited = LogEvent("hook_awaited", .notice, "the VIPs wait for a hook", .history)
    package static let hookCooldown = LogEvent(
        "hook_cooldown",
        .error,
        "this node is not eligible for a while, since a hook failed",
        [.history, .counted]
    )
    package static let hookLeavesFault = LogEvent(
        "hook_leaves_fault",
        .error,
        "this node is not eligible before ToSlave has succeeded, which is run again",
        [.history, .counted]
    )
    package static let hookForgiven = LogEvent(
        "hook_forgiven",
        .notice,
        "no hook keeps this node from the VIPs any more",
        .history
    )
    package static let heldUnprepared = LogEvent(
        "held_unprepared",
        .error,
        "no other node takes the VIPs; holding them here though BeforeMaster failed",
        .history
    )
    package static let beforeSlaveLate = LogEvent(
        "before_slave_late",
        .warn,
        "BeforeSlave has not ended in time; handing over without waiting for it",
        .history
    )
    package static let beforeSlaveCutShort = LogEvent(
        "before_slave_cut_short",
        .warn,
        "told to stop once more; handing over without waiting for BeforeSlave",
        .history
    )
}
