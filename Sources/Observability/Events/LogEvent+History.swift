/// The history itself.
extension LogEvent {
    package static let historyRepaired = LogEvent(
        "history_repaired",
        .warn,
        "some of the history was damaged and is left out"
    )
    package static let historyUnreadable = LogEvent(
        "history_unreadable",
        .warn,
        "the history of earlier runs cannot be read"
    )
    package static let historyLost = LogEvent(
        "history_lost",
        .warn,
        "what happened could not be written to the history",
        .counted
    )
}
