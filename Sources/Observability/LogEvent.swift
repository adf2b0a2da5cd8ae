/// One kind of line: what it says, how much it matters, and an id that never changes.
///
/// Scripts and alerts look for ids, so an id outlives every wording; one that is not needed any more is not used for
/// something else. The events stand in `Events/`, by area, and each is explained in `Observability.docc/Events.md`: a
/// test compares the two.
package struct LogEvent: Sendable {
    /// What else is done with lines of a kind.
    package struct Traits: OptionSet, Sendable {
        package let rawValue: UInt8

        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// A change that tells, a year later, what happened that night: it is kept in the history, whatever the level of
        /// the log.
        package static let history = Traits(rawValue: 1)
        /// Strangers, or a fault that stays, can cause any number of them: the same facts are printed once a minute, and
        /// counted meanwhile.
        package static let counted = Traits(rawValue: 2)
        /// What comes and goes, where the last word matters as well as the first: some a minute are printed, and the rest
        /// counted.
        package static let paced = Traits(rawValue: 4)
    }

    /// In small letters, with underscores.
    package let id: StaticString
    package let level: LogLevel
    package let message: StaticString
    package let traits: Traits

    package init(_ id: StaticString, _ level: LogLevel, _ message: StaticString, _ traits: Traits = []) {
        self.id = id
        self.level = level
        self.message = message
        self.traits = traits
    }
}

extension LogEvent {
    /// How many lines of the same facts are printed within a minute; nil for all.
    var allowance: Int? {
        traits.contains(.counted) ? 1 : traits.contains(.paced) ? 6 : nil
    }
}

extension LogEvent: Equatable {
    package static func == (a: LogEvent, b: LogEvent) -> Bool { a.id.description == b.id.description }
}
