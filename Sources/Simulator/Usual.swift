/// How long things take while nothing goes wrong: the simulation draws from these, and what is reckoned on paper must
/// reckon with the same.
enum Usual {
    /// Of a timer.
    static let lateness: ClosedRange<Nanoseconds> = 10_000...200_000
    /// From the agent to its keeper.
    static let request: ClosedRange<Nanoseconds> = 20_000...300_000

    /// From one node to another.
    static func delay(_ least: Nanoseconds) -> ClosedRange<Nanoseconds> { least...(least + least / 2) }

    /// Until a write is durable.
    static func write(_ least: Nanoseconds) -> ClosedRange<Nanoseconds> { least...(6 * least) }

    /// Until the kernel has the address.
    static func adding(_ withdrawal: Nanoseconds) -> ClosedRange<Nanoseconds> { 30_000...(withdrawal * 15 / 100) }
}
