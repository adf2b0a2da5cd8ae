/// The configuration, at the start and when it is read again.
extension LogEvent {
    package static let configurationWarning = LogEvent("configuration_warning", .warn, "the configuration")
    package static let reloaded = LogEvent("reloaded", .notice, "the configuration was read again", .history)
    package static let reloadRefused = LogEvent(
        "reload_refused",
        .error,
        "the configuration is not followed; the agent goes on as before",
        .history
    )
    package static let reloadNotFollowed = LogEvent(
        "reload_not_followed",
        .error,
        "one of the agent's processes does not go by the configuration that it has read; the agent hands over and stops",
        .history
    )
}
